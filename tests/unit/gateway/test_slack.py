"""What the gateway makes of Slack's events, interactions and slash commands, and of who posts them."""

import time
from typing import Any

import pytest

from contracts.control import DeleteRequested, FeedbackGiven, StopRequested
from contracts.event import (
    ButtonPressed,
    CommandGiven,
    ContinuationRequested,
    MessageSent,
    PhotoRef,
    RegenerationRequested,
)
from contracts.reply import act
from services.gateway.channels.slack import authenticate, parse_command, parse_event, parse_interaction
from services.gateway.errors import BadSignature
from tests.payloads import SLACK_SECRET, payload, slack_headers

BODY = b'{"type": "event_callback"}'


def event(name: str = "slack-dm", **changes: Any) -> dict[str, Any]:
    """A recorded delivery whose inner event is changed."""
    found = payload(name)
    return found | {"event": found["event"] | changes}


def parsed(found: dict[str, Any]) -> Any:
    """The one Event that the delivery becomes."""
    (arrival,) = parse_event(found)
    return arrival.event


def test_a_direct_message_is_claimed_by_delivery_and_by_message() -> None:
    (arrival,) = parse_event(payload("slack-dm"))
    assert isinstance(arrival.event, MessageSent)
    assert arrival.event.text == "hello there"
    assert arrival.event.conversation_id == "slack:T1:D1"
    assert arrival.event.user.id == "U1"
    assert arrival.claims == ("slack:Ev0001", "slack:T1:D1:1790000000.000100")


def test_a_thread_in_a_direct_message_is_a_conversation_of_its_own() -> None:
    found = parsed(event(thread_ts="1790000000.000050"))
    assert found.conversation_id == "slack:T1:D1:1790000000.000050"


def test_a_mention_opens_a_thread_and_is_not_part_of_the_text() -> None:
    found = parsed(payload("slack-mention"))
    assert found.text == "hello there"
    assert found.conversation_id == "slack:T1:C1:1790000010.000200"


def test_a_mention_inside_a_thread_stays_there() -> None:
    found = parsed(event("slack-mention", thread_ts="1790000001.000001"))
    assert found.conversation_id == "slack:T1:C1:1790000001.000001"


@pytest.mark.parametrize("name", ["slack-own", "slack-edit", "slack-join", "slack-mention-as-message"])
def test_what_is_not_for_the_bot_claims_nothing(name: str) -> None:
    assert parse_event(payload(name)) == []


def test_a_mention_alone_says_nothing() -> None:
    assert parse_event(event("slack-mention", text="<@U0BOT>")) == []


def test_a_shared_picture_is_a_photo_and_another_file_is_not() -> None:
    assert parsed(payload("slack-photo")).photo == PhotoRef(source="slack", id="F1")
    paper = {"id": "F0", "mimetype": "application/pdf"}
    picture = payload("slack-photo")["event"]["files"][0]
    assert parsed(event("slack-photo", files=[paper, picture])).photo.id == "F1"
    assert parse_event(event("slack-photo", files=[paper])) == []


@pytest.mark.parametrize(
    ("sent", "typed"),
    [("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"), ("&amp;lt;", "&lt;"), ("<@U0BOT|bot> hi", "hi")],
)
def test_a_text_reads_as_it_was_typed(sent: str, typed: str) -> None:
    assert parsed(event(text=sent)).text == typed


def test_a_handshake_or_an_unknown_delivery_is_no_event() -> None:
    assert parse_event({"type": "url_verification", "challenge": "c"}) == []
    assert parse_event({"type": "app_rate_limited"}) == []


def pressed(**action: Any) -> Any:
    """What a press becomes, on a message inside a thread."""
    found = payload("slack-button")
    found["message"] = found["message"] | {"thread_ts": "1790000000.000100"}
    found["actions"] = [found["actions"][0] | action]
    (arrival,) = parse_interaction(found)
    return arrival.event


def test_a_button_brings_its_payload_title_and_thread() -> None:
    found = pressed()
    assert isinstance(found, ButtonPressed)
    assert (found.payload, found.title) == ("/mood_great", "Great")
    assert found.conversation_id == "slack:T1:D1:1790000000.000100"


