"""Which addresses are Slack's own."""

from urllib.parse import urlsplit

HOSTS = ("slack.com", "slack-gov.com")


def is_slacks(url: str, api_url: str) -> bool:
    """Whether the address is on Slack's hosts, by https, or where the API is: a token may go there."""
    place, api = urlsplit(url), urlsplit(api_url)
    if place.netloc == api.netloc:
        return place.scheme == api.scheme
    host = f".{place.hostname or ''}"
    return place.scheme == "https" and host.endswith(tuple(f".{one}" for one in HOSTS))
