"""From stories to courses: whole conversations as tracker events, to learn from."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import LISTEN, action_executed, active_loop, slot_set
from services.nlp.formats.bot import Bot
from services.nlp.formats.story import (
    ActionStep,
    AnyValue,
    CheckpointStep,
    LoopStep,
    SlotStep,
    Step,
    Story,
    UserStep,
)

MAX_VARIANTS = 200
"""Of one story's alternatives."""
MAX_COURSES = 2000
"""Of all checkpoints' ways together."""


@dataclass(frozen=True)
class Course:
    """One conversation as stories say it goes."""

    names: tuple[str, ...]
    """The stories that it is put together from."""
    events: tuple[TrackerEvent, ...]

    @property
    def name(self) -> str:
        """For people."""
        return " + ".join(self.names)


@dataclass(frozen=True)
class _Block:
    """A story's part between checkpoints; "" is the beginning or end of a conversation."""

    name: str
    start: str
    conditions: tuple[SlotStep, ...]
    steps: tuple[Step, ...]
    end: str


def courses(bot: Bot) -> list[Course]:
    """Every way through the bot's stories, checkpoints joined; rules are not among them."""
    blocks = [block for story in bot.stories if not story.is_rule for block in _blocks(story)]
    following: dict[str, list[_Block]] = defaultdict(list)
    for block in blocks:
        following[block.start].append(block)
    paths = (path for block in following[""] for path in _ways([block], following))
    found = [
        Course(tuple(dict.fromkeys(block.name for block in path)), tuple(_events(bot, path)))
        for path in islice(paths, MAX_COURSES)
    ]
    unique = {_key(course): course for course in reversed(found)}
    return list(reversed(unique.values()))


def loose_checkpoints(bot: Bot) -> list[str]:
    """Checkpoints that only begin or only end stories, a sentence each."""
    blocks = [block for story in bot.stories if not story.is_rule for block in _blocks(story)]
    starts, ends = {block.start for block in blocks}, {block.end for block in blocks}
    found = [f"checkpoint {name!r} begins stories and ends none" for name in sorted(starts - ends - {""})]
    return found + [
        f"checkpoint {name!r} ends stories and begins none" for name in sorted(ends - starts - {""})
    ]


def glued(found: list[Course], factor: int, chance: random.Random) -> list[Course]:
    """More courses for a learned policy: random ones behind one another."""
    few = min(len(found) * factor, MAX_COURSES) if len(found) > 1 else 0
    pairs = [(chance.choice(found), chance.choice(found)) for _ in range(few)]
    return [Course((*a.names, *b.names), (*a.events, *b.events)) for a, b in pairs]


def steps_events(bot: Bot, steps: Iterable[Step]) -> Iterator[TrackerEvent]:
    """The events of these steps, with the listening before each message."""
    is_listening = False
    for step in steps:
        if isinstance(step, UserStep):
            if not is_listening:
                yield action_executed(LISTEN)
            is_listening = True
            yield told(step)
            yield from implied_slots(bot, step)
        elif isinstance(step, ActionStep):
            name = step.action or step.text
            is_listening = name == LISTEN
            yield action_executed(name)
        elif isinstance(step, SlotStep):
            yield slot_set(step.slot, shown_value(bot, step))
        elif isinstance(step, LoopStep):
            yield active_loop(step.form)


def told(step: UserStep) -> TrackerEvent:
    """A story's message as a tracker event."""
    entities = [
        {"entity": e.entity, "value": e.value, **({"role": e.role} if e.role else {}), **_group(e.group)}
        for e in step.entities
    ]
    intent = {"name": step.intent.split("/")[0], "confidence": 1.0} if step.intent else {}
    return {"event": "user", "text": step.text, "parse_data": {"intent": intent, "entities": entities}}


def implied_slots(bot: Bot, step: UserStep) -> Iterator[TrackerEvent]:
    """The slots that a message's entities fill wherever they are said."""
    for slot in bot.slots.values():
        for mapping in slot.mappings:
            if mapping.kind != "from_entity" or mapping.conditions:
                continue
            values = [
                e.value
                for e in step.entities
                if (e.entity, e.role, e.group) == (mapping.entity, mapping.role, mapping.group)
                and e.value is not None
            ]
            if values:
                yield slot_set(slot.name, values if slot.kind == "list" else values[-1])
                break


def shown_value(bot: Bot, step: SlotStep) -> object:
    """The step's value; a stand-in where the story says only that the slot was set."""
    if step.value is not AnyValue.ANY:
        return step.value
    slot = bot.slots.get(step.slot)
    stand_ins = {"bool": True, "float": slot.max_value if slot else 1.0, "list": ["…"]}
    if slot and slot.kind == "categorical":
        return slot.values[0] if slot.values else "…"
    return stand_ins.get(slot.kind, "…") if slot else "…"


def _group(group: str) -> dict[str, str]:
    return {"group": group} if group else {}


def _blocks(story: Story) -> Iterator[_Block]:
    for steps in islice(story.expanded(), MAX_VARIANTS):
        starts: list[CheckpointStep] = []
        part: list[Step] = []
        for step in steps:
            if not isinstance(step, CheckpointStep):
                part.append(step)
            elif part:
                yield from _between(story.name, starts, part, step.name)
                starts, part = [step], []
            else:
                starts.append(step)
        if part:
            yield from _between(story.name, starts, part, "")


def _between(name: str, starts: list[CheckpointStep], part: list[Step], end: str) -> Iterator[_Block]:
    for start in starts or [CheckpointStep("")]:
        yield _Block(name, start.name, start.slots, tuple(part), end)


def _ways(path: list[_Block], following: dict[str, list[_Block]]) -> Iterator[list[_Block]]:
    """The path, and everything that may follow; no block comes twice, so circles end."""
    last = path[-1]
    ways = [block for block in following[last.end] if block not in path and _may_follow(path, block)]
    if not last.end or not ways:
        yield path
        return
    for block in ways:
        yield from _ways([*path, block], following)


def _may_follow(path: list[_Block], block: _Block) -> bool:
    set_so_far = {s.slot: s.value for b in path for s in b.steps if isinstance(s, SlotStep)}
    return all(
        condition.value in (AnyValue.ANY, set_so_far.get(condition.slot, condition.value))
        for condition in block.conditions
    )


def _events(bot: Bot, path: list[_Block]) -> Iterator[TrackerEvent]:
    events = list(steps_events(bot, (step for block in path for step in block.steps)))
    yield from events
    if not events or events[-1].get("name") != LISTEN:
        yield action_executed(LISTEN)


def _key(course: Course) -> str:
    return repr(course.events)
