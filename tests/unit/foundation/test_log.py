"""Log lines are JSON, carry their correlation, and never show a secret."""

import errno
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from contracts.log import JsonFormatter, mask
from foundation import log
from foundation.correlation import correlated, correlation_headers


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger; what a test changes in it is put back."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield root
    root.handlers[:], level = before
    root.setLevel(level)


def line(message: str, **fields: object) -> dict[str, object]:
    """A message as it is written."""
    record = logging.makeLogRecord(
        {"msg": message, "name": "services.gateway", "levelname": "INFO", **fields}
    )
    return dict(json.loads(JsonFormatter("gateway").format(record)))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("https://api.telegram.org/bot123:TEST-token/getMe", "TEST-token"),
        ("123:TESTTEST", "TESTTEST"),
        ("123:12345-TEST", "TEST"),
        ("xoxb-test-token", "xoxb-test-token"),
        ("xapp-test-token", "xapp-test-token"),
        ("sk-testtesttest", "sk-testtesttest"),
        ("/webhooks/slack/events?token=not-to-be-seen&x=1", "not-to-be-seen"),
        ("Authorization: Bearer not-to-be-seen", "not-to-be-seen"),
        ("Bearer not-to-be-seen", "not-to-be-seen"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, secret: str) -> None:
    assert secret not in mask(text)
    assert "[" in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "gateway.channel.configured telegram:default:1001 at 10:25:30",
        "telegram:default:-1001234567890:12345",
        "telegram:default:140863084:overflow",
        "http://192.168.1.100:8001/readyz",
    ],
)
def test_an_ordinary_text_is_left_alone(text: str) -> None:
    assert mask(text) == text


def test_a_line_is_json_with_its_fields() -> None:
    found = line("gateway.wake.failed", error="OSError")
    assert found["event"] == "gateway.wake.failed"
    assert (found["level"], found["room"], found["error"]) == ("info", "gateway", "OSError")


def test_a_line_that_holds_odd_things_is_still_one_line_of_json() -> None:
    assert line("a\nb", thing=object(), word="é\u2028")["event"] == "a\nb"


def test_a_secret_in_a_field_is_masked() -> None:
    assert "TESTTEST" not in str(line("x", address="bot123:TESTTEST"))


def traceback_of(error: BaseException) -> str:
    """As it is written when the error is caught."""
    try:
        raise error
    except BaseException:
        return str(line("x", exc_info=sys.exc_info())["traceback"])


def test_a_traceback_tells_types_and_places_and_quotes_no_error() -> None:
    words = "my sister's name is " + "Pomegranate"  # a line of the source is told as it stands
    caused, handled, grouped = ValueError(words), KeyError(words), TypeError(words)
    caused.__cause__, handled.__context__ = handled, ExceptionGroup(words, [grouped, caused])
    found = traceback_of(caused)
    assert "Pomegranate" not in found
    assert all(name in found for name in ("ValueError", "KeyError", "TypeError", "in traceback_of"))


def test_a_traceback_tells_why_the_system_refused_something() -> None:
    found = traceback_of(OSError(errno.ENOSPC, "No space left on device", "/galleries/Pomegranate"))
    assert found.endswith("OSError: No space left on device")


def test_a_masked_line_is_still_json() -> None:
    assert line("x", header="Authorization: Bearer abc", after="kept")["after"] == "kept"


def test_every_line_of_a_piece_of_work_carries_its_correlation() -> None:
    with correlated(event_id="e1", conversation_id="web:c1"):
        assert line("x")["event_id"] == "e1"
        headers = correlation_headers()
    assert headers == {"X-Switchboard-Event-Id": "e1", "X-Switchboard-Conversation-Id": "web:c1"}
    assert "event_id" not in line("x")


def test_libraries_that_log_addresses_are_quiet(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("gateway", "debug")
    logging.getLogger("httpx").info("HTTP Request: GET https://api.telegram.org/…")
    logging.getLogger("services.gateway").debug("gateway.thing.done")
    assert [json.loads(text)["event"] for text in capsys.readouterr().err.splitlines()] == [
        "gateway.thing.done"
    ]
