"""A room that ends sends what it has of its traces."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.fakes.otlp_server import OtlpServer
from tests.redis_process import free_port
from tests.waiting import until

ROOM = """
import sys
from fastapi import FastAPI
from foundation import tracing
from foundation.serving import serve
from foundation.settings import RoomSettings

app = FastAPI(telemetry=tracing.TELEMETRY)

@app.get("/people/{name}")
async def person(name: str) -> str:
    return name

@app.get("/healthz")
async def healthz() -> str:
    return "ok"

settings = RoomSettings(otel_exporter_otlp_endpoint=sys.argv[1])
tracing.start("room", settings, hears_strangers=len(sys.argv) > 3)
serve(app, "room", "INFO", "127.0.0.1", int(sys.argv[2]), 3)
"""


TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def collector() -> Iterator[OtlpServer]:
    server = OtlpServer()
    server.start()
    yield server
    server.stop()


@contextmanager
def room(collector: OtlpServer, *more: str) -> Iterator[Callable[..., bool]]:
    """Gives what asks the room for a path; in the end it is told to end, and has."""
    port = free_port()
    command = [sys.executable, "-c", ROOM, collector.url, str(port), *more]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def answers(path: str, **headers: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers, trust_env=False).is_success
        except httpx.TransportError:
            return False

    try:
        until(lambda: answers("/healthz"), "the room answers", 30)
        yield answers
        process.terminate()
        assert process.wait(20) == -signal.SIGTERM
    finally:
        process.kill()


def test_a_room_that_is_told_to_end_sends_its_last_spans_without_a_path(collector: OtlpServer) -> None:
    with room(collector) as answers:
        assert answers("/people/Zenobia?token=secret", traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
    [span] = collector.spans
    assert (span.name, span.trace_id) == ("GET /people/{name}", TRACE)
    assert not [word for word in (b"Zenobia", b"secret") if word in b"".join(collector.bodies)]


def test_a_stranger_does_not_say_to_which_trace_a_request_belongs(collector: OtlpServer) -> None:
    with room(collector, "hears strangers") as answers:
        assert answers("/people/Zenobia", traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
    [span] = collector.spans
    assert (span.parent_id, span.trace_id == TRACE) == ("", False)
