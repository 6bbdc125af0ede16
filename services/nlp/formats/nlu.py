"""nlu.yml: examples of intents, synonyms, regular expressions, lookup tables."""

import json
import re
from typing import Any

from services.nlp.formats.bot import Bot, Example, Lookup
from services.nlp.formats.source import Source

_ENTITY = re.compile(
    r"\[(?P<text>[^\]]+)\](?:\((?P<name>[^):]+)(?::(?P<value>[^)]+))?\)|(?P<json>\{[^}]+\}))"
)
_KINDS = ("intent", "synonym", "regex", "lookup")


def read_nlu(source: Source, bot: Bot) -> None:
    """Add what the file's `nlu:` says to the bot."""
    items = source.sequence(source.content.get("nlu"), source.content, "nlu")
    for place, item in enumerate(items):
        fields = source.mapping(item, items, place)
        kind = next((name for name in _KINDS if name in fields), None)
        if kind is None:
            source.wrong(f"keys {', '.join(map(str, fields))}", ", ".join(_KINDS), items, place)
            continue
        lines = _lines(source, fields)
        if kind == "regex":
            _check_patterns(source, fields, lines)
        _READ[kind](bot, source.text(fields[kind], fields, kind), lines)


def _check_patterns(source: Source, fields: dict[str, Any], lines: list[str]) -> None:
    for line in lines:
        try:
            re.compile(line)
        except re.error as error:
            source.wrong(f"the pattern {line[:40]!r} ({error})", "a regular expression", fields, "examples")


def _lines(source: Source, fields: dict[str, Any]) -> list[str]:
    """The examples, one a line behind a dash, or a list of texts."""
    examples = fields.get("examples")
    if isinstance(examples, str):
        lines = [line.strip() for line in examples.splitlines() if line.strip()]
        for line in lines:
            if not line.startswith("-"):
                source.wrong(f"the line {line[:40]!r}", "lines that begin with a dash", fields, "examples")
        return [line.lstrip("- ").strip() for line in lines if line.startswith("-")]
    texts = source.sequence(examples, fields, "examples")
    return [str(item.get("text", "")).strip() if isinstance(item, dict) else str(item) for item in texts]


def _read_intent(bot: Bot, name: str, lines: list[str]) -> None:
    intent = name.split("/")[0]
    for line in lines:
        for match in _ENTITY.finditer(line):
            _read_entity(bot, match)
        bot.examples.append(Example(intent, _ENTITY.sub(lambda match: match["text"], line)))


def _read_entity(bot: Bot, match: re.Match[str]) -> None:
    name, value = match["name"], match["value"]
    if match["json"]:
        try:
            fields = json.loads(match["json"])
        except ValueError:
            return
        name, value = fields.get("entity"), fields.get("value")
    if name:
        bot.lookups.append(Lookup(name, (match["text"],)))
    if value:
        bot.synonyms[match["text"].lower()] = str(value)


def _read_synonym(bot: Bot, name: str, lines: list[str]) -> None:
    bot.synonyms.update({line.lower(): name for line in lines})


def _read_regex(bot: Bot, name: str, lines: list[str]) -> None:
    bot.lookups.extend(Lookup(name, pattern=line) for line in lines)


def _read_lookup(bot: Bot, name: str, lines: list[str]) -> None:
    bot.lookups.append(Lookup(name, tuple(lines)))


_READ = {"intent": _read_intent, "synonym": _read_synonym, "regex": _read_regex, "lookup": _read_lookup}
