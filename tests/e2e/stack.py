"""The whole product as real processes on loopback, for tests that use it as people and platforms do."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.redis_process import RedisProcess, free_port
from tests.started import Started
from tests.waiting import until

ROOMS = ("nlp", "face", "worker", "gateway")
READY_S = 90


class Room:
    """One process of ours; what it says goes into one log file, across its lives."""

    def __init__(self, name: str, module: str, environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self.module = module
        self.environment = environment
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.began_at = 0.0

    def start(self) -> None:
        self.began_at = time.time()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module], env=self.environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait(self) -> None:
        if self.process:
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    def is_ready(self) -> bool:
        assert self.process
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended: {self.log.read_text()[-3000:]}")
        if heartbeat := self.environment.get("WORKER_HEARTBEAT_FILE"):
            path = Path(heartbeat)
            return path.exists() and path.stat().st_mtime > self.began_at
        port = self.environment[f"{self.name.upper()}_PORT"]
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False


class Stack(Started):
    """Redis and the four rooms. `settings` go to every room, as `.env` would."""

    def __init__(self, folder: Path, settings: dict[str, str] | None = None, workers: int = 1) -> None:
        self.folder = folder
        (folder / "redis").mkdir(parents=True)
        self.redis = RedisProcess(folder / "redis")
        ports = {room: free_port() for room in ("gateway", "nlp", "face")}
        self.url = f"http://127.0.0.1:{ports['gateway']}"
        self.face_url = f"http://127.0.0.1:{ports['face']}"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PYTHONUNBUFFERED": "1",
            "REDIS_URL": self.redis.url,
            "NLP_MODEL_FOR": "*",
            "GATEWAY_PORT": str(ports["gateway"]),
            "NLP_PORT": str(ports["nlp"]),
            "FACE_PORT": str(ports["face"]),
            "NLP_URL": f"http://127.0.0.1:{ports['nlp']}",
            "FACE_URL": self.face_url,
            "SECRETS_DIR": str(folder / "secrets"),
            "NLP_MODELS_DIR": str(folder / "models"),
            "FACE_DATA_DIR": str(folder / "face"),
            "FACE_PROCESSES": "1",
            **(settings or {}),
        }
        self.rooms = {name: self._room(name) for name in ("nlp", "face", "gateway")}
        for number in range(1, workers + 1):
            heartbeat = {"WORKER_HEARTBEAT_FILE": str(folder / f"worker{number}.heartbeat")}
            self.rooms[f"worker{number}"] = self._room(f"worker{number}", "worker", heartbeat)

    def __getitem__(self, name: str) -> Room:
        return self.rooms[name]

    @property
    def workers(self) -> list[Room]:
        return [room for name, room in self.rooms.items() if name.startswith("worker")]

    def start(self) -> None:
        self.redis.start()
        for room in self.rooms.values():
            room.start()
        self.wait_ready()

    def wait_ready(self) -> None:
        for room in self.rooms.values():
            until(room.is_ready, f"{room.name} is ready", READY_S, 0.05)

    def stop(self) -> None:
        """End everything with patience, first those who take work in."""
        for room in self.rooms.values():
            room.terminate()
        for room in self.rooms.values():
            room.wait()
        self.redis.stop()

    def enroll(self, photo: bytes, name: str) -> None:
        """Put a person into the gallery."""
        token = (self.folder / "secrets" / "internal_token").read_text().strip()
        answer = httpx.post(
            f"{self.face_url}/v1/galleries/default/identities",
            headers={"Authorization": f"Bearer {token}"},
            files={"photo": photo},
            data={"name": name},
            timeout=60,
        )
        assert answer.status_code == 201, answer.text

    def logs(self) -> str:
        """Everything that the rooms have said."""
        return "\n".join(room.log.read_text("utf-8", "replace") for room in self.rooms.values())

    def _room(self, name: str, kind: str = "", more: dict[str, str] | None = None) -> Room:
        environment = {**self.environment, **(more or {})}
        return Room(name, f"services.{kind or name}", environment, self.folder)
