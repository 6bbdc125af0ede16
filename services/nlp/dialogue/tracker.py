"""The tracker: a conversation as a fold of tracker events."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from services.nlp.formats.bot import Bot

MAX_EVENTS = 200
MAX_BYTES = 32_000
TrackerEvent = dict[str, Any]
"""{"event": "user" | "bot" | "action" | "slot" | "session_started", …}: Rasa's names and fields."""


def user_uttered(text: str, intent: str, entities: Iterable[tuple[str, Any]] = ()) -> TrackerEvent:
    """The person said something, and what we took it for."""
    named = [{"entity": name, "value": value} for name, value in entities]
    return {"event": "user", "text": text, "intent": intent, "entities": named}


def bot_uttered(text: str) -> TrackerEvent:
    """The bot said something."""
    return {"event": "bot", "text": text}


def action_executed(name: str) -> TrackerEvent:
    """An action was run."""
    return {"event": "action", "name": name}


def slot_set(name: str, value: Any) -> TrackerEvent:
    """A slot has a new value."""
    return {"event": "slot", "name": name, "value": value}


def session_started() -> TrackerEvent:
    """A conversation begins anew: slots have their initial values."""
    return {"event": "session_started"}


@dataclass
class Tracker:
    """The events, and what they come to."""

    bot: Bot
    events: list[TrackerEvent] = field(default_factory=list)
    slots: dict[str, Any] = field(default_factory=dict)
    intent: str = ""
    entities: tuple[str, ...] = ()
    actions: list[str] = field(default_factory=list)
    """Run since the person last spoke."""
    turns: int = 0
    """How often the person spoke in this session."""

    @classmethod
    def of(cls, bot: Bot, events: Iterable[TrackerEvent] = ()) -> "Tracker":
        """The fold of these events."""
        tracker = cls(bot)
        tracker._begin()
        for event in events:
            tracker.update(event)
        return tracker

    def update(self, *events: TrackerEvent) -> None:
        """Add events, and what follows from them."""
        for event in events:
            self.events.append(event)
            if fold := _FOLDS.get(event["event"]):
                fold(self, event)

    def trimmed(self) -> list[TrackerEvent]:
        """The newest events within the limits, behind one that holds the slots of what was cut."""
        kept = self.events[-MAX_EVENTS:]
        while len(kept) > 1 and len(json.dumps(kept, ensure_ascii=False).encode()) > MAX_BYTES:
            kept = kept[len(kept) // 4 or 1 :]
        cut = len(self.events) - len(kept)
        if not cut:
            return kept
        before = Tracker.of(self.bot, self.events[:cut]).slots
        return [*(slot_set(name, value) for name, value in before.items() if value is not None), *kept]

    def _begin(self) -> None:
        self.slots = {name: slot.initial_value for name, slot in self.bot.slots.items()}
        self.turns = 0
        self.actions = []

    def _on_user(self, event: TrackerEvent) -> None:
        self.intent = event["intent"]
        self.entities = tuple(entity["entity"] for entity in event["entities"])
        self.actions = []
        self.turns += 1

    def _on_action(self, event: TrackerEvent) -> None:
        self.actions.append(event["name"])

    def _on_slot(self, event: TrackerEvent) -> None:
        self.slots[event["name"]] = event["value"]


_FOLDS: dict[str, Callable[[Tracker, TrackerEvent], None]] = {
    "user": Tracker._on_user,
    "action": Tracker._on_action,
    "slot": Tracker._on_slot,
    "session_started": lambda tracker, _: tracker._begin(),
}
