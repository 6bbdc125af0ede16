"""Serves a room's app over HTTP until SIGTERM or SIGINT."""

import resource

import uvicorn

from foundation import log
from foundation.deadlines import DeadlineProtocol
from foundation.http import ASGIApp

HEADERS = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer")]
"""On every answer of every room."""
MOST_FILES = 65_536
SHARE = 0.8
"""Of the files that a process may open: connections beyond it are told to come again, and the rest is
left for Redis, for the other rooms and for the disk."""


def serve(
    app: ASGIApp, room: str, log_level: str, host: str, port: int, grace_s: int, proxies: str = ""
) -> None:
    """Serve; open requests may finish within the grace after a signal.

    `proxies`: addresses and networks, with commas between, whose X-Forwarded-For is believed; *: anybody's.
    """
    log.configure(room, log_level)
    uvicorn.run(
        app,
        host=host,
        port=port,
        http=DeadlineProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        headers=HEADERS,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        limit_concurrency=int(open_files() * SHARE),
        timeout_graceful_shutdown=grace_s,
    )


def open_files() -> int:
    """How many files this process may open: as many as it is let, up to MOST_FILES."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return wanted if soft == resource.RLIM_INFINITY else soft
