"""What stands in the graph, in few words, and how much room text takes."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from services.nlp.formats.story import AnyValue, LoopStep, SlotStep, StoryEntity, UserStep

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def user_words(step: UserStep) -> str:
    """What the person says: `inform {city: Rome}`, or the text where no intent is named."""
    name = step.intent or f"“{step.text}”"
    entities = ", ".join(_entity_words(entity) for entity in step.entities)
    return f"{name} {{{entities}}}" if entities else name


def conditions_words(conditions: Iterable[SlotStep | LoopStep], at_start: bool) -> str:
    """When a rule counts."""
    found = ["at the start"] if at_start else []
    for step in conditions:
        if isinstance(step, LoopStep):
            found.append(f"in {step.form}" if step.form else "in no form")
        else:
            found.append(_slot_words(step))
    return ", ".join(found) or "any time"


def printable(text: str) -> str:
    """The text without what XML cannot hold, on one line."""
    return " ".join(_UNPRINTABLE.sub("\ufffd", text).split())


def columns(text: str) -> int:
    """How wide the text is in letters of a monospaced font; Chinese and emoji take two."""
    return sum(_columns_of(letter) for letter in text)


def shortened(text: str, most: int) -> str:
    """The text, cut to so many columns."""
    if columns(text) <= most:
        return text
    taken = 0
    for place, letter in enumerate(text):
        taken += _columns_of(letter)
        if taken > most - 1:
            return text[:place] + "…"
    return text


def _columns_of(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _entity_words(entity: StoryEntity) -> str:
    part = "/".join(filter(None, (entity.role, entity.group)))
    name = f"{entity.entity}[{part}]" if part else entity.entity
    return name if entity.value is None else f"{name}: {entity.value}"


def _slot_words(step: SlotStep) -> str:
    if step.value is AnyValue.ANY:
        return f"{step.slot} set"
    return f"{step.slot} unset" if step.value is None else f"{step.slot} = {_value_words(step.value)}"


def _value_words(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
