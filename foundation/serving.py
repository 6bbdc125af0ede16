"""Serves a room's app over HTTP until SIGTERM or SIGINT."""

import uvicorn

from foundation import log
from foundation.http import ASGIApp


def serve(app: ASGIApp, room: str, log_level: str, host: str, port: int, grace_s: int) -> None:
    """Serve; open requests may finish within the grace after a signal."""
    log.configure(room, log_level)
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=grace_s,
    )
