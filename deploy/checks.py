"""What has to hold before `make run` starts anything; each failure says what to do."""

import fcntl
import socket
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import redis

from deploy.redis_server import redis_version

REDIS_PORT = 6380
"""Beside the usual port, which a Redis of the machine's own may have."""


class CannotRun(Exception):
    """Something has to be mended first; the text says what, and how."""


def lock(var: Path) -> IO[str]:
    """Keeps a second `make run` out of the folder as long as the file stays open."""
    file = (var / "run" / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise CannotRun(
            f"it is running already (in {var}): stop that one, or give this one a folder and a port of "
            "its own (SWITCHBOARD_VAR, GATEWAY_PORT, NLP_PORT, FACE_PORT)"
        ) from None
    return file


def check_redis_files(folder: Path, binary: str) -> None:
    """Refuse to let an older Redis loose on the files of a newer one; remember who writes them."""
    stamp, present = folder / "VERSION", redis_version(binary)
    if stamp.is_file():
        wrote = tuple(int(part) for part in stamp.read_text("utf-8").split("."))
        if present < wrote:
            raise CannotRun(
                f"the data in {folder} was written by Redis {_dotted(wrote)}, which {binary} cannot read "
                f"(it is {_dotted(present)}): install Redis {_dotted(wrote)} or newer (apt-get install "
                "redis-server), or set REDIS_URL to one. To begin without that data, move the folder away"
            )
    stamp.write_text(_dotted(present) + "\n", "utf-8")


def check_port(host: str, port: int, setting: str) -> None:
    """Refuse a port that something listens on, and name the setting that moves ours."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotRun(
                f"{host}:{port} cannot be listened on ({error.strerror}): end what uses it, or set "
                f"{setting} in .env to another port"
            ) from None


def check_redis_url(url: str) -> None:
    """Refuse a REDIS_URL that does not answer."""
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
    except ValueError:
        raise CannotRun("REDIS_URL is no address of a Redis: redis://[:password@]host:6379/0") from None
    try:
        with client:
            client.ping()
    except redis.RedisError as error:
        place = urlsplit(url)  # never the whole address: it may hold a password
        raise CannotRun(
            f"REDIS_URL: the Redis at {place.hostname}:{place.port or 6379} does not answer "
            f"({type(error).__name__}): start it, or unset REDIS_URL and `make run` starts its own"
        ) from None


def free_redis_port() -> int:
    """The usual port of ours if it is free, else any."""
    for port in (REDIS_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CannotRun("no free port is left on 127.0.0.1")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
