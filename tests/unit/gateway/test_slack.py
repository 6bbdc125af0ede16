"""What the gateway makes of Slack's events and pressed buttons, and of who posts them."""

import time
from typing import Any

import pytest

from contracts.control import ChatOpened, FeedbackGiven, StopRequested
from contracts.event import (
    ButtonPressed,
    ContinuationRequested,
    MessageSent,
    PhotoRef,
    RegenerationRequested,
)
from contracts.reply import act
from services.gateway.channels.slack import (
    Parting,
    authenticate,
    parse_event,
    parse_interaction,
    parse_parting,
    parse_stop,
)
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


def test_an_answer_in_a_thread_that_is_shown_in_its_channel_too_is_of_the_thread() -> None:
    found = parsed(event(subtype="thread_broadcast", thread_ts="1790000000.000050", root={"text": "before"}))
    assert (found.text, found.conversation_id) == ("hello there", "slack:T1:D1:1790000000.000050")


def test_what_people_say_of_themselves_is_said() -> None:
    assert parsed(event(subtype="me_message", text="waves")).text == "waves"


def test_what_another_company_says_in_a_shared_channel_is_of_the_workspace_that_has_the_app() -> None:
    ours = {"authorizations": [{"enterprise_id": None, "team_id": "T1", "is_bot": True}], "team_id": "T2"}
    assert parsed(payload("slack-mention") | ours).conversation_id == "slack:T1:C1:1790000010.000200"
    stop = parse_stop(event("slack-mention", text="<@U0BOT> stop", thread_ts="1.1") | ours)
    assert stop
    assert stop.event.conversation_id == "slack:T1:C1:1.1"
    whole = {"authorizations": [{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}]}
    assert parsed(payload("slack-mention") | whole).conversation_id == "slack:T1:C1:1790000010.000200"


def test_a_press_where_the_app_is_an_organizations_is_of_the_pressers_workspace() -> None:
    (arrival,) = parse_interaction(payload("slack-button") | {"team": None, "is_enterprise_install": True})
    assert arrival.event.conversation_id == "slack:T1:D1"


def test_a_picture_of_another_company_is_looked_into_by_the_worker() -> None:
    unknown = {"id": "F9", "mode": "file_access", "file_access": "check_file_info"}
    assert parsed(event("slack-photo", files=[unknown])).photo == PhotoRef(source="slack", id="F9")


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
    [("<@U0BOT|bot> 1 &lt; 2", "1 < 2"), ("I am <mailto:a@example.org|a@example.org>", "I am a@example.org")],
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


@pytest.mark.parametrize(("value", "once"), [(act("continue", "slack:T1:D1:1"), True), ("/yes", False)])
def test_a_button_that_is_pressed_twice_asks_once_of_an_answer_but_says_twice_what_it_says(
    value: str, once: bool
) -> None:
    found = payload("slack-button")
    found["actions"] = [found["actions"][0] | {"value": value}]
    first, second = (set(parse_interaction(found | {"trigger_id": t})[0].claims) for t in "12")
    assert bool(first & second) is once


def test_a_button_under_an_answer_that_was_replied_to_is_of_the_conversation_that_the_answer_is_in() -> None:
    found = payload("slack-button")
    found["message"] |= {"thread_ts": found["message"]["ts"], "reply_count": 1}
    (arrival,) = parse_interaction(found)
    assert arrival.event.conversation_id == "slack:T1:D1"


@pytest.mark.parametrize("kind", ["button", "feedback_buttons"])
def test_feedback_is_about_its_message(kind: str) -> None:
    for value, helpful in (("helpful", True), ("unhelpful", False)):
        rated = pressed(type=kind, action_id="feedback", value=value)
        assert isinstance(rated, FeedbackGiven)
        assert (rated.message_id, rated.helpful) == ("1790000001.000101", helpful)


def test_a_press_without_a_value_or_of_another_kind_is_nothing() -> None:
    found = payload("slack-button")
    found["actions"][0]["value"] = None
    assert parse_interaction(found) == []
    assert parse_interaction(payload("slack-button") | {"type": "view_submission"}) == []


def test_a_press_that_opens_a_page_is_nothing() -> None:
    found = payload("slack-button")
    del found["actions"][0]["value"]
    found["actions"][0] |= {"action_id": "link:0", "url": "https://widget.example/"}
    assert parse_interaction(found) == []
    found["actions"][0]["value"] = "https://widget.example/"
    assert parse_interaction(found) == []


def test_two_buttons_of_one_press_are_two_arrivals() -> None:
    found = payload("slack-button")
    found["actions"] += [found["actions"][0] | {"action_id": "button:1", "value": "/mood_sad"}]
    assert len({arrival.claims for arrival in parse_interaction(found)}) == 2


