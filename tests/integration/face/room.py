"""The face room as its users start it: a process of its own, on a free port."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil

from tests.redis_process import free_port
from tests.waiting import until

TOKEN = "token-for-tests"


class FaceRoom:
    """`python -m services.face` on a folder; may be killed and started again."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.client = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30, trust_env=False
        )
        self._variables = variables
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Everything that it said so far."""
        return (self.folder / "log").read_text("utf-8")

    def start(self) -> None:
        variables = {
            "FACE_PORT": str(self.port),
            "FACE_DATA_DIR": str(self.folder / "face"),
            "FACE_PROCESSES": "1",
            "SECRETS_DIR": str(self.folder / "secrets"),
            "INTERNAL_TOKEN": TOKEN,
        }
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.face"],
                stderr=log,
                env=os.environ | variables | self._variables,
            )
        until(self.ready, "the face room is ready", timeout_s=60)

    def ready(self) -> bool:
        """Whether it says that it can work."""
        assert self._process
        assert self._process.poll() is None, self.log
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def workers(self) -> list[psutil.Process]:
        """The processes of its pool."""
        assert self._process
        children = psutil.Process(self._process.pid).children()
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        assert self._process
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait(20)

    def close(self) -> None:
        """Stop it, if it is not stopped."""
        self.stop()
        self.client.close()
