"""Rasa's way to mark entities inside an example: [text](entity), or [text]{"entity": …} with a role."""

import json
import re
from typing import Any

from services.nlp.formats.bot import Example, Mention
from services.nlp.formats.json_object import object_at, short

# none of the parts runs across another opening bracket: long lines are read in one pass
_OPENING = re.compile(
    r"\[(?P<surface>[^\[\]]+)\](?:\((?P<entity>[^:)\[]+)(?::(?P<value>[^)\[]+))?\)|(?=\{[^}]))"
)
_CLOSING = re.compile(r"\](?=[({])")
_KEYS = ("entity", "role", "group", "value")


class AnnotationBroken(Exception):
    """An entity's braces do not hold what they should; the text says what is wrong."""


def read_example(line: str) -> tuple[str, tuple[Mention, ...], dict[str, str]]:
    """The sentence without its marks, what was marked, and synonyms: lower-case surface -> value.

    Brackets that mark nothing stay as they are. Raises AnnotationBroken.
    """
    parts: list[str] = []
    mentions: list[Mention] = []
    synonyms: dict[str, str] = {}
    read = length = 0
    while match := _OPENING.search(line, read):
        surface = match["surface"]
        fields, behind = _fields(line, match)
        before = line[read : match.start()]
        parts += (before, surface if fields else match[0])
        if fields:
            start = length + len(before)
            mentions.append(_mention(start, surface, fields))
            if mentions[-1].value != surface:
                synonyms[surface.lower()] = mentions[-1].value
        length += len(before) + len(parts[-1])
        read = behind
    return "".join((*parts, line[read:])), tuple(mentions), synonyms


def mark(example: Example) -> str:
    """The example's line as Rasa 3 writes it; what cannot be marked (brackets, overlaps) stays plain text.

    Brackets that would mark something by accident get a space: there is no way to escape them.
    """
    line = _marked(example, "]")
    return line if _text_of(line) == example.text else _marked(example, "] ")


def _marked(example: Example, closing: str) -> str:
    parts: list[str] = []
    written = 0
    for mention in sorted(example.mentions, key=lambda mention: mention.start):
        surface = example.text[mention.start : mention.end]
        if mention.start < written or not surface or "[" in surface or "]" in surface:
            continue
        parts.append(_CLOSING.sub(closing, example.text[written : mention.start]))
        parts.append(f"[{surface}]{_annotation(surface, mention)}")
        written = mention.end
    return "".join((*parts, _CLOSING.sub(closing, example.text[written:])))


def _text_of(line: str) -> str | None:
    try:
        return read_example(line)[0]
    except AnnotationBroken:
        return None


def _annotation(surface: str, mention: Mention) -> str:
    fields = {"entity": mention.entity, "role": mention.role, "group": mention.group}
    if mention.value != surface:
        fields["value"] = mention.value
    given = {key: value for key, value in fields.items() if value}
    is_plain = len(given) == 1 and not re.search(r"[:()\[\]]|^\s|\s$", mention.entity)
    return f"({mention.entity})" if is_plain else json.dumps(given, ensure_ascii=False)


def _mention(start: int, surface: str, fields: dict[str, str]) -> Mention:
    return Mention(
        start=start,
        end=start + len(surface),
        entity=fields["entity"],
        value=fields.get("value", surface),
        role=fields.get("role", ""),
        group=fields.get("group", ""),
    )


def _fields(line: str, match: re.Match[str]) -> tuple[dict[str, str], int]:
    """What the mark says, {} where it is none, and where the line goes on behind it."""
    if match["entity"] is None:
        return _braces(line, match.end())
    entity, value = match["entity"].strip(), (match["value"] or "").strip()
    if not entity:
        return {}, match.end()
    return {"entity": entity, **({"value": value} if value else {})}, match.end()


def _braces(line: str, start: int) -> tuple[dict[str, str], int]:
    if "}" not in line[start:]:
        return {}, start
    try:
        content, end = object_at(line, start)
    except ValueError:
        raise AnnotationBroken(f"{short(line[start:])} is no JSON") from None
    if not isinstance(content.get("entity"), str) or not content["entity"].strip():
        raise AnnotationBroken(f'{short(line[start:end])} lacks "entity"')
    return {key: _text(key, content[key]) for key in _KEYS if content.get(key) not in (None, "")}, end


def _text(key: str, value: Any) -> str:
    if isinstance(value, bool | dict | list):
        raise AnnotationBroken(f'"{key}": {short(json.dumps(value, ensure_ascii=False))} is no text')
    return str(value)
