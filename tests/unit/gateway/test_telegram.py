"""What the gateway makes of Telegram's Updates, and of who posts them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.control import StopRequested
from contracts.event import (
    ButtonPressed,
    CommandGiven,
    ContinuationRequested,
    MessageSent,
    PhotoRef,
    RegenerationRequested,
)
from contracts.reply import act
from services.gateway.channels.telegram import SECRET_HEADER, authenticate, parse, smallest_enough
from services.gateway.channels.telegram_update import PhotoSize
from services.gateway.errors import UNPARSED, BadSignature
from tests.payloads import payload
from tests.unit.gateway.telegram_updates import BOT, GROUP, command, event_of, update


def test_a_text_becomes_a_message_in_its_chat() -> None:
    (arrival,) = parse(payload("telegram-text"), "default")
    event = arrival.event
    assert isinstance(event, MessageSent)
    assert event.text == "hello there"
    assert event.conversation_id == "telegram:default:1001"
    assert (event.user.id, event.user.locale) == ("1001", "en")
    assert arrival.claims == ("telegram:default:140863081",)


def test_no_name_of_a_person_is_in_the_event() -> None:
    stored = event_of(payload("telegram-text")).model_dump_json().lower()
    assert "ann" not in stored


def test_each_bot_claims_its_own_updates() -> None:
    claims = {parse(payload("telegram-text"), name)[0].claims for name in ("default", "second")}
    assert len(claims) == 2


def test_the_smallest_photo_in_which_a_face_is_found_is_taken() -> None:
    assert event_of(payload("telegram-photo")).photo == PhotoRef(source="telegram", id="photo-x")


def test_of_photos_that_are_all_small_the_largest_is_taken() -> None:
    sizes = [PhotoSize(file_id=f"p{side}", width=side, height=side) for side in (320, 90, 160)]
    assert smallest_enough(tuple(sizes)).file_id == "p320"


def test_a_picture_sent_as_a_file_is_a_photo_and_another_file_is_nothing() -> None:
    document = {"file_id": "doc-1", "file_unique_id": "d1", "mime_type": "image/png"}
    text = {"text": None}
    assert event_of(update(**text, document=document)).photo == PhotoRef(source="telegram", id="doc-1")
    assert parse(update(**text, document=document | {"mime_type": "application/pdf"}), "default") == []


def test_a_caption_is_the_text_of_its_photo() -> None:
    assert event_of(update("telegram-photo", caption="who is this")).text == "who is this"


def test_a_topic_is_a_conversation_of_its_own() -> None:
    event = event_of(payload("telegram-topic"))
    assert event.conversation_id == "telegram:default:-1001234:7"
    assert event.text == "hello there"


def test_a_thread_that_is_no_topic_stays_in_its_chat() -> None:
    found = update("telegram-topic", is_topic_message=False)
    assert event_of(found).conversation_id == "telegram:default:-1001234"


@pytest.mark.parametrize("word", ["/Start", "/start@test_bot", "/start@TEST_BOT"])
def test_a_command_is_named_in_lower_case_and_without_the_bot(word: str) -> None:
    event = event_of(command(f"{word} from a link", word))
    assert isinstance(event, CommandGiven)
    assert (event.name, event.text) == ("start", "from a link")


def test_a_command_for_another_bot_is_not_ours() -> None:
    assert parse(command("/start@other_bot", "/start@other_bot", chat=GROUP), "default", BOT) == []


def test_a_command_inside_a_sentence_is_text() -> None:
    assert isinstance(event_of(command("try /start", "/start")), MessageSent)


def test_stop_is_a_control_event() -> None:
    assert isinstance(event_of(command("/stop", "/stop")), StopRequested)


def test_the_stop_button_of_a_draft_is_a_control_event_of_its_chat() -> None:
    event = event_of({"update_id": 7, "stopped_message_generation": {"chat": {"id": 1001}, "draft_id": 3}})
    assert isinstance(event, StopRequested)
    assert (event.conversation_id, event.user.id) == ("telegram:default:1001", "1001")


def test_the_stop_button_of_a_draft_in_a_topic_stops_that_topic() -> None:
    stopped = {"chat": {"id": 1001, "type": "private"}, "message_thread_id": 12, "draft_id": 3}
    event = event_of({"update_id": 7, "stopped_message_generation": stopped})
    assert event.conversation_id == "telegram:default:1001:12"


def test_a_pressed_button_brings_its_payload_its_title_and_who_pressed() -> None:
    event = event_of(payload("telegram-button"))
    assert isinstance(event, ButtonPressed)
    assert (event.payload, event.title) == ("/mood_great", "Great")
    assert event.callback_id == "4382bfdwdsb323b2d9"
    assert event.user.id == "1001"


def test_a_button_of_an_old_message_is_still_pressed_in_its_chat() -> None:
    found = payload("telegram-button")
    chat = found["callback_query"]["message"]["chat"]
    found["callback_query"]["message"] = {"chat": chat, "message_id": 12, "date": 0}
    event = event_of(found)
    assert isinstance(event, ButtonPressed)
    assert (event.payload, event.title) == ("/mood_great", "")
    assert event.conversation_id == "telegram:default:1001"


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post"])
def test_edits_and_channel_posts_are_not_answered(kind: str) -> None:
    found = payload("telegram-text")
    found[kind] = found.pop("message")
    assert parse(found, "default", BOT) == []


def test_bots_are_not_answered() -> None:
    sender = payload("telegram-text")["message"]["from"]
    assert parse(update(**{"from": sender | {"is_bot": True}}), "default", BOT) == []
    assert parse(update(via_bot=sender | {"is_bot": True}), "default", BOT) == []


@pytest.mark.parametrize("shown", ["", "test-webhook-secre", "test-webhook-secret2", "ü"])
def test_another_secret_is_refused(shown: str) -> None:
    with pytest.raises(BadSignature):
        authenticate({SECRET_HEADER: shown}, "test-webhook-secret")


def test_without_a_secret_nobody_is_let_in() -> None:
    with pytest.raises(BadSignature):
        authenticate({SECRET_HEADER: ""}, "")
    with pytest.raises(BadSignature):
        authenticate({}, "test-webhook-secret")


def test_the_secret_opens() -> None:
    authenticate({SECRET_HEADER: "test-webhook-secret"}, "test-webhook-secret")


@given(st.text())
def test_any_text_arrives_as_it_was_typed(text: str) -> None:
    arrivals = parse(update(text=text), "default")
    assert [arrival.event.text for arrival in arrivals if isinstance(arrival.event, MessageSent)] == (
        [text] if text else []
    )


@pytest.mark.parametrize(
    "found",
    [
        {},
        {"update_id": 1, "message": {}},
        {"update_id": 1, "message": "text"},
        update(photo=[{}]),
        update(chat=None),
        {"update_id": 1, "stopped_message_generation": {"draft_id": 1}},
    ],
)
def test_an_update_of_an_odd_shape_raises_nothing_unforeseen(found: dict[str, Any]) -> None:
    with pytest.raises(UNPARSED):
        parse(found, "default", BOT)


def test_what_is_not_read_of_an_update_may_be_of_any_shape() -> None:
    assert event_of(update(date=10**20, sticker=[], new_of_next_year={})).text == "hello there"


def test_a_button_that_asks_something_of_an_answer_says_nothing_to_the_bot() -> None:
    found = payload("telegram-button")
    for name, wanted in (("regenerate", RegenerationRequested), ("continue", ContinuationRequested)):
        pressed = found["callback_query"] | {"data": act(name, "telegram:default:7")}
        event = event_of(found | {"callback_query": pressed})
        assert isinstance(event, wanted)
        assert (event.target, event.callback_id) == ("telegram:default:7", pressed["id"])


@pytest.mark.parametrize(("data", "once"), [(act("regenerate", "telegram:default:7"), True), ("/yes", False)])
def test_a_button_that_is_pressed_twice_asks_once_of_an_answer_but_says_twice_what_it_says(
    data: str, once: bool
) -> None:
    found = payload("telegram-button")
    presses = [
        found | {"update_id": number, "callback_query": found["callback_query"] | {"data": data}}
        for number in (1, 2)
    ]
    first, second = (set(parse(press, "default", BOT)[0].claims) for press in presses)
    assert bool(first & second) is once
