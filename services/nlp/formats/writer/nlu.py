"""nlu.yml: examples by intent, synonyms by value, patterns by name, lookup tables."""

import re
from collections.abc import Iterable
from typing import Any

from services.nlp.formats.annotation import mark
from services.nlp.formats.bot import Bot, Example
from services.nlp.formats.writer.yaml_text import VERSION, block


def nlu_of(bot: Bot) -> dict[str, Any]:
    """The file's content, nothing if there is nothing to learn from."""
    items = [
        *_items("intent", ((_name(example), mark(example)) for example in bot.examples)),
        *_items("synonym", ((value, word) for word, value in bot.synonyms.items())),
        *_items("regex", ((pattern.name, pattern.pattern) for pattern in bot.patterns)),
        *({"lookup": table.name, "examples": block(map(_line, table.words))} for table in bot.lookups),
    ]
    return {"version": VERSION, "nlu": items} if items else {}


def _name(example: Example) -> str:
    return f"{example.intent}/{example.response_key}" if example.response_key else example.intent


def _items(kind: str, pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    lines: dict[str, list[str]] = {}
    for name, line in pairs:
        lines.setdefault(name, []).append(_line(line))
    return [{kind: name, "examples": block(found)} for name, found in lines.items()]


def _line(text: str) -> str:
    """An example is one line."""
    return re.sub(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text)
