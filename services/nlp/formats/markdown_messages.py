"""What a person says in a Markdown story: `intent{"entity": "value"} OR …`, in a test `intent: the text`."""

import re
from typing import Any

from services.nlp.formats.annotation import AnnotationBroken, read_example
from services.nlp.formats.json_object import object_at, short
from services.nlp.formats.story import StoryEntity, UserStep

_INTENT = re.compile(r"/?(?P<name>[^{}:]+?)\s*(?:@[\d.]+\s*)?(?=\{|:| OR |$)")
_OR = re.compile(r"\s+OR\s+|\s*$")
_NEXT = re.compile(r" OR (?=[^\s{}:]+(?:\{[^}]*\})?:)")


class MessageBroken(Exception):
    """A line of a story that cannot be read: its key, what was found there, what is allowed."""

    def __init__(self, key: str, found: str, allowed: str) -> None:
        super().__init__(key, found, allowed)
        self.key, self.found, self.allowed = key, found, allowed


def read_messages(line: str, number: int) -> list[UserStep]:
    """The alternatives that the line names, at least one; raises MessageBroken."""
    messages: list[UserStep] = []
    start = 0
    while start < len(line) or not messages:
        message, start = _message(line, start, number)
        messages.append(message)
    return messages


def _message(line: str, start: int, number: int) -> tuple[UserStep, int]:
    match = _INTENT.match(line, start)
    if not match:
        raise MessageBroken("intent", short(repr(line[start:])), 'intent or intent{"entity": "value"}')
    name, end = match["name"].strip(), match.end()
    fields: dict[str, Any] = {}
    if line.startswith("{", end):
        fields, end = _fields(line, end)
    if line.startswith(":", end):
        return _with_text(line, end + 1, name, number)
    behind = _OR.match(line, end)
    if not behind:
        raise MessageBroken("intent", short(repr(line[end:])), "OR, or nothing behind the closing brace")
    return UserStep(name, _entities(fields), line=number), behind.end()


def _fields(line: str, start: int) -> tuple[dict[str, Any], int]:
    try:
        return object_at(line, start)
    except ValueError:
        raise MessageBroken("intent", f"{short(line[start:])} is no JSON", '{"entity": "value"}') from None


def _with_text(line: str, start: int, intent: str, number: int) -> tuple[UserStep, int]:
    behind = _NEXT.search(line, start)
    text = line[start : behind.start() if behind else len(line)].strip()
    end = behind.end() if behind else len(line)
    payload = re.fullmatch(r"/[^{]+(\{.*\})", text)
    if payload:
        fields, _ = _fields(text, payload.start(1))
        return UserStep(intent, _entities(fields), text, number), end
    try:
        _, mentions, _ = read_example(text)
    except AnnotationBroken as error:
        raise MessageBroken("intent", str(error), "[text](entity)") from None
    entities = tuple(StoryEntity(m.entity, m.value, m.role, m.group) for m in mentions)
    return UserStep(intent, entities, text, number), end


def _entities(fields: dict[str, Any]) -> tuple[StoryEntity, ...]:
    return tuple(
        StoryEntity(name, value)
        for name, given in fields.items()
        for value in (given if isinstance(given, list) else [given])
    )
