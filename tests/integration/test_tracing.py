"""A room that ends sends what it has of its traces."""

import signal
import subprocess
import sys

import httpx

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

tracing.start("room", RoomSettings(otel_exporter_otlp_endpoint=sys.argv[1]))
serve(app, "room", "INFO", "127.0.0.1", int(sys.argv[2]), 3)
"""


def test_a_room_that_is_told_to_end_sends_its_last_spans_without_a_path() -> None:
    collector, port = OtlpServer(), free_port()
    collector.start()
    room = subprocess.Popen([sys.executable, "-c", ROOM, collector.url, str(port)], stderr=subprocess.DEVNULL)

    def answers(path: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).is_success
        except httpx.TransportError:
            return False

    try:
        until(lambda: answers("/healthz"), "the room answers", 30)
        assert answers("/people/Zenobia?token=secret")
        room.terminate()
        assert room.wait(20) == -signal.SIGTERM
        assert [span.name for span in collector.spans] == ["GET /people/{name}"]
        assert not [word for word in (b"Zenobia", b"secret") if word in b"".join(collector.bodies)]
    finally:
        room.kill()
        collector.stop()
