"""stories.md of Rasa 1: conversations below headings, `* intent` answered by `- action`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from services.nlp.formats.bot import Bot
from services.nlp.formats.json_object import object_at, short
from services.nlp.formats.markdown_messages import MessageBroken, read_messages
from services.nlp.formats.story import (
    ActionStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Step,
    Story,
)
from services.nlp.formats.text_file import TextFile

_JOINT = re.compile(r"\*\s*[\w/.@-]+\s*(\{.*|:.*| OR .*)?$|>\s*\w+\s*(\{.*)?$")
_ACTION = re.compile(r"-\s*[\w./-]+\s*(\{.*)?$")
_RECORDED = re.compile(r"[*-]\s+form: ")
_EVENT = re.compile(r"[^{]+")
_ANYTHING = "..."
_UNSEEN = ("bot", "session_started", "action_execution_rejected", "form_validation", "loop_interrupted")
_LEFT_OUT = ("reset_slots", "restart", "undo", "rewind", "pause", "resume", "followup", "reminder")
_ALLOWED = "`## name`, `* intent`, `- action`, `- slot{…}`, `- form{…}`, `> checkpoint`"


def holds_stories(lines: Sequence[tuple[int, str]]) -> bool:
    """Whether below some heading a message or a checkpoint is followed by an action, as in no other text."""
    seen = ""
    for _, line in lines:
        if line.startswith(("#", ">>")):
            seen = "heading"
        elif seen and _JOINT.match(line):
            seen = "message"
        elif seen == "message" and _ACTION.match(line):
            return True
    return False


def read_stories(file: TextFile, lines: Sequence[tuple[int, str]], bot: Bot) -> None:
    """Add the stories and rules among these lines to the bot; headings without a step are none."""
    before, *blocks = _blocks(lines)
    for number, line in before:
        if line.startswith(("*", "-", ">")):
            file.wrong(number, "##", f"{short(line)!r} before any story", _ALLOWED)
    bot.stories += [story for block in blocks if (story := _story(file, block)).steps]


def _blocks(lines: Sequence[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """The lines before the first heading, then those of each."""
    blocks: list[list[tuple[int, str]]] = [[]]
    for number, line in lines:
        if line.startswith(("#", ">>")):
            blocks.append([])
        blocks[-1].append((number, line))
    return blocks


def _story(file: TextFile, block: list[tuple[int, str]]) -> Story:
    (number, heading), *body = block
    # the recorder's `form: ` lines tell what happened inside a form: nothing to learn from
    told = [(place, line) for place, line in body if line and not _RECORDED.match(line)]
    steps = tuple(step for place, line in told for step in _read(file, place, line))
    is_rule = heading.startswith(">>")
    story = Story(heading.strip("#> "), steps, is_rule, file=file.name, line=number)
    return _as_rule(story) if is_rule else story


def _read(file: TextFile, number: int, line: str) -> list[Step | OrStep]:
    try:
        if line.startswith("*"):
            return _person(file, number, line[1:].strip())
        if line.startswith("-"):
            return list(_bot(file, number, line[1:].strip()))
        if line.startswith(">"):
            name, fields = _event(line[1:].strip())
            return [CheckpointStep(name, tuple(SlotStep(slot, value) for slot, value in fields.items()))]
    except MessageBroken as error:
        file.wrong(number, error.key, error.found, error.allowed)
        return []
    file.warn(number, "a line that is no step is left out")
    return []


def _person(file: TextFile, number: int, text: str) -> list[Step | OrStep]:
    messages = read_messages(text, number)
    if len(messages) == 1:
        return [messages[0]]
    return [OrStep(tuple((message,) for message in messages))]


def _bot(file: TextFile, number: int, text: str) -> Iterator[Step]:
    name, fields = _event(text)
    if name == "slot":
        if not fields:
            raise MessageBroken(name, "no slot", '{"name": "value"}')
        yield from (SlotStep(slot, value) for slot, value in fields.items())
    elif name in ("form", "active_loop"):
        yield _loop(name, fields)
    elif name in _LEFT_OUT:
        file.warn(number, f"the event {name!r} is left out of the story")
    elif name not in _UNSEEN:
        # Rasa 1 answers retrieval intents by respond_faq, Rasa 3 by utter_faq
        yield ActionStep(re.sub("^respond_", "utter_", name), line=number)


def _loop(name: str, fields: dict[str, object]) -> LoopStep:
    form = fields.get("name", "")
    if form is not None and (not isinstance(form, str) or not form):
        raise MessageBroken(name, short(str(fields)), '{"name": "of the form"} or {"name": null}')
    return LoopStep(form)


def _event(text: str) -> tuple[str, dict[str, object]]:
    match = _EVENT.match(text)
    if not match or not match[0].strip():
        raise MessageBroken("-", short(repr(text)), _ALLOWED)
    name, start = match[0].strip(), match.end()
    if start == len(text):
        return name, {}
    try:
        fields, end = object_at(text, start)
    except ValueError:
        raise MessageBroken(name, f"{short(text[start:])} is no JSON", '{"name": "value"}') from None
    if text[end:].strip():
        raise MessageBroken(name, short(repr(text[end:])), "nothing behind the closing brace")
    return name, fields


def _as_rule(story: Story) -> Story:
    """What stands before a leading `...` is the rule's condition; without one it holds at the start only."""
    before = tuple(s for s in takewhile(lambda s: isinstance(s, SlotStep | LoopStep), story.steps))
    behind = story.steps[len(before) :]
    is_open = _is_anything(behind[:1])
    body = tuple(step for step in behind if not _is_anything((step,)))
    return replace(
        story,
        steps=body if is_open else before + body,
        condition=tuple(s for s in before if isinstance(s, SlotStep | LoopStep)) if is_open else (),
        at_start=not is_open,
        listens=not _is_anything(behind[1:][-1:]),
    )


def _is_anything(steps: tuple[Step | OrStep, ...]) -> bool:
    return any(isinstance(step, ActionStep) and step.action == _ANYTHING for step in steps)
