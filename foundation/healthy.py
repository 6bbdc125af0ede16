"""Answers whether a room does its work: by its /readyz, or by the age of its heartbeat."""

import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HEARTBEAT_MAX_AGE_S = 15.0
"""Sweeps renew the heartbeat every 2 s; a busy machine may delay some."""


def lack_of(url: str, timeout_s: float = 3) -> str:
    """What the room says is missing; "" where it is ready."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # our own rooms need no proxy
    try:
        with direct.open(url, timeout=timeout_s):
            return ""
    except urllib.error.HTTPError as refusal:
        return _told(refusal.read()) or f"status {refusal.code}"
    except OSError as error:
        return f"{url} does not answer ({type(error).__name__})"


def _told(body: bytes) -> str:
    """The title and the detail of a Problem."""
    try:
        problem = json.loads(body)
        return ": ".join(filter(None, (problem["title"], problem["detail"])))
    except (ValueError, KeyError, TypeError):
        return ""


def beats(file: Path, max_age_s: float = HEARTBEAT_MAX_AGE_S) -> bool:
    """Whether the file was touched lately."""
    try:
        return time.time() - file.stat().st_mtime < max_age_s
    except FileNotFoundError:
        return False


def main(target: str) -> int:
    """The exit code for a container's health check, which keeps what is said here: 0 is healthy."""
    if target.startswith("http://"):
        lack = lack_of(target)
    else:
        lack = "" if beats(Path(target)) else f"no sweep over due conversations in {HEARTBEAT_MAX_AGE_S:g} s"
    if lack:
        sys.stdout.write(f"{lack}\n")
    return int(bool(lack))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
