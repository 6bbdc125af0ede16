"""What policies see of a conversation: one State before each action, and the present one."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import LISTEN
from services.nlp.dialogue.slot_values import coerced, features
from services.nlp.formats.bot import Bot
from services.nlp.formats.checks import is_loop

Features = tuple[float, ...]
ABSENT: Features = (-1.0,)
"""In a rule: the slot must be unset."""
NO_LOOP = "\0none"
"""In a rule: no form may run."""


class State(NamedTuple):
    """One moment at which an action is chosen; an empty field is not there, or in a rule of no matter."""

    intent: str = ""
    entities: tuple[str, ...] = ()
    """Names, `name#role` and `name#group` too, sorted."""
    action: str = ""
    """What was run before."""
    slots: tuple[tuple[str, Features], ...] = ()
    loop: str = ""
    text: str = ""
    """In place of the intent, in an end-to-end story."""


class Moment(NamedTuple):
    """A state, and the action that was run then; "" for the present."""

    state: State
    action: str
    is_hidden: bool = False
    """Decided by a rule that is in no story: learned policies do not see it."""


def moments(bot: Bot, events: Iterable[TrackerEvent], is_rule: bool = False) -> list[Moment]:
    """One moment before each action among the applied events, and the present one.

    In a rule only slots that are set explicitly count, and unset ones are marked as such.
    """
    walk = _Walk(bot, is_rule)
    found = [moment for event in events if (moment := walk.step(event))]
    return [*found, Moment(walk.state(), "")]


def visible(found: list[Moment]) -> list[State]:
    """The states without those that only rules know; the present one is the last."""
    states: list[State] = []
    last = ""
    hides = False
    for moment in found:
        state = moment.state._replace(action=last) if hides else moment.state
        if moment.is_hidden and moment.action:
            hides = True
            continue
        states.append(state)
        last, hides = moment.action, False
    return states


class _Walk:
    """Goes through events and knows the state at each."""

    def __init__(self, bot: Bot, is_rule: bool) -> None:
        self._bot = bot
        self._is_rule = is_rule
        self._slots: dict[str, Features] = {}
        self._shown: tuple[tuple[str, Features], ...] | None = None
        """The slots as a state has them; None where they have changed since."""
        if not is_rule:
            for slot in bot.slots.values():
                self._set(slot.name, slot.initial_value)
        self._intent = self._text = self._action = self._loop = ""
        self._entities: tuple[str, ...] = ()

    def state(self) -> State:
        if self._shown is None:
            self._shown = tuple(sorted(self._slots.items()))
        return State(self._intent, self._entities, self._action, self._shown, self._loop, self._text)

    def step(self, event: TrackerEvent) -> Moment | None:
        kind = event["event"]
        if kind == "action":
            moment = Moment(self.state(), event["name"], bool(event.get("hide_rule_turn")))
            self._action = event["name"]
            return moment
        if kind == "user":
            return self._hear(event)
        if kind == "slot":
            self._set(event["name"], event["value"])
        elif kind == "reset_slots":
            self._slots.clear()
            self._shown = None
        elif kind in ("active_loop", "form"):
            name = event.get("name") or ""
            self._loop = name if is_loop(self._bot, name) else NO_LOOP if self._is_rule else ""
        return None

    def _hear(self, event: TrackerEvent) -> Moment | None:
        moment = None if self._action == LISTEN else Moment(self.state(), LISTEN)
        parse: dict[str, Any] = event.get("parse_data") or {}
        self._action = LISTEN
        self._intent = str((parse.get("intent") or {}).get("name") or "")
        self._text = "" if self._intent else str(event.get("text") or "")
        self._entities = entity_names(self._bot, self._intent, parse.get("entities") or [])
        return moment

    def _set(self, name: str, value: Any) -> None:
        slot = self._bot.slots.get(name)
        if slot is None or not slot.influences:
            return
        self._shown = None
        found = features(slot, coerced(slot, value))
        if any(found):
            self._slots[name] = found
        elif self._is_rule:
            self._slots[name] = ABSENT
        else:
            self._slots.pop(name, None)


def entity_names(bot: Bot, intent: str, entities: Collection[dict[str, Any]]) -> tuple[str, ...]:
    """The entities that policies look at with this intent."""
    if not entities:
        return ()
    known = bot.intents.get(intent)
    names: set[str] = set()
    for entity in entities:
        name = str(entity.get("entity"))
        parts = [f"{name}#{entity[key]}" for key in ("role", "group") if entity.get(key)]
        if known and (name in known.ignored_entities):
            continue
        if known and known.used_entities is not None and name not in known.used_entities:
            continue
        names.update((name, *parts))
    return tuple(sorted(names))
