"""The rule policy: what always happens, forms and default actions included."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.courses import Course, shown_value, steps_events
from services.nlp.dialogue.events import (
    LISTEN,
    SESSION_START,
    action_executed,
    active_loop,
    loop_interrupted,
    slot_set,
)
from services.nlp.dialogue.policy import RULE_PRIORITY, Prediction, Situation
from services.nlp.dialogue.states import ABSENT, NO_LOOP, Moment, State, moments
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import Bot
from services.nlp.formats.story import LoopStep, Story

NAME = "RulePolicy"
SNIPPET = "..."
"""Stands in a rule for any earlier history."""
DEFAULT_INTENTS = {"restart": "action_restart", "back": "action_back", "session_start": SESSION_START}
Key = tuple[State, ...]


@dataclass(frozen=True)
class RuleEntry:
    """After these states, this action."""

    states: Key
    action: str
    rule: str
    weight: tuple[int, int] = (0, 0)
    """The more a rule asks for, the more it counts."""
    is_in_stories: bool = False


@dataclass
class RulePolicy:
    """Rasa 3's RulePolicy."""

    bot: Bot
    fallback_action: str = "action_default_fallback"
    fallback_threshold: float = 0.3
    has_fallback: bool = True
    entries: list[RuleEntry] = field(default_factory=list)
    no_validation: list[Key] = field(default_factory=list)
    """Behind these the form runs and asks again, without looking at what was said."""
    no_loop: list[Key] = field(default_factory=list)
    """Behind these the form does not run by itself."""

    def learn(self, rules: Iterable[Story], stories: Iterable[Course]) -> None:
        """Take in the rules; stories tell how forms go on after something else was said."""
        walked = [(rule, found) for rule in rules for found in rule_moments(self.bot, rule)]
        entries: dict[tuple[Key, str], RuleEntry] = {}
        for rule, found in walked:
            for states, action in _decisions(found):
                entries.setdefault((states, action), RuleEntry(states, action, rule.name, _weight(states)))
        told = [[*moments(self.bot, course.events)] for course in stories]
        known = self._known_to(told, list(entries.values()))
        self.entries = [RuleEntry(e.states, e.action, e.rule, e.weight, e in known) for e in entries.values()]
        for found in (*(found for _, found in walked), *told):
            self._learn_unhappy(found)

    def predict(self, situation: Situation) -> Prediction:
        """A default action, the form, or the rule that fits; else the fallback's threshold."""
        tracker = situation.tracker
        if tracker.action == LISTEN and (action := DEFAULT_INTENTS.get(tracker.intent)):
            return self._sure(action)
        if action := _happy_path(tracker):
            return self._sure(action)
        prediction = self._by_rules(situation)
        if prediction or tracker.action != LISTEN or not self.has_fallback:
            return prediction or Prediction(NAME, RULE_PRIORITY)
        return Prediction(NAME, RULE_PRIORITY, {self.fallback_action: self.fallback_threshold})

    def fitting(self, states: Sequence[State]) -> RuleEntry | None:
        """The rule that asks for most among those that fit."""
        return max((e for e in self.entries if _fits(e.states, states)), key=lambda e: e.weight, default=None)

    def _by_rules(self, situation: Situation) -> Prediction | None:
        states = [moment.state for moment in situation.moments]
        entry = self.fitting(states)
        loop = situation.tracker.loop_name
        if not loop:
            return self._sure(entry.action, is_hidden=not entry.is_in_stories) if entry else None
        events: tuple[TrackerEvent, ...] = ()
        if any(_fits(key, states) for key in self.no_validation):
            events = (loop_interrupted(True),)
        ends_elsewhere = entry is not None and entry.action == LISTEN and not _loop_of(entry.states[-1])
        if ends_elsewhere:  # such a rule does not say that the form goes on; it does
            if any(_fits(key, states) for key in self.no_loop):
                return None
            return self._sure(loop, events)
        if entry is None:
            return Prediction(NAME, RULE_PRIORITY, events=events) if events else None
        return self._sure(entry.action, events, is_hidden=not entry.is_in_stories)

    def _learn_unhappy(self, found: Sequence[Moment]) -> None:
        """How the form goes on after an answer to something else."""
        states = [moment.state for moment in found]
        for place, moment in enumerate(found):
            loop = _loop_of(moment.state)
            if not loop or not moment.action or moment.action == SNIPPET:
                continue
            key = _last_two(states[: place + 1])
            if moment.state.action == LISTEN and moment.action == loop:
                _add(self.no_validation, key)
            elif moment.state.action != LISTEN and moment.action != loop:
                _add(self.no_loop, key)

    def _known_to(self, told: Sequence[Sequence[Moment]], entries: Sequence[RuleEntry]) -> list[RuleEntry]:
        """The rules that some story follows."""
        policy = RulePolicy(self.bot, entries=list(entries))
        known: list[RuleEntry] = []
        for found in told:
            states = [moment.state for moment in found]
            for place, moment in enumerate(found):
                entry = policy.fitting(states[: place + 1]) if moment.action else None
                if entry and entry.action == moment.action and entry not in known:
                    known.append(entry)
        return known

    @staticmethod
    def _sure(action: str, events: tuple[TrackerEvent, ...] = (), is_hidden: bool = False) -> Prediction:
        return Prediction(NAME, RULE_PRIORITY, {action: 1.0}, events, is_hidden)


