"""What the fakes of platforms share: a real server in a thread, its record of calls, scripted failures."""

import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.datastructures import UploadFile

from tests.waiting import until


@dataclass
class Call:
    """One request that a platform got."""

    method: str
    args: dict[str, Any]
    at: float = field(default_factory=time.monotonic)
    token: str = ""


@dataclass
class Failure:
    """What happens to the next calls of a method instead of, or after, the real thing."""

    method: str
    times: int = 1
    status: int = 500
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    stall_s: float = 0
    """Wait so long, then go on as usual."""
    drop: bool = False
    """Close the connection without an answer."""
    act: bool = False
    """Do what was asked, and fail only then: the caller cannot know."""
    skip: int = 0
    """Let so many calls pass first."""


class PlatformServer:
    """Base of the fakes. Subclasses add their routes to `app`."""

    def __init__(self, port: int = 0) -> None:
        self.calls: list[Call] = []
        self.failures: list[Failure] = []
        self.app = FastAPI()
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port = int(self._socket.getsockname()[1])
        self._server = uvicorn.Server(
            uvicorn.Config(self.app, log_config=None, timeout_graceful_shutdown=1, ws="none")
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._add_controls()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        until(lambda: self._server.started, "the fake platform listens")

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def called(self, method: str) -> list[dict[str, Any]]:
        """The arguments of each call of a method, in order."""
        return [call.args for call in self.calls if call.method == method]

    def fail(self, method: str, **how: Any) -> None:
        """Script the next calls of a method."""
        self.failures.append(Failure(method, **how))

    def reset(self) -> None:
        """Forget calls and failures."""
        self.calls.clear()
        self.failures.clear()

    def state(self) -> dict[str, Any]:
        """What a person sees now, for `GET /_messages`."""
        return {}

    async def perform(
        self, method: str, args: dict[str, Any], token: str, act: Callable[[], Response]
    ) -> Response:
        """Record the call, let scripted failures happen, else act."""
        self.calls.append(Call(method, args, token=token))
        failure = self._due(method)
        if failure is None:
            return act()
        if failure.stall_s:
            await asyncio.sleep(failure.stall_s)
            if not failure.body and not failure.drop:
                return act()
        if failure.act:
            act()
        if failure.drop:
            return Dropped()
        return Response(
            json.dumps(failure.body),
            failure.status,
            headers=failure.headers,
            media_type="application/json",
        )

    def _due(self, method: str) -> Failure | None:
        for failure in self.failures:
            if failure.method not in (method, "*"):
                continue
            if failure.skip:
                failure.skip -= 1
                return None
            failure.times -= 1
            if failure.times <= 0:
                self.failures.remove(failure)
            return failure
        return None

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def _add_controls(self) -> None:
        @self.app.get("/_calls")
        async def calls() -> list[dict[str, Any]]:
            return [{**vars(call), "args": _told(call.args)} for call in self.calls]

        @self.app.get("/_messages")
        async def messages() -> dict[str, Any]:
            return self.state()

        @self.app.post("/_fail")
        async def fail(request: Request) -> dict[str, bool]:
            self.fail(**await request.json())
            return {"ok": True}

        @self.app.post("/_reset")
        async def reset() -> dict[str, bool]:
            self.reset()
            return {"ok": True}


class Dropped(Response):
    """An answer that never comes: the connection ends."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"100000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": False})


async def read_args(request: Request) -> dict[str, Any]:
    """Query, form or JSON body as one mapping; JSON inside form fields is read too, files are bytes."""
    args: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return args | dict(json.loads(await request.body() or b"{}"))
    form = await request.form()
    return args | {
        name: await value.read() if isinstance(value, UploadFile) else _value(value)
        for name, value in form.items()
    }


def _told(args: dict[str, Any]) -> dict[str, Any]:
    return {
        name: f"{len(value)} bytes" if isinstance(value, bytes) else value for name, value in args.items()
    }


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def serve(server: PlatformServer) -> None:
    """Run a fake in the foreground until it is told to stop."""
    server.start()
    sys.stdout.write(f"{server.url}\n")
    sys.stdout.flush()
    threading.Event().wait()
