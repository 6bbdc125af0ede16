"""Interactive learning: a conversation in which a person confirms or corrects every step."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.reply import Reply
from services.nlp.actions.base import ActionFailed, ActionRejected, TrackerEvent
from services.nlp.dialogue import conversing
from services.nlp.dialogue.deciding import Choice
from services.nlp.dialogue.events import (
    LISTEN,
    SESSION_START,
    action_executed,
    action_rejected,
    bot_uttered,
)
from services.nlp.dialogue.performing import perform
from services.nlp.dialogue.stage import Outcome, Stage
from services.nlp.dialogue.tracker import Tracker, applied
from services.nlp.formats.annotation import AnnotationBroken, mark, read_example
from services.nlp.formats.bot import FALLBACK_INTENT, Bot, Example, Mention, Variation
from services.nlp.formats.checks import DEFAULT_INTENTS, known_actions
from services.nlp.formats.story import ActionStep, LoopStep, SlotStep, Step, Story, StoryEntity, UserStep
from services.nlp.nlu.direct import EXTRACTOR as DIRECT
from services.nlp.nlu.parse import Entity, Parse, ResponseGuess
from services.nlp.training.model import Model

_UNTAUGHT = ("DucklingEntityExtractor", "SpacyEntityExtractor", DIRECT)
"""Finders that learn nothing from examples."""
_TEACHER = "interactive"


@dataclass(frozen=True)
class Row:
    """One line of the history."""

    who: str
    """"bot" or "you"."""
    what: str


@dataclass
class Taught:
    """What a bot is to keep."""

    stories: list[Story] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    intents: list[str] = field(default_factory=list)
    entities: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    responses: dict[str, str] = field(default_factory=dict)
    """New ones and their texts."""

    def __bool__(self) -> bool:
        return bool(self.stories or self.examples)


class Lesson:
    """One conversation after another, until what was taught is kept.

    `stage_of` makes the place where a turn's actions are performed. A message is heard, perhaps corrected,
    and confirmed; then choices are confirmed or corrected until the bot listens again.
    """

    def __init__(self, model: Model, stage_of: Callable[[Tracker], Stage]) -> None:
        self._model = model
        self._stage_of = stage_of
        bot = model.bot
        self.bot: Bot = replace(bot, responses=dict(bot.responses), actions=tuple(bot.actions))
        """The bot with what is new: the model itself stays as it is."""
        self.tracker = Tracker.of(self.bot, sender_id="interactive")
        self.heard: Parse | None = None
        """A message that is not confirmed yet."""
        self._examples: list[Example] = []
        self._marks: list[tuple[int, int]] = []
        self._told: list[Story] = []
        self._responses: dict[str, str] = {}

    @property
    def is_listening(self) -> bool:
        """Whether it is the person's turn."""
        since = self.tracker.since_heard()
        never = self.tracker.last_heard_at is None
        return never or any(e["event"] == "action" and e["name"] == LISTEN for e in since)

    def hear(self, text: str) -> Parse:
        """Take a message; nothing is done with it before it is confirmed."""
        self.heard = self._model.parse(text)
        return self.heard

    def correct_intent(self, name: str) -> Parse:
        """The message means this, a known intent or a new one; `faq/ask_name` for a retrieval intent."""
        base, _, key = name.strip().partition("/")
        if not base:
            raise ValueError("an intent needs a name")
        heard = self._pending()
        responses = heard.responses
        if key:
            others = tuple(guess for guess in responses if guess.intent != base)
            responses = (*others, ResponseGuess(base, key, 1.0))
        self.heard = replace(heard, intent=base, confidence=1.0, responses=responses)
        return self.heard

    def correct_entities(self, marked: str) -> Parse:
        """The message once more, with all its entities as `[text](entity)`.

        Raises ValueError where it is another sentence or its marks are broken.
        """
        heard = self._pending()
        try:
            text, mentions, _ = read_example(marked)
        except AnnotationBroken as error:
            raise ValueError(str(error)) from error
        if text != heard.text:
            raise ValueError("without its marks the sentence is another one")
        found = (Entity(m.entity, m.value, m.start, m.end, 1.0, _TEACHER, m.role, m.group) for m in mentions)
        self.heard = replace(heard, entities=tuple(found))
        return self.heard

    async def confirm(self) -> list[Reply]:
        """The message is understood as it should be: it becomes part of the conversation, and an example."""
        heard = self._pending()
        self._marks.append((len(self.tracker.events), len(self._examples)))
        stage = self._stage()
        replies = await conversing.begin(stage)
        replies += await conversing.hear(stage, heard)
        if heard.intent != FALLBACK_INTENT and not heard.text.lstrip().startswith("/"):
            self._examples.append(example_of(heard))
        self.heard = None
        return replies

    def next_choice(self) -> Choice:
        """What the bot would do now."""
        return self._model.dialogue.choose(self.tracker)

    def corrected(self, action: str, text: str = "") -> Choice:
        """This action in place of the predicted one; a new `utter_…` may bring its text."""
        if not action.strip():
            raise ValueError("an action needs a name")
        if action not in known_actions(self.bot):
            self.bot.actions = (*self.bot.actions, action)
        if text and action.startswith("utter_"):
            self._responses[action] = text
            self.bot.responses[action] = (Variation(text),)
        return Choice(action, _TEACHER, 1.0)

    async def perform(self, choice: Choice) -> list[Reply]:
        """Do it for real. Raises ActionFailed, behind which nothing has happened."""
        count = len(self.tracker.events)
        self.tracker.update(*choice.events)
        try:
            outcome = await perform(self._stage(), choice.action)
        except ActionRejected:
            self.tracker.update(action_rejected(choice.action))
            return []
        except ActionFailed:
            self._cut(count)
            raise
        self._note(choice, outcome)
        return outcome.replies

    def skip(self, choice: Choice) -> None:
        """The action was run, as far as the story goes; what it would have said and set is left out."""
        self.tracker.update(*choice.events)
        self._note(choice, Outcome())

    def undo(self) -> bool:
        """Take the last message back with all that followed; False where there is none."""
        if self.heard:
            self.heard = None
            return True
        if not self._marks:
            return False
        events, examples = self._marks.pop()
        del self._examples[examples:]
        self._cut(events)
        return True

    def restart(self) -> None:
        """Begin another conversation; the one so far is kept as a story."""
        self._told += self._stories()
        self._begin()

    def forget(self) -> None:
        """Begin another conversation, and keep nothing of what was taught so far."""
        self._told, self._examples, self._responses = [], [], {}
        self._begin()

    def taught(self) -> Taught:
        """All that is to be kept: the conversations as stories, the messages as examples, new names."""
        stories = [*self._told, *self._stories()]
        model = self._model.bot
        steps = [step for story in stories for step in story.steps]
        said = [step for step in steps if isinstance(step, UserStep)]
        actions = [step.action for step in steps if isinstance(step, ActionStep) and step.action]
        intents = [*(step.intent for step in said), *(e.intent for e in self._examples)]
        entities = [*(e.entity for s in said for e in s.entities), *_mentioned(self._examples)]
        new = _new(actions, known_actions(model))
        return Taught(
            stories=stories,
            examples=list(self._examples),
            intents=_new(intents, {*model.intents, *DEFAULT_INTENTS}),
            entities=_new(entities, model.entities),
            actions=new,
            responses={name: self._responses[name] for name in new if name in self._responses},
        )

    def finished(self) -> list[Story]:
        """The conversations before the present one."""
        return list(self._told)

    def as_story(self) -> Story:
        """The present conversation, as far as it has come."""
        return Story("now", tuple(steps_of(self.bot, self.tracker.events)))

    def slots(self) -> dict[str, Any]:
        """Names and values, None: unset."""
        return dict(self.tracker.slots)

    def history(self) -> list[Row]:
        """What was said and done since the conversation began, a row a message or action."""
        rows: list[Row] = []
        for event in self.tracker.events:
            if event["event"] == "user":
                rows.append(Row("you", _heard_words(event)))
            elif event["event"] == "action":
                rows.append(Row("bot", f"{event['name']} {event.get('confidence', 1.0):.2f}"))
            elif rows and (words := _event_words(event)):
                rows[-1] = replace(rows[-1], what=f"{rows[-1].what}\n{words}")
        return rows

    def _pending(self) -> Parse:
        if self.heard is None:
            raise ValueError("there is no message to confirm")
        return self.heard

    def _stage(self) -> Stage:
        return replace(self._stage_of(self.tracker), bot=self.bot)

    def _note(self, choice: Choice, outcome: Outcome) -> None:
        # a behaviour that a person has looked at belongs to the story, so hidden turns are shown as well
        self.tracker.update(action_executed(choice.action, choice.policy, choice.confidence))
        self.tracker.update(*(bot_uttered(reply.text) for reply in outcome.replies), *outcome.events)

    def _stories(self) -> list[Story]:
        """The present conversation, in several stories where it was restarted in between."""
        parts: list[list[TrackerEvent]] = [[]]
        for event in self.tracker.events:
            parts[-1].append(event)
            if event["event"] == "restart":
                parts.append([])
        found = [_complete(list(steps_of(self.bot, _until_restart(part)))) for part in parts]
        return [Story("interactive_story", steps) for steps in found if steps]

    def _cut(self, count: int) -> None:
        self.tracker = Tracker.of(self.bot, self.tracker.events[:count], sender_id=self.tracker.sender_id)

    def _begin(self) -> None:
        self._cut(0)
        self._marks, self.heard = [], None