def rule_moments(bot: Bot, rule: Story) -> list[list[Moment]]:
    """The rule's moments, once for each of its alternatives."""
    found = []
    for steps in rule.expanded():
        events: list[TrackerEvent] = []
        for step in rule.condition:
            if isinstance(step, LoopStep):
                events.append(active_loop(step.form))
            else:
                events.append(slot_set(step.slot, shown_value(bot, step)))
        if not rule.at_start:
            events.append(action_executed(SNIPPET))
        events += steps_events(bot, steps)
        if rule.listens and (not events or events[-1].get("name") != LISTEN):
            events.append(action_executed(LISTEN))
        walked = moments(bot, events, is_rule=True)[:-1]
        found.append(walked)
    return found


def rule_decisions(bot: Bot, rule: Story) -> list[tuple[Key, str]]:
    """The states and the action behind them, for everything that the rule decides."""
    return [decision for found in rule_moments(bot, rule) for decision in _decisions(found)]


def _decisions(found: Sequence[Moment]) -> list[tuple[Key, str]]:
    """The states behind the snippet that lead to each action."""
    decided = []
    for place, moment in enumerate(found):
        states: list[State] = []
        for earlier in reversed(found[: place + 1]):
            if earlier.state.action == SNIPPET:
                break
            states.insert(0, earlier.state)
        if states and moment.action != SNIPPET and not _only_listens(states, moment.action):
            decided.append((tuple(states), moment.action))
    return decided


def _only_listens(states: Sequence[State], action: str) -> bool:
    """The listening at a conversation's beginning is no decision."""
    return len(states) == 1 and states[0].action == "" and action == LISTEN


def _happy_path(tracker: Tracker) -> str:
    """The form while it gets what it asks for, and listening behind it."""
    if tracker.loop is None or tracker.loop.is_rejected:
        return ""
    return LISTEN if tracker.action == tracker.loop.name else tracker.loop.name


def _fits(rule: Sequence[State], states: Sequence[State]) -> bool:
    if len(states) < len(rule):
        return False
    return all(_holds(mine, actual) for mine, actual in zip(reversed(rule), reversed(states), strict=False))


def _holds(mine: State, actual: State) -> bool:
    if bool(mine.action) != bool(actual.action):  # one of them is a conversation's beginning
        return False
    if mine.action and mine.action != actual.action:
        return False
    if (mine.intent and mine.intent != actual.intent) or (mine.text and mine.text != actual.text):
        return False
    if mine.entities and mine.entities != actual.entities:
        return False
    if mine.loop and (mine.loop if mine.loop != NO_LOOP else "") != actual.loop:
        return False
    slots = dict(actual.slots)
    return all(slots.get(name, ABSENT) == value for name, value in mine.slots)


def _add(keys: list[Key], key: Key) -> None:
    """Once; a list, because the order of a set differs from process to process, and so would the model."""
    if key not in keys:
        keys.append(key)


def _loop_of(state: State) -> str:
    return "" if state.loop == NO_LOOP else state.loop


def _last_two(states: Sequence[State]) -> Key:
    """The last state, and the action two moments ago; what was said before is of no matter."""
    if len(states) == 1 or not states[-2].action or states[-2].action == SNIPPET:
        return (states[-1],)
    return (State(action=states[-2].action), states[-1])


def _weight(states: Key) -> tuple[int, int]:
    facts = sum(
        bool(s.intent) + bool(s.action) + bool(s.loop) + bool(s.text) + len(s.entities) + len(s.slots)
        for s in states
    )
    return facts, len(repr(states))
