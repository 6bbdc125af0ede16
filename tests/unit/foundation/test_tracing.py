"""Traces are off, and free, until somebody asks for them."""

import subprocess
import sys

from contracts.event import EVENT
from foundation import tracing
from foundation.correlation import correlated, correlation_headers
from foundation.settings import RoomSettings
from tests.builders import arrival, message

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_without_an_endpoint_nothing_is_traced() -> None:
    assert not tracing.start("gateway", RoomSettings())
    assert tracing.span("turn") is tracing.span("deliver")
    with tracing.span("turn", parent=PARENT):
        assert tracing.parent() is None
    with correlated(event_id="e1"):
        assert correlation_headers() == {"X-Switchboard-Event-Id": "e1"}


def test_without_an_endpoint_a_room_loads_no_exporter() -> None:
    look = "import sys, services.worker.app; print([m for m in sys.modules if m.startswith(UNWANTED)])"
    code = f"UNWANTED = ('opentelemetry.sdk.trace', 'opentelemetry.exporter', 'fastapi'); {look}"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_an_event_carries_its_trace_and_one_without_is_as_before() -> None:
    plain = arrival(message(event_id="e1"))
    assert plain.traced(None) is plain
    traced = plain.traced(PARENT)
    assert EVENT.validate_json(traced.arguments()[2]).trace == PARENT
    assert traced.event.model_copy(update={"trace": None}) == plain.event
    assert tracing.trace_id(PARENT) == "0af7651916cd43dd8448eb211c80319c"
    assert tracing.trace_id(None) == tracing.trace_id("no trace") == ""


def test_a_reader_of_before_passes_an_events_unknown_fields_over() -> None:
    text = message(event_id="e1").model_dump_json()
    assert EVENT.validate_json(text.replace("{", '{"since_the_next_version":1,', 1)).event_id == "e1"