def test_a_button_that_asks_something_of_an_answer_says_nothing_to_the_bot() -> None:
    again = pressed(value=act("regenerate", "slack:T1:D1:1"))
    assert isinstance(again, RegenerationRequested)
    assert (again.target, again.conversation_id) == ("slack:T1:D1:1", "slack:T1:D1:1790000000.000100")
    assert isinstance(pressed(value=act("continue", "slack:T1:D1:1")), ContinuationRequested)


def test_stop_delete_and_feedback_are_control_events_of_their_message() -> None:
    message_id = "1790000001.000101"
    assert isinstance(pressed(action_id="stop"), StopRequested)
    deleted = pressed(action_id="delete")
    assert isinstance(deleted, DeleteRequested)
    assert deleted.message_id == message_id
    for value, helpful in (("helpful", True), ("unhelpful", False)):
        rated = pressed(action_id="feedback", value=value)
        assert isinstance(rated, FeedbackGiven)
        assert (rated.message_id, rated.helpful) == (message_id, helpful)


def test_a_press_without_a_value_or_of_another_kind_is_nothing() -> None:
    found = payload("slack-button")
    found["actions"][0]["value"] = None
    assert parse_interaction(found) == []
    assert parse_interaction(payload("slack-button") | {"type": "view_submission"}) == []


def test_two_buttons_of_one_press_are_two_arrivals() -> None:
    found = payload("slack-button")
    found["actions"] += [found["actions"][0] | {"action_id": "button:1", "value": "/mood_sad"}]
    assert len({arrival.claims for arrival in parse_interaction(found)}) == 2


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("help", CommandGiven, "help"),
        ("START", CommandGiven, "start"),
        ("", CommandGiven, "help"),
        ("stop", StopRequested, None),
        ("hello there", MessageSent, None),
    ],
)
def test_a_slash_command_is_a_command_a_stop_or_a_message(text: str, kind: type, name: str | None) -> None:
    (arrival,) = parse_command(payload("slack-command") | {"text": text})
    assert isinstance(arrival.event, kind)
    assert getattr(arrival.event, "name", None) == name
    assert arrival.event.conversation_id == "slack:T1:D1"


@pytest.mark.parametrize("text", ["help me with my taxes", "stop smoking, how?", "start a fire"])
def test_a_question_that_begins_with_a_command_word_is_a_question(text: str) -> None:
    (arrival,) = parse_command(payload("slack-command") | {"text": text})
    assert isinstance(arrival.event, MessageSent)
    assert arrival.event.text == text


def test_a_signed_body_is_let_in() -> None:
    authenticate(BODY, slack_headers(BODY), SLACK_SECRET)


@pytest.mark.parametrize("age_s", [-400, 400])
def test_a_timestamp_of_another_time_is_refused(age_s: int) -> None:
    with pytest.raises(BadSignature):
        authenticate(BODY, slack_headers(BODY, timestamp=str(int(time.time()) - age_s)), SLACK_SECRET)


@pytest.mark.parametrize("timestamp", ["soon", "1e9", "NaN", "-", "٣"])
def test_a_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    with pytest.raises(BadSignature):
        authenticate(BODY, slack_headers(BODY, timestamp=timestamp), SLACK_SECRET)


def test_another_body_or_secret_is_refused() -> None:
    with pytest.raises(BadSignature):
        authenticate(BODY + b" ", slack_headers(BODY), SLACK_SECRET)
    with pytest.raises(BadSignature):
        authenticate(BODY, slack_headers(BODY, secret="another"), SLACK_SECRET)


@pytest.mark.parametrize("missing", ["X-Slack-Request-Timestamp", "X-Slack-Signature"])
def test_a_missing_header_is_refused(missing: str) -> None:
    headers = slack_headers(BODY)
    del headers[missing]
    with pytest.raises(BadSignature):
        authenticate(BODY, headers, SLACK_SECRET)


def test_a_body_that_is_no_text_and_a_signature_that_is_none_are_refused() -> None:
    with pytest.raises(BadSignature):
        authenticate(b"\xff\xfe", slack_headers(BODY), SLACK_SECRET)
    with pytest.raises(BadSignature):
        authenticate(BODY, slack_headers(BODY) | {"X-Slack-Signature": "v0=ü"}, SLACK_SECRET)


def test_without_a_secret_nobody_is_let_in() -> None:
    with pytest.raises(BadSignature):
        authenticate(BODY, slack_headers(BODY, secret=""), "")
