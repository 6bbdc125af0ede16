"""`rasa_sdk.interfaces`: what an action sees of a conversation, what an action is, and how it says no."""

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from services.nlp.actions.sdk.events import EventType

if TYPE_CHECKING:
    from services.nlp.actions.sdk.executor import CollectingDispatcher

ACTION_LISTEN_NAME = "action_listen"
NLU_FALLBACK_INTENT_NAME = "nlu_fallback"


class Tracker:
    """A conversation as it stands; an action's own copy."""

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> "Tracker":
        """From what travels on the wire; `active_form` is the older name of `active_loop`."""
        return cls(
            state["sender_id"],
            state.get("slots", {}),
            state.get("latest_message", {}),
            state.get("events", []),
            state.get("paused", False),
            state.get("followup_action"),
            state.get("active_loop", state.get("active_form", {})),
            state.get("latest_action_name"),
        )

    def __init__(
        self,
        sender_id: str,
        slots: dict[str, Any],
        latest_message: dict[str, Any] | None,
        events: list[dict[str, Any]] | None,
        paused: bool,
        followup_action: str | None,
        active_loop: dict[str, Any] | None,
        latest_action_name: str | None,
    ) -> None:
        self.sender_id = sender_id
        self.slots = slots
        self.latest_message = latest_message or {}
        self.events = events if events is not None else []
        self.followup_action = followup_action
        self.active_loop = active_loop if active_loop is not None else {}
        self.latest_action_name = latest_action_name
        self._paused = paused

    @property
    def active_form(self) -> dict[str, Any]:
        """`active_loop` under its name of Rasa 1.x."""
        return self.active_loop

    @property
    def active_loop_name(self) -> str | None:
        """The form that is under way."""
        name = self.active_loop.get("name")
        return None if name == "should_not_be_set" else name

    def current_state(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {
            "sender_id": self.sender_id,
            "slots": self.slots,
            "latest_message": self.latest_message,
            "latest_event_time": self.events[-1].get("timestamp") if self.events else None,
            "paused": self.is_paused(),
            "events": self.events,
            "latest_input_channel": self.get_latest_input_channel(),
            "active_loop": self.active_loop,
            "latest_action_name": self.latest_action_name,
        }

    def current_slot_values(self) -> dict[str, Any]:
        """Slot -> value."""
        return self.slots

    def get_slot(self, key: str) -> Any:
        """A slot's value; None where it is unset or unknown."""
        return self.slots.get(key)

    def get_latest_entity_values(
        self, entity_type: str, entity_role: str | None = None, entity_group: str | None = None
    ) -> Iterator[Any]:
        """The values of an entity in the person's last message; without a role, those that have none."""
        wanted = (entity_type, entity_role, entity_group)
        for entity in self.latest_message.get("entities") or []:
            if (entity.get("entity"), entity.get("role") or None, entity.get("group") or None) == wanted:
                yield entity.get("value")

    def get_latest_input_channel(self) -> str | None:
        """Where the person last wrote."""
        for event in reversed(self.events):
            if event.get("event") == "user":
                channel: str | None = event.get("input_channel")
                return channel
        return None

    def get_intent_of_latest_message(self, skip_fallback_intent: bool = True) -> str | None:
        """The likeliest intent of the last message; behind a fallback the next one."""
        names = [guess.get("name") for guess in self.latest_message.get("intent_ranking") or []]
        if skip_fallback_intent and names[:1] == [NLU_FALLBACK_INTENT_NAME]:
            del names[0]
        return names[0] if names else None

    def is_paused(self) -> bool:
        """Whether the bot keeps quiet."""
        return self._paused

    def idx_after_latest_restart(self) -> int:
        """Where the events since the last restart begin."""
        restarts = [place for place, event in enumerate(self.events) if event.get("event") == "restart"]
        return restarts[-1] + 1 if restarts else 0

    def events_after_latest_restart(self) -> list[dict[str, Any]]:
        """The events since the last restart."""
        return list(self.events[self.idx_after_latest_restart() :])

    def applied_events(self) -> list[dict[str, Any]]:
        """The events that still count: without those that were taken back."""
        applied: list[dict[str, Any]] = []
        for event in self.events:
            kind = event.get("event")
            if kind == "restart":
                applied = []
            elif kind == "undo":
                _take_back(applied, "action")
            elif kind == "rewind":
                _take_back(applied, "user")
                # In front of what a person says the bot always listened: that goes too.
                _take_back(applied, "action")
            else:
                applied.append(event)
        return applied

    def get_last_event_for(
        self, event_type: str, exclude: list[str] | None = None, skip: int = 0
    ) -> dict[str, Any] | None:
        """The last event of a kind that counts, `skip` of them and actions of these names passed over."""
        left_out = exclude or []
        found = (
            event
            for event in reversed(self.applied_events())
            if event.get("event") == event_type
            and not (event_type == "action" and event.get("name") in left_out)
        )
        for _ in range(skip):
            next(found, None)
        return next(found, None)

    def last_executed_action_has(self, name: str, skip: int = 0) -> bool:
        """Whether the bot's last action, listening apart, was this one."""
        last = self.get_last_event_for("action", exclude=[ACTION_LISTEN_NAME], skip=skip)
        return last is not None and last.get("name") == name

    def slots_to_validate(self) -> dict[str, Any]:
        """The slots that were set last of all, behind every other event, in that order."""
        recent: list[dict[str, Any]] = []
        for event in reversed(self.events):
            if event.get("event") != "slot":
                break
            recent.append(event)
        return {event["name"]: event.get("value") for event in reversed(recent)}

    def add_slots(self, slots: list[EventType]) -> None:
        """Let slot events happen in this copy."""
        for event in slots:
            if event.get("event") == "slot":
                self.slots[event["name"]] = event["value"]
                self.events.append(event)

    def copy(self) -> "Tracker":
        """Another copy, to try things on."""
        return copy.deepcopy(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tracker) and (other.sender_id, other.events) == (self.sender_id, self.events)

    __hash__ = None  # type: ignore[assignment]


def _take_back(events: list[dict[str, Any]], kind: str) -> None:
    """Drop events from the end, up to and with the last one of a kind."""
    while events and events.pop().get("event") != kind:
        pass


class Action:
    """Something that a bot can do. Subclasses give it a name and a run method, plain or async."""

    def name(self) -> str:
        """What the domain calls it."""
        raise NotImplementedError("An action must implement a name")

    async def run(
        self, dispatcher: "CollectingDispatcher", tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Do it: speak through the dispatcher, return events."""
        raise NotImplementedError("An action must implement its run method")

    def __str__(self) -> str:
        return f"Action('{self.name()}')"


class ActionExecutionRejection(Exception):
    """Raised by an action that will not run now, so that the policies choose another."""

    def __init__(self, action_name: str, message: str | None = None) -> None:
        self.action_name = action_name
        self.message = message or f"Custom action '{action_name}' rejected execution."
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message


class ActionNotFoundException(Exception):
    """There is no action of that name."""

    def __init__(self, action_name: str, message: str | None = None) -> None:
        self.action_name = action_name
        self.message = message or f"No registered action found for name '{action_name}'."
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message