def marked(parse: Parse) -> str:
    """The sentence with its entities as `[text](entity)`."""
    return mark(Example(parse.intent, parse.text, _mentions(parse.entities)))


def example_of(parse: Parse) -> Example:
    """What is learned from a message: entities only as far as they are learned at all."""
    taught = [entity for entity in parse.entities if entity.extractor not in _UNTAUGHT]
    keys = [guess.key for guess in parse.responses if guess.intent == parse.intent]
    return Example(parse.intent, parse.text, _mentions(taught), keys[0].split("/")[-1] if keys else "")


def steps_of(bot: Bot, events: Iterable[TrackerEvent]) -> Iterator[Step]:
    """The steps of a story that goes as these events do; a form's happy path is one step of it."""
    known = known_actions(bot)
    last: Step | None = None
    for event in applied(events, bot.forms):
        step = _step(bot, event, known)
        if step and not (isinstance(step, SlotStep) and step == last):
            yield step
            last = step


def _step(bot: Bot, event: TrackerEvent, known: set[str]) -> Step | None:
    kind = event["event"]
    if kind == "user":
        return _message(event)
    if kind == "action" and event["name"] not in (LISTEN, SESSION_START):
        name = event["name"]
        return ActionStep(name) if name in known else ActionStep(text=name)
    if kind == "slot":
        slot = bot.slots.get(event["name"])
        return SlotStep(slot.name, event["value"]) if slot and slot.influences else None
    if kind in ("active_loop", "form"):
        return LoopStep(event.get("name") or None)
    return None


