"""The gateway's paths: webhooks, the page's API, administration, health."""
