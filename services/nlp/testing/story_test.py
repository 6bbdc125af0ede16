"""Runs end-to-end stories against a model: what is understood, and which action comes next, step by step."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.nlp.dialogue.courses import shown_value
from services.nlp.dialogue.events import (
    LISTEN,
    action_executed,
    action_rejected,
    active_loop,
    restarted,
    slot_set,
    user_uttered,
    utterance_reverted,
)
from services.nlp.dialogue.slots import fill_slots
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.annotation import read_example
from services.nlp.formats.story import ActionStep, LoopStep, SlotStep, Step, Story, StoryEntity, UserStep
from services.nlp.nlu.parse import Entity, Parse
from services.nlp.training.model import Model

_OWN_EVENTS = {
    "action_restart": (restarted(),),
    "action_default_fallback": (utterance_reverted(),),
    "action_back": (utterance_reverted(), utterance_reverted()),
}
"""What default actions do by themselves, which no story can say."""


@dataclass(frozen=True)
class Checked:
    """One step: what the story says, and what the model does."""

    kind: str
    """"user" or "action"."""
    expected: str
    found: str
    line: int = 0
    confidence: float = 1.0
    policy: str = ""

    @property
    def is_right(self) -> bool:
        """Whether they are the same."""
        return self.expected == self.found


@dataclass(frozen=True)
class StoryResult:
    """One story's steps."""

    story: Story
    steps: list[Checked] = field(default_factory=list)

    @property
    def has_passed(self) -> bool:
        """Whether every step is right."""
        return all(step.is_right for step in self.steps)


def run_story(model: Model, story: Story, variant: Sequence[Step]) -> StoryResult:
    """Go through one variant of the story; custom actions are not run, their slots and forms come from it.

    A wrong action is noted, and the story goes on as it is written.
    """
    result = StoryResult(story)
    tracker = Tracker.of(model.bot, [action_executed(LISTEN)], now=lambda: 0.0)
    for step in variant:
        result.steps.extend(_check(model, tracker, step))
    if not isinstance(variant[-1], UserStep):
        result.steps.extend(_check_action(model, tracker, LISTEN, 0))
    return result


def run_stories(model: Model, stories: Iterable[Story]) -> list[StoryResult]:
    """All of them, each once for every combination of its alternatives."""
    told = [story for story in stories if not story.is_rule]
    return [run_story(model, story, variant) for story in told for variant in story.expanded()]


def _check(model: Model, tracker: Tracker, step: Step) -> Iterator[Checked]:
    if isinstance(step, UserStep):
        if tracker.action != LISTEN:
            yield from _check_action(model, tracker, LISTEN, step.line)
        yield _check_message(model, tracker, step)
    elif isinstance(step, ActionStep):
        yield from _check_action(model, tracker, step.action or step.text, step.line)
    elif isinstance(step, SlotStep):
        tracker.update(slot_set(step.slot, shown_value(model.bot, step)))
    elif isinstance(step, LoopStep):
        tracker.update(active_loop(step.form))


def _check_message(model: Model, tracker: Tracker, step: UserStep) -> Checked:
    text = read_example(step.text)[0] if step.text else ""
    parse = model.parse(text) if text else _as_told(step)
    tracker.update(user_uttered(parse))
    tracker.update(*fill_slots(tracker))
    expected = _told(step.intent or parse.intent, step.entities)
    return Checked("user", expected, _understood(parse, step), step.line, parse.confidence)


def _check_action(model: Model, tracker: Tracker, expected: str, line: int) -> Iterator[Checked]:
    choice = model.dialogue.choose(tracker)
    if choice.action != expected and choice.action == tracker.loop_name:
        tracker.update(action_rejected(choice.action))  # the form may have had nothing to do with it
        choice = model.dialogue.choose(tracker)
    tracker.update(*choice.events)
    executed = action_executed(expected, choice.policy, choice.confidence)
    tracker.update({**executed, "hide_rule_turn": True} if choice.is_hidden else executed)
    tracker.update(*_OWN_EVENTS.get(expected, ()))
    yield Checked("action", expected, choice.action, line, choice.confidence, choice.policy)


def _as_told(step: UserStep) -> Parse:
    """A message that the story gives as intent and entities only."""
    entities = tuple(Entity(e.entity, e.value, role=e.role, group=e.group) for e in step.entities)
    return Parse("", step.intent, 1.0, entities=entities)


def _told(intent: str, entities: Sequence[StoryEntity]) -> str:
    shown = sorted(f"{e.entity}={e.value}" for e in entities)
    return " ".join((intent.split("/")[0], *shown))


def _understood(parse: Parse, step: UserStep) -> str:
    """As `_told` writes it; entities count only where the story names some."""
    if not step.entities:
        return parse.intent
    named = {entity.entity for entity in step.entities}
    shown = sorted(f"{e.entity}={e.value}" for e in parse.entities if e.entity in named)
    return " ".join((parse.intent, *shown))