def _message(event: TrackerEvent) -> UserStep:
    parse = event.get("parse_data") or {}
    found = (
        StoryEntity(e["entity"], e.get("value"), e.get("role") or "", e.get("group") or "")
        for e in parse.get("entities") or []
    )
    return UserStep(str((parse.get("intent") or {}).get("name") or ""), tuple(found))


def _until_restart(events: list[TrackerEvent]) -> list[TrackerEvent]:
    return events[:-1] if events and events[-1]["event"] == "restart" else events


def _complete(steps: list[Step]) -> tuple[Step, ...]:
    """The steps without a last message that nothing was done about yet."""
    heard = [place for place, step in enumerate(steps) if isinstance(step, UserStep)]
    if heard and not any(isinstance(step, ActionStep) for step in steps[heard[-1] :]):
        return tuple(steps[: heard[-1]]) if len(heard) > 1 else ()
    return tuple(steps) if heard else ()


def _mentions(entities: Iterable[Entity]) -> tuple[Mention, ...]:
    return tuple(
        Mention(e.start, e.end, e.entity, str(e.value), e.role, e.group) for e in entities if e.end > e.start
    )


def _mentioned(examples: Iterable[Example]) -> Iterator[str]:
    return (mention.entity for example in examples for mention in example.mentions)


def _new(names: Iterable[str], known: Iterable[str]) -> list[str]:
    there = set(known)
    return [name for name in dict.fromkeys(names) if name and name not in there]


def _heard_words(event: TrackerEvent) -> str:
    parse = event["parse_data"]
    entities = [
        Entity(
            e["entity"], e["value"], e["start"], e["end"], role=e.get("role", ""), group=e.get("group", "")
        )
        for e in parse["entities"]
    ]
    intent = parse["intent"]
    shown = marked(Parse(event["text"], intent["name"], 1.0, entities=tuple(entities)))
    return f"{shown}\nintent: {intent['name']} {intent['confidence']:.2f}"


def _event_words(event: TrackerEvent) -> str:
    kind = event["event"]
    if kind == "bot":
        return str(event.get("text") or "")
    if kind == "slot":
        return f"slot{json.dumps({event['name']: event['value']}, ensure_ascii=False, default=str)}"
    if kind in ("active_loop", "form"):
        return f"form{json.dumps({'name': event.get('name')}, ensure_ascii=False)}"
    return ""
