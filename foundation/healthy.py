"""Answers whether a room does its work: by its /readyz, or by the age of its heartbeat."""

import sys
import time
import urllib.request
from pathlib import Path

HEARTBEAT_MAX_AGE_S = 15.0
"""Sweeps renew the heartbeat every 2 s; a busy machine may delay some."""


def answers(url: str, timeout_s: float = 3) -> bool:
    """Whether a GET is answered with 200."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # our own rooms need no proxy
    try:
        with direct.open(url, timeout=timeout_s) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def beats(file: Path, max_age_s: float = HEARTBEAT_MAX_AGE_S) -> bool:
    """Whether the file was touched lately."""
    try:
        return time.time() - file.stat().st_mtime < max_age_s
    except FileNotFoundError:
        return False


def main(target: str) -> int:
    """The exit code for a container's health check: 0 is healthy."""
    return 0 if (answers(target) if target.startswith("http://") else beats(Path(target))) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
