"""A bot's own actions: Python classes in its folder, or a remote action server."""
