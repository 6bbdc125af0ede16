"""Where a turn begins: behind all that was said, or before an earlier message that is answered anew."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from contracts.event import (
    CommandGiven,
    ContinuationRequested,
    Event,
    MessageEdited,
    MessageSent,
    PhotoRef,
    RegenerationRequested,
)
from contracts.reply import Reply
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.conversing import start_session
from services.nlp.dialogue.events import restarted, slot_set
from services.nlp.dialogue.stage import Stage
from services.nlp.engines.llm.history import THREAD_READ
from services.nlp.formats.bot import REQUESTED_SLOT

NOTE = "switchboard"
"""The key of a message's metadata under which stands what is needed to answer it anew."""
KNOWN_AS = 20
"""By so many ids an answer is found again that was asked for anew, the first one always among them."""
_STAYING = {
    "regeneration_requested": ("photo", "command", "continues"),
    "message_edited": ("photo",),
}
"""What a message keeps of its note. Other words to a photo are about the photo still."""
_LASTING = (THREAD_READ,)
"""What stays of the turns that are taken back: it was said before them, and is not asked for twice."""


@dataclass(frozen=True)
class Start:
    """What is answered, and the conversation before it."""

    event: Event
    """A RegenerationRequested or MessageEdited is the message that it is about, under its own id."""
    events: list[TrackerEvent]
    note: dict[str, Any] = field(default_factory=dict)
    """What the message's metadata remembers."""
    is_again: bool = False
    """Whether the message was answered before."""

    @property
    def metadata(self) -> dict[str, Any]:
        """The message's metadata."""
        return {NOTE: self.note} if self.note else {}


def start_of(event: Event, events: list[TrackerEvent]) -> Start | None:
    """Where the Event's turn begins; None where its target is not known, or not any more."""
    if isinstance(event, RegenerationRequested | MessageEdited):
        place = _place_of(event.target, events)
        return None if place is None else _again(event, events, place)
    if isinstance(event, ContinuationRequested):
        heard = [number for number, e in enumerate(events) if e["event"] == "user"]
        is_newest = bool(heard) and _place_of(event.target, events) == heard[-1]
        return Start(event, events, {"continues": event.target}) if is_newest else None
    return Start(event, events, _note_of(event))


def is_forgotten(at: float, events: Iterable[TrackerEvent]) -> bool:
    """Whether what was said at this time, in Unix seconds, has been rewound since."""
    return any(
        since <= at < event.get("timestamp", 0.0)
        for event in events
        if (since := note_of(event).get("since")) is not None
    )


def note_of(event: TrackerEvent) -> dict[str, Any]:
    """What a tracker's event remembers of how it came about; {} for all that is no message."""
    note: dict[str, Any] = (event.get("metadata") or {}).get(NOTE) or {}
    return note


async def renew(stage: Stage) -> list[Reply]:
    """Begin a new conversation at once: nothing said before counts, slots stay as the session config says."""
    carried = stage.tracker.slots if stage.bot.session.carries_slots_over else {}
    kept = {name: value for name, value in carried.items() if value is not None and name != REQUESTED_SLOT}
    stage.tracker.update(restarted())
    stage.tracker.update(*(slot_set(name, value) for name, value in kept.items()))
    return await start_session(stage)


def _place_of(target: str, events: list[TrackerEvent]) -> int | None:
    """The newest message that had this id, or was answered anew in its place."""
    for place in range(len(events) - 1, -1, -1):
        event = events[place]
        known_as = (event.get("message_id"), *note_of(event).get("replaces", ()))
        if event["event"] == "user" and target in known_as:
            return place
    return None


def _again(event: RegenerationRequested | MessageEdited, events: list[TrackerEvent], place: int) -> Start:
    old = events[place]
    note = note_of(old)
    replaced = [*note.get("replaces", ()), old.get("message_id") or ""]
    kept = {name: value for name, value in note.items() if name in _STAYING[event.kind]}
    lasting = {
        "replaces": [*replaced[:1], *replaced[1:][1 - KNOWN_AS :]],
        "since": note.get("since", old.get("timestamp", 0.0)),
    }
    lasting_events = [found for found in events[place:] if found["event"] in _LASTING]
    before = [*events[:place], *lasting_events]
    return Start(_message(event, old, kept), before, {**kept, **lasting}, is_again=True)


def _message(
    event: RegenerationRequested | MessageEdited, old: TrackerEvent, kept: dict[str, Any]
) -> MessageSent | CommandGiven | ContinuationRequested:
    facts = {
        "event_id": event.event_id,
        "conversation_id": event.conversation_id,
        "at": event.at,
        "user": event.user,
    }
    if "command" in kept:
        return CommandGiven(**facts, **kept["command"])
    if "continues" in kept:
        return ContinuationRequested(**facts, target=kept["continues"])
    text = event.text if isinstance(event, MessageEdited) else old.get("text") or ""
    photo = PhotoRef.model_validate(kept["photo"]) if "photo" in kept else None
    return MessageSent(**facts, text=text, photo=photo)


def _note_of(event: Event) -> dict[str, Any]:
    """What the message's text does not tell."""
    if isinstance(event, CommandGiven):
        return {"command": {"name": event.name, "text": event.text}}
    if isinstance(event, MessageSent) and event.photo:
        return {"photo": event.photo.model_dump()}
    return {}