@pytest.mark.parametrize("text", ["stop", "STOP", " Stop ", "停止", "停", "取消"])
def test_stop_alone_in_a_direct_message_or_a_thread_is_a_stop(text: str) -> None:
    in_thread = {"channel_type": "channel", "channel": "C1", "thread_ts": "1790000001.000001"}
    for found, conversation in (
        (event(text=text), "slack:T1:D1"),
        (event(text=text, thread_ts="1790000000.000050"), "slack:T1:D1:1790000000.000050"),
        (event(text=text, **in_thread), "slack:T1:C1:1790000001.000001"),
        (event("slack-mention", text=f"<@U0BOT> {text}", thread_ts="1.1"), "slack:T1:C1:1.1"),
    ):
        arrival = parse_stop(found)
        assert arrival
        assert isinstance(arrival.event, StopRequested)
        assert arrival.event.conversation_id == conversation


def test_a_stop_and_the_message_that_it_is_share_their_claims() -> None:
    arrival = parse_stop(event(text="stop"))
    assert arrival
    assert [arrival.claims] == [other.claims for other in parse_event(event(text="stop"))]


@pytest.mark.parametrize(
    "found",
    [
        event(text="stop it"),
        event(text="don't stop"),
        event(text=""),
        event(text="stop", channel_type="channel", channel="C1"),
        event("slack-mention", text="<@U0BOT> stop"),
        event(text="<@U2> stop", channel_type="channel", channel="C1", thread_ts="1.1"),
        event(text="stop", bot_id="B1"),
        event(text="stop", files=[{"id": "F1", "mimetype": "image/png"}]),
        event(text="stop", subtype="message_changed"),
        event(text="stop") | {"type": "app_rate_limited"},
    ],
)
def test_stop_among_other_words_to_others_or_outside_a_thread_is_none(found: dict[str, Any]) -> None:
    assert parse_stop(found) is None


def opened(**fields: Any) -> Any:
    """What a delivery with this inner event becomes."""
    return parsed({"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": fields})


def test_the_messages_tab_and_a_new_assistant_thread_open_a_chat() -> None:
    tab = opened(type="app_home_opened", user="U1", channel="D1", tab="messages")
    thread = opened(
        type="assistant_thread_started",
        assistant_thread={"user_id": "U1", "channel_id": "D1", "thread_ts": "1.1", "context": {}},
    )
    for found, conversation in ((tab, "slack:T1:D1"), (thread, "slack:T1:D1:1.1")):
        assert isinstance(found, ChatOpened)
        assert (found.conversation_id, found.user.id) == (conversation, "U1")


def test_the_home_tab_opens_no_chat() -> None:
    home = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"}
    assert parse_event(event() | {"event": home}) == []


def parted(**fields: Any) -> Parting | None:
    """What the end of an install becomes."""
    return parse_parting({"type": "event_callback", "team_id": "T1", "event_time": 5, "event": fields})


def test_an_app_that_is_removed_or_whose_token_is_revoked_has_parted() -> None:
    assert parted(type="app_uninstalled") == Parting("T1", 5)
    assert parted(type="tokens_revoked", tokens={"bot": ["U0BOT"]}) == Parting("T1", 5)


def test_a_persons_own_token_that_is_revoked_parts_nobody() -> None:
    assert parted(type="tokens_revoked", tokens={"oauth": ["U1"], "bot": []}) is None
    assert parse_parting(payload("slack-dm")) is None


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


def in_channel(**changes: Any) -> dict[str, Any]:
    """A message in a channel that mentions nobody."""
    return event("slack-mention-as-message", text="hello there", **changes)


@pytest.mark.parametrize("groups", [{"C1": "always"}, {"*": "always"}, {"C1:1.1": "always", "C1": "never"}])
def test_a_channel_that_is_always_answered_needs_no_mention(groups: dict[str, Any]) -> None:
    thread = {"thread_ts": "1.1"} if "C1:1.1" in groups else {}
    (arrival,) = parse_event(in_channel(**thread), groups)
    assert isinstance(arrival.event, MessageSent)
    assert arrival.event.conversation_id == f"slack:T1:C1:{thread.get('thread_ts', '1790000010.000200')}"


def test_a_mention_in_such_a_channel_is_the_message_that_it_is() -> None:
    mention, message = (
        parse_event(payload(name), {"C1": "always"}) for name in ("slack-mention", "slack-mention-as-message")
    )
    assert mention[0].claims[1] == message[0].claims[1]
    assert mention[0].event.model_dump(exclude={"at"}) == message[0].event.model_dump(exclude={"at"})


def test_a_channel_that_is_never_answered_is_not_even_where_the_bot_is_mentioned() -> None:
    assert parse_event(payload("slack-mention"), {"C1": "never"}) == []
    assert parse_event(payload("slack-dm"), {"*": "never"}) != []
    assert parse_event(in_channel(), {}) == []
