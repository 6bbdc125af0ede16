"""The tracker: a conversation as a fold of tracker events."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import LISTEN, active_loop, paused, slot_set
from services.nlp.dialogue.slot_values import coerced
from services.nlp.dialogue.texts import Texts
from services.nlp.formats.bot import Bot
from services.nlp.formats.checks import is_loop

MAX_EVENTS = 200
MAX_BYTES = 32_000


@dataclass
class ActiveLoop:
    """The form that runs."""

    name: str
    is_rejected: bool = False
    """It found nothing in what was said last, so that others may answer."""
    is_interrupted: bool = False
    """Something else was said in between: ask again, and look at nothing."""


@dataclass
class Tracker:
    """The events, and what they come to."""

    bot: Bot
    sender_id: str = ""
    now: Callable[[], float] = time.time
    events: list[TrackerEvent] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    message: dict[str, Any] = field(default_factory=dict)
    """The last message's parse_data; {} before the first."""
    action: str = ""
    """What was run last."""
    loop: ActiveLoop | None = None
    followup: str = ""
    paused: bool = False
    channel: str = ""

    @classmethod
    def of(
        cls,
        bot: Bot,
        events: Iterable[TrackerEvent] = (),
        sender_id: str = "",
        now: Callable[[], float] = time.time,
    ) -> "Tracker":
        """The fold of these events."""
        tracker = cls(bot, sender_id, now)
        tracker._begin()
        tracker.update(*events)
        return tracker

    @property
    def intent(self) -> str:
        """The last message's intent; "" before the first."""
        return str((self.message.get("intent") or {}).get("name") or "")

    @property
    def entities(self) -> list[dict[str, Any]]:
        """The last message's entities."""
        return self.message.get("entities") or []

    @property
    def loop_name(self) -> str:
        """The form that runs; "" where none does."""
        return self.loop.name if self.loop else ""

    @property
    def is_silent(self) -> bool:
        """Whether the bot says nothing to the last message: it is paused, and only a restart wakes it."""
        return self.paused and self.intent != "restart"

    @property
    def last_heard_at(self) -> float | None:
        """When the person spoke last, in Unix seconds; None if never."""
        times = (e.get("timestamp", 0.0) for e in reversed(self.events) if e["event"] == "user")
        return next(times, None)

    def update(self, *events: TrackerEvent) -> None:
        """Add events, and what follows from them. An event without a time gets the present one."""
        last_revert = max((n for n, e in enumerate(events) if e["event"] in _REVERTING), default=-1)
        for number, event in enumerate(events):
            stamped = event if "timestamp" in event else {**event, "timestamp": self.now()}
            self.events.append(stamped)
            if number < last_revert and stamped["event"] in _REVERTING:
                continue  # the last one goes through the whole history anyway
            if fold := _FOLDS.get(stamped["event"]):
                fold(self, stamped)

    def since_heard(self) -> list[TrackerEvent]:
        """The events since the person spoke last."""
        for place in range(len(self.events) - 1, -1, -1):
            if self.events[place]["event"] == "user":
                return self.events[place + 1 :]
        return list(self.events)

    def changed_slots(self) -> dict[str, Any]:
        """The slots that have another value than at a conversation's beginning."""
        initial = Tracker.of(self.bot).slots
        return {name: value for name, value in self.slots.items() if value != initial.get(name)}

    def copy(self) -> "Tracker":
        """Another tracker of the same events, to try something with."""
        loop = replace(self.loop) if self.loop else None
        return replace(self, events=list(self.events), slots=dict(self.slots), loop=loop)

    def trimmed(self, texts: Texts | None = None) -> list[TrackerEvent]:
        """The newest events within the limits, behind those that say what the cut ones came to.

        `texts` knows those whose JSON is known already.
        """
        texts = texts or Texts()
        kept = self.events[-MAX_EVENTS:]
        while len(kept) > 1 and len(texts.listed(kept).encode()) > MAX_BYTES:
            kept = kept[len(kept) // 4 or 1 :]
        cut = len(self.events) - len(kept)
        if not cut:
            return kept
        before = Tracker.of(self.bot, self.events[:cut])
        at = kept[0].get("timestamp", 0.0)
        return [*({**event, "timestamp": at} for event in before._gist()), *kept]

    def as_dict(self) -> dict[str, Any]:
        """The state as Rasa's action servers and HTTP clients know it."""
        return {
            "sender_id": self.sender_id,
            "slots": dict(self.slots),
            "latest_message": self.message or {"intent": {}, "entities": [], "text": None},
            "latest_event_time": self.events[-1].get("timestamp") if self.events else None,
            "followup_action": self.followup or None,
            "paused": self.paused,
            "events": self.events,
            "latest_input_channel": self.channel or None,
            "active_loop": self._loop_fields(),
            "latest_action_name": self.action or None,
            "latest_action": {"action_name": self.action} if self.action else {},
        }

    def _gist(self) -> list[TrackerEvent]:
        """The fewest events that come to the same slots, form and silence."""
        slots = [slot_set(name, value) for name, value in self.changed_slots().items()]
        loop = [active_loop(self.loop_name)] if self.loop else []
        return [*slots, *loop, *([paused()] if self.paused else [])]

    def _loop_fields(self) -> dict[str, Any]:
        if self.loop is None:
            return {}
        return {
            "name": self.loop.name,
            "rejected": self.loop.is_rejected,
            "is_interrupted": self.loop.is_interrupted,
        }

    def _begin(self) -> None:
        self.slots = {name: slot.initial_value for name, slot in self.bot.slots.items()}
        self.message = {}
        self.action = ""
        self.loop = None
        self.followup = ""
        self.paused = False

    def _replay(self, events: list[TrackerEvent]) -> None:
        """Become what these events come to; the whole history stays as it is."""
        self._begin()
        for event in events:
            if (fold := _FOLDS.get(event["event"])) and event["event"] not in _REVERTING:
                fold(self, event)

    def _on_user(self, event: TrackerEvent) -> None:
        self.message = event.get("parse_data") or {"text": event.get("text"), "intent": {}, "entities": []}
        self.channel = event.get("input_channel") or self.channel
        self.action = LISTEN
        self.followup = ""  # it was to follow upon what went before

    def _on_action(self, event: TrackerEvent) -> None:
        self.action = event["name"]
        self.followup = ""
        if self.loop:
            self.loop.is_interrupted = False
            self.loop.is_rejected = self.loop.is_rejected and event["name"] != self.loop.name

    def _on_rejection(self, event: TrackerEvent) -> None:
        if self.loop and self.loop.name == event["name"]:
            self.loop.is_rejected = True

    def _on_slot(self, event: TrackerEvent) -> None:
        slot = self.bot.slots.get(event["name"])
        self.slots[event["name"]] = coerced(slot, event["value"]) if slot else event["value"]

    def _on_slots_reset(self, event: TrackerEvent) -> None:
        self.slots = {name: slot.initial_value for name, slot in self.bot.slots.items()}

    def _on_loop(self, event: TrackerEvent) -> None:
        name = event.get("name") or ""
        self.loop = ActiveLoop(name) if is_loop(self.bot, name) else None  # a newer bot may lack the form

    def _on_interruption(self, event: TrackerEvent) -> None:
        if self.loop:
            self.loop.is_interrupted = bool(event.get("is_interrupted"))

    def _on_followup(self, event: TrackerEvent) -> None:
        self.followup = str(event.get("name") or "")

    def _on_pause(self, event: TrackerEvent) -> None:
        self.paused = event["event"] == "pause"

    def _on_restart(self, event: TrackerEvent) -> None:
        self._begin()
        self.followup = LISTEN

    def _on_revert(self, event: TrackerEvent) -> None:
        self._replay(applied(self.events))


def applied(events: Iterable[TrackerEvent], forms: Iterable[str] = ()) -> list[TrackerEvent]:
    """The events that count: since the last beginning, without what was reverted.

    With forms, without a form's happy path too: what a person says to fill it is no part of any story, so
    only its first run and the events that it leaves behind are kept.
    """
    names = set(forms)
    kept: list[TrackerEvent] = []
    for event in events:
        kind = event["event"]
        if kind in ("restart", "session_started"):
            kept.clear()
        elif kind == "undo":
            _cut_to(kept, "action")
        elif kind == "rewind":
            _cut_to(kept, "user")
            if kept and kept[-1]["event"] == "action" and kept[-1]["name"] == LISTEN:
                kept.pop()
        elif kind == "action" and event["name"] in names and _is_happy_path(event["name"], kept):
            _forget_since(event["name"], kept)
        else:
            kept.append(event)
    return kept


def _cut_to(kept: list[TrackerEvent], kind: str) -> None:
    if any(event["event"] == kind for event in kept):
        while kept.pop()["event"] != kind:
            pass


def _is_happy_path(form: str, kept: list[TrackerEvent]) -> bool:
    """Whether the form was run before in its present activation and nothing else was answered since."""
    for event in reversed(kept):
        kind = event["event"]
        if kind == "active_loop" and event.get("name") is None:
            return False
        if kind == "action_execution_rejected" and event["name"] == form:
            return False
        if kind == "loop_interrupted" and event.get("is_interrupted"):
            return False
        if kind == "action" and event["name"] == form:
            return True
    return False


def _forget_since(form: str, kept: list[TrackerEvent]) -> None:
    """Drop messages and actions since the form's last run."""
    place = len(kept) - 1
    while not (kept[place]["event"] == "action" and kept[place]["name"] == form):
        if kept[place]["event"] in ("action", "user"):
            del kept[place]
        place -= 1


_REVERTING = ("rewind", "undo")
_FOLDS: dict[str, Callable[[Tracker, TrackerEvent], None]] = {
    "user": Tracker._on_user,
    "action": Tracker._on_action,
    "action_execution_rejected": Tracker._on_rejection,
    "slot": Tracker._on_slot,
    "reset_slots": Tracker._on_slots_reset,
    "active_loop": Tracker._on_loop,
    "form": Tracker._on_loop,
    "loop_interrupted": Tracker._on_interruption,
    "followup": Tracker._on_followup,
    "pause": Tracker._on_pause,
    "resume": Tracker._on_pause,
    "restart": Tracker._on_restart,
    "session_started": lambda tracker, _: tracker._begin(),
    "rewind": Tracker._on_revert,
    "undo": Tracker._on_revert,
}
