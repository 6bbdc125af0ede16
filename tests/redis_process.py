"""A real redis-server that a test may kill and start again on the same files."""

import os
import random
import signal
import socket
import subprocess
from pathlib import Path

import redis as redis_py

from deploy.redis_server import command, redis_binary
from tests.waiting import until

_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PORTS = range(15_000 + _WORKER, 32_000, _WORKERS)
"""Below those that the kernel gives to outgoing connections: it may give one of those away at any time.
Test processes that run beside this one have others."""
_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on, and that no other caller was given, in this process or one beside it."""
    while True:
        port = random.choice(_PORTS)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class RedisProcess:
    """One redis-server with the product's own flags."""

    def __init__(self, folder: Path, maxmemory: str = "256mb", binary: str = "") -> None:
        self.folder = folder
        self.binary = binary or redis_binary()
        self.maxmemory = maxmemory
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}
        """Variables besides our own."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.launch()
        until(self.answers, "redis-server answers")

    def launch(self) -> None:
        """Start it without waiting: it may end at once, where its disk is full."""
        arguments = command(self.binary, self.folder, self.port, self.maxmemory)
        self.process = subprocess.Popen(
            arguments,
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def answers(self) -> bool:
        """Whether it takes commands."""
        with redis_py.Redis(port=self.port, socket_timeout=5) as client:
            try:
                return bool(client.ping())
            except redis_py.RedisError:
                return False

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
