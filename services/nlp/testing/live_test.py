"""Runs end-to-end stories as conversations: forms and custom actions are run for real."""

import zlib
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

from services.nlp.dialogue.conversing import answer, begin, hear
from services.nlp.dialogue.courses import shown_value
from services.nlp.dialogue.events import LISTEN
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.annotation import read_example
from services.nlp.formats.story import ActionStep, AnyValue, LoopStep, SlotStep, Step, Story, UserStep
from services.nlp.live import LiveBot
from services.nlp.nlu.direct import direct_parse
from services.nlp.nlu.parse import Entity, Parse
from services.nlp.testing.story_test import Checked, StoryResult

NOTHING = "nothing"


@contextmanager
def recorded_http(folder: Path, story: str, records: bool) -> Iterator[None]:
    """Answer the story's HTTP from its file in the folder; nothing goes out.

    With `records` what is not in the file goes out and is written into it. Else such a request fails.
    """
    import vcr  # only who tests pays for it

    plain = "".join(letter if letter.isalnum() else "-" for letter in story.lower())
    name = plain if plain == story.lower() else f"{plain}-{zlib.crc32(story.encode()):08x}"
    mode = vcr.mode.NEW_EPISODES if records else vcr.mode.NONE
    hidden = ["authorization", "cookie", "x-api-key"]
    recorder = vcr.VCR(record_mode=mode, filter_headers=hidden, decode_compressed_response=True)
    with recorder.use_cassette(str(folder / f"{name}.yml")):
        yield


async def run_live(live: LiveBot, story: Story, steps: Sequence[Step]) -> StoryResult:
    """Say the messages of one of the story's variants, and hold what the bot does against what it says.

    Of slots and forms the state behind each step is compared.
    """
    result = StoryResult(story)
    stage = live.stage(Tracker.of(live.bot))
    await begin(stage)
    for message, expected in _segments(steps):
        parse = _parse(live, message)
        before = len(stage.tracker.events)
        await hear(stage, parse, "test")
        result.steps.append(Checked("user", message.intent or parse.intent, parse.intent, message.line))
        async for _ in answer(stage, live.model.dialogue):
            pass
        done = [e["name"] for e in stage.tracker.events[before:] if e["event"] == "action"]
        result.steps.extend([check async for check in _compared(stage.tracker, expected, done)])
    return result


async def _compared(tracker: Tracker, expected: list[Step], done: list[str]) -> AsyncGenerator[Checked, None]:
    actions = [step for step in expected if isinstance(step, ActionStep)]
    ran = [name for name in done if name != LISTEN]
    for step, name in zip_longest(actions, ran):
        told = (step.action or step.text) if step else NOTHING
        yield Checked("action", told, name or NOTHING, step.line if step else 0)
    last = {step.slot: step for step in expected if isinstance(step, SlotStep)}
    for slot, step in last.items():
        actual = tracker.slots.get(slot)
        if step.value is AnyValue.ANY:
            yield Checked("slot", f"{slot} is set", f"{slot} is {'set' if actual is not None else 'unset'}")
        else:
            wanted = shown_value(tracker.bot, step)
            yield Checked("slot", f"{slot}={wanted}", f"{slot}={actual}")
    loops = [step for step in expected if isinstance(step, LoopStep)]
    if loops:
        yield Checked("form", loops[-1].form or NOTHING, tracker.loop_name or NOTHING)


def _segments(steps: Sequence[Step]) -> Iterator[tuple[UserStep, list[Step]]]:
    """Each message, and what the story has behind it up to the next."""
    message: UserStep | None = None
    behind: list[Step] = []
    for step in steps:
        if isinstance(step, UserStep):
            if message:
                yield message, behind
            message, behind = step, []
        else:
            behind.append(step)
    if message:
        yield message, behind


def _parse(live: LiveBot, message: UserStep) -> Parse:
    text = read_example(message.text)[0] if message.text else ""
    if text:
        return direct_parse(text) or live.model.parse(text)
    entities = tuple(Entity(e.entity, e.value, role=e.role, group=e.group) for e in message.entities)
    return Parse("", message.intent, 1.0, entities=entities)
