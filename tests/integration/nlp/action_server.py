"""The real package rasa-sdk as an action server, from a venv of its own."""

import os
import subprocess
from pathlib import Path

import httpx

from tests.redis_process import free_port
from tests.waiting import until

PYTHON = Path(__file__).parents[3] / "var" / "test" / "actions-venv" / "bin" / "python"


class ActionServer:
    """`python -m rasa_sdk` on the actions.py of a folder, on a port of this machine."""

    def __init__(self, folder: Path) -> None:
        assert PYTHON.is_file(), f"{PYTHON} is not there: `make test` makes it (python -m deploy.test_setup)"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/webhook"
        self._log = folder / "server.log"
        command = [str(PYTHON), "-m", "rasa_sdk", "--actions", "actions", "-p", str(self.port)]
        # The real server's telemetry and plugins stay off: nothing but this port is spoken to.
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "SANIC_HOST": "127.0.0.1"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)

    def start(self) -> None:
        """Wait until it answers."""
        until(self._answers, "the action server answers", timeout_s=60)

    def stop(self) -> None:
        """End it, and its workers with it."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False
