"""Whatever a platform, or who says to be one, posts: Events, or an error that the gateway knows."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.inbox import Arrival
from services.gateway.channels import slack, slack_asked, slack_commands, telegram
from services.gateway.errors import UNPARSED, BadSignature, Unreadable
from services.gateway.owner import Owners
from services.gateway.routes.deliveries import form_of, json_of
from tests.fuzzing import JSON, fuzzed, mutated

OWNERS = Owners("key")


def are_whole(arrivals: list[Arrival]) -> None:
    """What is accepted can be written and read again."""
    for arrival in arrivals:
        assert arrival.claims
        arrival.event.model_dump_json().encode()


@fuzzed
@given(mutated("telegram"))
@example({"update_id": 1, "message": {"date": 10**30}})
@example({"update_id": 10**400})
def test_a_telegram_update_of_any_shape_is_events_or_unparsed(update: dict[str, Any]) -> None:
    with suppress(*UNPARSED):
        are_whole(telegram.parse(update, "default", "our_bot", {}))


@fuzzed
@given(mutated("slack"))
def test_a_slack_payload_of_any_shape_is_events_or_unparsed(payload: dict[str, Any]) -> None:
    for parse in (slack.parse_event, slack.parse_interaction):
        with suppress(*UNPARSED):
            are_whole(parse(payload))
    for look in (slack.parse_stop, slack.parse_parting):
        with suppress(*UNPARSED):
            look(payload)
    for ask in (slack_asked.parse_shortcut, slack_asked.parse_confirmation, slack_asked.parse_pressed):
        with suppress(*UNPARSED):
            ask(payload)


@fuzzed
@given(mutated("slack-command"))
def test_a_slash_command_of_any_shape_is_events_or_unparsed(form: dict[str, Any]) -> None:
    fields = {name: str(value) for name, value in form.items()}
    with suppress(*UNPARSED):
        are_whole(slack_commands.parse_command(fields))
    with suppress(*UNPARSED):
        slack_commands.parse_stop_command(fields)


@fuzzed
@given(st.binary(max_size=300) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"[" * 1_000_000)
@example(b'{"a":' * 100_000)
@example(b'{"a": ' + b"9" * 100_000 + b"}")
@example(b'{"a": "\\ud800"}')
@example(b"\xff\xfe{\x00}\x00")
@example(b"NaN")
def test_a_body_is_an_object_that_is_text_or_unreadable(body: bytes) -> None:
    with suppress(Unreadable):
        json.dumps(json_of(body), ensure_ascii=False).encode()


@fuzzed
@given(st.binary(max_size=300))
@example(b"&" * 900_000)
@example(b"a=%" * 1000)
@example(b"payload=%ff%fe&payload=2")
def test_a_form_of_any_bytes_is_texts(body: bytes) -> None:
    assert all(isinstance(value, str) for value in form_of(body).values())


@fuzzed
@given(st.text(max_size=100) | st.binary(max_size=50).map(lambda raw: raw.decode("latin-1")))
@example("p-1.é")
@example("." * 1000)
def test_a_forged_cookie_is_nobodys(cookie: str) -> None:
    assert OWNERS.person(cookie) is None


@fuzzed
@given(st.binary(max_size=100), st.text(max_size=30), st.text(max_size=80))
def test_a_made_up_signature_is_refused(body: bytes, timestamp: str, signature: str) -> None:
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
    with pytest.raises(BadSignature):
        slack.authenticate(body, headers, "secret")
