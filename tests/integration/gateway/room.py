"""The gateway room as its users start it: a process of its own, on a free port."""

import os
import subprocess
import sys
from pathlib import Path

import httpx

from tests.payloads import SLACK_SECRET, SLACK_TOKEN, TELEGRAM_SECRET, TELEGRAM_TOKEN
from tests.redis_process import free_port
from tests.waiting import until

ADMIN_TOKEN = "admin-for-tests"
INTERNAL_TOKEN = "token-for-tests"


class GatewayRoom:
    """`python -m services.gateway` with every channel on; variables change its settings."""

    def __init__(self, folder: Path, redis_url: str, **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.client = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        self._process: subprocess.Popen[bytes] | None = None
        self._variables = {
            "GATEWAY_PORT": str(self.port),
            "REDIS_URL": redis_url,
            "SECRETS_DIR": str(folder / "secrets"),
            "INTERNAL_TOKEN": INTERNAL_TOKEN,
            "ADMIN_TOKEN": ADMIN_TOKEN,
            "TELEGRAM_API_URL": f"http://127.0.0.1:{free_port()}",
            "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
            "TELEGRAM_WEBHOOK_SECRET": TELEGRAM_SECRET,
            "SLACK_BOT_TOKEN": SLACK_TOKEN,
            "SLACK_SIGNING_SECRET": SLACK_SECRET,
        } | variables

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything that it said so far."""
        return (self.folder / "log").read_text("utf-8")

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            command = [sys.executable, "-m", "services.gateway"]
            self._process = subprocess.Popen(command, stderr=log, env=os.environ | self._variables)
        until(self.ready, "the gateway is ready", timeout_s=60)

    def ready(self) -> bool:
        """Whether it says that it can take messages in."""
        assert self._process
        assert self._process.poll() is None, self.log
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self, timeout_s: float = 20) -> int:
        """SIGTERM; gives the exit code."""
        assert self._process
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(timeout_s)

    def close(self) -> None:
        """Stop it, if it is not stopped."""
        try:
            self.stop()
        finally:
            if self._process and self._process.poll() is None:
                self._process.kill()
            self.client.close()
