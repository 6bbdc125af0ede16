"""nlu.yml: examples of intents, synonyms, regular expressions, lookup tables."""

from typing import Any

from services.nlp.formats.annotation import AnnotationBroken, read_example
from services.nlp.formats.bot import Bot, Example, Lookup, Pattern
from services.nlp.formats.markdown_nlu import fault_of
from services.nlp.formats.source import Source

_KINDS = ("intent", "synonym", "regex", "lookup")
_KEYS = (*_KINDS, "examples", "metadata")


def read_nlu(source: Source, bot: Bot) -> None:
    """Add what the file's `nlu:` says to the bot."""
    items = source.sequence(source.content.get("nlu"), source.content, "nlu")
    for place, item in enumerate(items):
        fields = source.mapping(item, items, place)
        kind = next((name for name in _KINDS if name in fields), None)
        if kind is None:
            source.wrong(f"keys {', '.join(map(str, fields))}", ", ".join(_KINDS), items, place)
            continue
        for key in fields:
            if key not in _KEYS:
                source.wrong(f"{key!r} beside {kind!r}", ", ".join(_KEYS), fields, key)
        _READ[kind](source, fields, source.text(fields[kind], fields, kind), bot)


def _lines(source: Source, fields: dict[str, Any]) -> list[tuple[str, int]]:
    """The examples and their lines: one a line behind a dash, or a list of texts."""
    examples = fields.get("examples")
    first = source.line(fields, "examples")
    if not isinstance(examples, str):
        return _listed(source, fields, examples)
    found = []
    for number, line in enumerate(examples.splitlines(), start=first + 1):
        text = line.strip()
        if text.startswith("-"):
            found.append((text[1:].strip(), number))
        elif text and not text.startswith("#"):
            source.wrong_at(number, f"the line {text[:40]!r}", "lines that begin with a dash", "examples")
    return [(text, number) for text, number in found if text]


def _listed(source: Source, fields: dict[str, Any], examples: Any) -> list[tuple[str, int]]:
    found = []
    texts = source.sequence(examples, fields, "examples")
    for place, item in enumerate(texts):
        text = item.get("text", "") if isinstance(item, dict) else item
        line = source.line(texts, place)
        found += [(part.strip().removeprefix("- "), line) for part in str(text).splitlines() if part.strip()]
    return found


def _read_intent(source: Source, fields: dict[str, Any], name: str, bot: Bot) -> None:
    intent, _, key = name.partition("/")
    for line, number in _lines(source, fields):
        try:
            text, mentions, synonyms = read_example(line)
        except AnnotationBroken as error:
            source.wrong_at(number, str(error), '[text](entity) or [text]{"entity": "name"}', "examples")
            continue
        bot.examples.append(Example(intent, text, mentions, key))
        bot.synonyms.update(synonyms)


def _read_synonym(source: Source, fields: dict[str, Any], name: str, bot: Bot) -> None:
    bot.synonyms.update({line.lower(): name for line, _ in _lines(source, fields)})


def _read_regex(source: Source, fields: dict[str, Any], name: str, bot: Bot) -> None:
    for line, number in _lines(source, fields):
        if fault := fault_of(line):
            wrong = f"the pattern {line[:40]!r} ({fault})"
            source.wrong_at(number, wrong, "a regular expression", "examples")
            continue
        bot.patterns.append(Pattern(name, line))


def _read_lookup(source: Source, fields: dict[str, Any], name: str, bot: Bot) -> None:
    words = [line for line, _ in _lines(source, fields)]
    if len(words) == 1 and words[0].endswith((".txt", ".csv")):
        words = source.lines_of(words[0], fields, "examples")
    bot.lookups.append(Lookup(name, tuple(words)))


_READ = {"intent": _read_intent, "synonym": _read_synonym, "regex": _read_regex, "lookup": _read_lookup}
