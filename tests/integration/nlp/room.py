"""nlp as its users start it: a process of its own, on a free port, over a real Redis."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from contracts.event import Event
from contracts.turn import TURN_ITEM, CallResult, TurnItem, TurnReply, TurnRequest
from tests.redis_process import free_port
from tests.started import Started
from tests.waiting import until

TOKEN = "token-for-tests"


class NlpRoom(Started):
    """`python -m services.nlp`, with the variables given."""

    def __init__(self, folder: Path, redis_url: str, **variables: str) -> None:
        self.port = free_port()
        self.log = folder / f"nlp-{self.port}.log"
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
            trust_env=False,
        )
        self._variables = {
            "NLP_PORT": str(self.port),
            "NLP_MODELS_DIR": str(folder / "models"),
            "SECRETS_DIR": str(folder / "secrets"),
            "INTERNAL_TOKEN": TOKEN,
            "REDIS_URL": redis_url,
            "NLP_MODEL_FOR": "*",
        } | variables
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.nlp"], stderr=log, env=os.environ | self._variables
            )
        until(self._ready, "nlp is ready", timeout_s=60)

    def _ready(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.log.read_text("utf-8")
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process
        return self._process.pid

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)
        self.client.close()

    @contextmanager
    def stream(self, event: Event, **more: Any) -> Iterator[Iterator[TurnItem]]:
        """The items of a turn as they come; leaving the block closes the connection."""
        body = TurnRequest(event=event, **more).model_dump_json()
        headers = {"Content-Type": "application/json"}
        with self.client.stream("POST", "/turns", content=body, headers=headers) as response:
            assert response.status_code == 200, response.read()
            yield (
                TURN_ITEM.validate_json(line.removeprefix("data:"))
                for line in response.iter_lines()
                if line.startswith("data:")
            )

    def turn(self, event: Event, **more: Any) -> list[TurnItem]:
        """All items of a turn."""
        with self.stream(event, **more) as items:
            return list(items)

    def says(self, event: Event, results: dict[str, CallResult] | None = None) -> list[str]:
        """The texts that a turn answers with."""
        items = self.turn(event, results=results or {})
        return [item.reply.text for item in items if isinstance(item, TurnReply)]

    def logged(self, name: str) -> list[dict[str, Any]]:
        """The log's lines of this name."""
        lines = map(json.loads, self.log.read_text("utf-8").splitlines())
        return [line for line in lines if line["event"] == name]
