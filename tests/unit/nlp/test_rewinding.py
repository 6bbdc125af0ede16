"""Where a turn begins that answers an earlier message anew."""

from typing import Any

import pytest

from contracts.event import (
    CommandGiven,
    ContinuationRequested,
    Event,
    MessageEdited,
    MessageSent,
    PhotoRef,
    RegenerationRequested,
)
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import action_executed, bot_uttered, user_uttered
from services.nlp.nlu.parse import Parse
from services.nlp.rewinding import KNOWN_AS, Start, is_forgotten, note_of, start_of
from tests.builders import NOON, message

PHOTO = PhotoRef(source="telegram", id="f1")
FACTS: dict[str, Any] = {"conversation_id": "web:c1", "at": NOON, "user": message().user}


def regenerate(target: str, event_id: str = "r1") -> RegenerationRequested:
    return RegenerationRequested(event_id=event_id, target=target, **FACTS)


def edit(target: str, text: str) -> MessageEdited:
    return MessageEdited(event_id="e1", target=target, text=text, **FACTS)


def go_on(target: str) -> ContinuationRequested:
    return ContinuationRequested(event_id="c1", target=target, **FACTS)


def heard(event: Event, at: float, text: str = "") -> list[TrackerEvent]:
    """A message and its answer in the tracker, as its turn leaves them."""
    start = start_of(event, [])
    assert start
    return _turn(start, at, text)


def _turn(start: Start, at: float, text: str = "") -> list[TrackerEvent]:
    said = getattr(start.event, "text", "") or text
    user = user_uttered(Parse(said, "x", 1.0), "web", start.event.event_id, start.metadata)
    events = (user, bot_uttered("ok"), action_executed("action_listen"))
    return [{**event, "timestamp": at} for event in events]


def begun(event: Event, events: list[TrackerEvent]) -> Start:
    start = start_of(event, events)
    assert start
    return start


def test_a_new_message_begins_behind_all_that_was_said() -> None:
    events, event = heard(message("a", event_id="m1"), 1), message("b")
    assert begun(event, events) == Start(event, events)


def test_a_regeneration_answers_the_message_again_and_forgets_the_rest() -> None:
    first, second = heard(message("a", event_id="m1"), 1), heard(message("b", event_id="m2"), 2)
    third = heard(message("c", event_id="m3"), 3)
    start = begun(regenerate("m2"), first + second + third)
    assert start.events == first
    assert isinstance(start.event, MessageSent)
    assert (start.event.event_id, start.event.text, start.is_again) == ("r1", "b", True)


def test_an_edit_begins_at_the_message_with_its_new_words() -> None:
    events = heard(message("a", event_id="m1"), 1)
    start = begun(edit("m1", "other words"), events)
    assert (start.events, start.event) == ([], message("other words", event_id="e1"))


@pytest.mark.parametrize("event", [regenerate("m9"), edit("m9", "x"), go_on("m9")])
def test_a_target_that_is_not_known_begins_nothing(event: Event) -> None:
    assert start_of(event, heard(message("a", event_id="m1"), 1)) is None


def test_an_answer_is_found_by_every_id_that_it_was_asked_for_with() -> None:
    events = heard(message("a", event_id="m1"), 1)
    for number in range(KNOWN_AS + 3):
        events = _turn(begun(regenerate("m1", f"r{number}"), events), number + 2)
    known_as = note_of(events[0])["replaces"]
    assert (known_as[0], known_as[-1], len(known_as)) == ("m1", f"r{KNOWN_AS + 1}", KNOWN_AS)
    assert begun(regenerate(f"r{KNOWN_AS + 2}", "next"), events).events == []


def test_an_edited_message_is_edited_and_regenerated_again() -> None:
    events = _turn(begun(edit("m1", "b"), heard(message("a", event_id="m1"), 1)), 2)
    again = begun(regenerate("e1"), events).event
    assert isinstance(again, MessageSent)
    assert again.text == "b"
    assert start_of(edit("m1", "c"), events)


def test_a_photo_stays_with_its_message_whatever_is_said_about_it() -> None:
    events = heard(message("who?", event_id="m1", photo=PHOTO), 1)
    for event in (regenerate("m1"), edit("m1", "where?")):
        again = begun(event, events).event
        assert isinstance(again, MessageSent)
        assert again.photo == PHOTO


def test_a_command_is_given_again_and_edited_into_a_message() -> None:
    events = heard(CommandGiven(event_id="m1", name="start", text="x", **FACTS), 1)
    again = begun(regenerate("m1"), events)
    assert again.event == CommandGiven(event_id="r1", name="start", text="x", **FACTS)
    assert isinstance(begun(edit("m1", "hello"), events).event, MessageSent)
    assert isinstance(begun(regenerate("r1"), _turn(again, 2)).event, CommandGiven)


def test_only_the_newest_answer_goes_on() -> None:
    events = heard(message("a", event_id="m1"), 1) + heard(message("b", event_id="m2"), 2)
    assert start_of(go_on("m1"), events) is None
    start = begun(go_on("m2"), events)
    assert (start.events, start.event) == (events, go_on("m2"))
    more = events + _turn(start, 3, "go on")
    assert begun(regenerate("c1"), more).event == go_on("m2").model_copy(update={"event_id": "r1"})


def test_what_was_said_between_a_message_and_its_new_answer_is_forgotten() -> None:
    events = heard(message("a", event_id="m0"), 5) + heard(message("b", event_id="m1"), 10)
    events = _turn(begun(regenerate("m1"), events), 20)
    events = _turn(begun(regenerate("m1", "r2"), events), 30)
    assert [is_forgotten(at, events) for at in (5, 9.9, 10, 20, 29.9, 30, 31)] == [
        False, False, True, True, True, False, False,
    ]  # fmt: skip
