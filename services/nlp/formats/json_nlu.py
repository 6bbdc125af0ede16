"""NLU data in Rasa's JSON: one object `rasa_nlu_data` with examples, synonyms, patterns and lookup tables."""

import re
from dataclasses import replace
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from services.nlp.formats.bot import Bot, Example, Lookup, Mention, Pattern
from services.nlp.formats.json_object import short
from services.nlp.formats.markdown_nlu import fault_of
from services.nlp.formats.placed_json import Placed, read_placed
from services.nlp.formats.text_file import TextFile

_ROOT = "rasa_nlu_data"
_EXAMPLES = ("common_examples", "intent_examples", "entity_examples")


def read_json(path: Path, root: Path, mistakes: list[str], bot: Bot) -> None:
    """Add what the file says to the bot; JSON without rasa_nlu_data is left alone."""
    file = TextFile(path, root, mistakes, bot.warnings)
    if f'"{_ROOT}"' not in file.text:
        return
    try:
        content = read_placed(file.text)
    except ValueError as error:
        line = error.lineno if isinstance(error, JSONDecodeError) else 1
        file.wrong(line, _ROOT, "no JSON", "valid JSON")
        return
    if isinstance(content, dict) and isinstance(content.get(_ROOT), Placed):
        _Reader(file, content[_ROOT], bot).read()
    elif isinstance(content, dict) and _ROOT in content:
        file.wrong(1, _ROOT, _kind(content[_ROOT]), "an object")


class _Reader:
    def __init__(self, file: TextFile, content: Placed, bot: Bot) -> None:
        self._file = file
        self._content = content
        self._bot = bot

    def read(self) -> None:
        for key in _EXAMPLES:
            for item in self._items(key):
                self._read_example(item)
        for item in self._items("entity_synonyms"):
            value = self._text(item, "value")
            self._bot.synonyms.update(
                {word.lower(): value for word in self._texts(item, "synonyms") if value}
            )
        for item in self._items("regex_features"):
            self._read_pattern(item)
        for item in self._items("lookup_tables"):
            words = self._texts(item, "elements")
            self._bot.lookups.append(Lookup(self._text(item, "name"), tuple(words)))

    def _items(self, key: str, parent: Placed | None = None) -> list[Placed]:
        parent = self._content if parent is None else parent
        given = parent.get(key, [])
        if not isinstance(given, list):
            self._wrong(parent, key, _kind(given), "a list of objects")
            return []
        for item in given:
            if not isinstance(item, Placed):
                self._wrong(parent, key, _kind(item), "a list of objects")
        return [item for item in given if isinstance(item, Placed)]

    def _read_example(self, item: Placed) -> None:
        # an example is one line, as in all other formats
        written = re.sub(r"[\r\n]", " ", self._text(item, "text"))
        intent, _, key = self._text(item, "intent").partition("/")
        text = written.strip()
        if not text or not intent:
            self._file.warn(self._line(item), "an example without text or intent is left out")
            return
        shift = len(written) - len(written.lstrip())
        found = [self._mention(entity, written) for entity in self._items("entities", item)]
        mentions = [replace(m, start=m.start - shift, end=m.end - shift) for m in found if m]
        for mention in mentions:
            surface = text[mention.start : mention.end]
            if surface != mention.value:
                self._bot.synonyms[surface.lower()] = mention.value
        self._bot.examples.append(Example(intent, text, tuple(mentions), key))

    def _mention(self, item: Placed, text: str) -> Mention | None:
        span, name = _span(item, text), self._text(item, "entity")
        if not span or not name:
            found = f"{name!r} from {item.get('start')} to {item.get('end')} of {len(text)} letters"
            self._wrong(item, "entities", short(found), "a name, and start before end inside the text")
            return None
        start, end = span
        surface = text[start:end]
        before, behind = len(surface) - len(surface.lstrip()), len(surface) - len(surface.rstrip())
        value = self._text(item, "value") or surface.strip()
        return Mention(
            start=start + before,
            end=end - behind,
            entity=name,
            value=value,
            role=self._text(item, "role"),
            group=self._text(item, "group"),
        )

    def _read_pattern(self, item: Placed) -> None:
        pattern = self._text(item, "pattern")
        if fault := fault_of(pattern):
            self._wrong(item, "pattern", f"{short(repr(pattern))} ({fault})", "a regular expression")
        else:
            self._bot.patterns.append(Pattern(self._text(item, "name"), pattern))

    def _text(self, item: Placed, key: str) -> str:
        value = item.get(key)
        if value is None or isinstance(value, dict | list | bool):
            if value is not None:
                self._wrong(item, key, _kind(value), "a text")
            return ""
        return str(value).encode("utf-8", "replace").decode()

    def _texts(self, item: Placed, key: str) -> list[str]:
        given = item.get(key, [])
        if isinstance(given, str):
            return self._file.words_of(given, self._line(item))
        if not isinstance(given, list) or not all(isinstance(word, str | int | float) for word in given):
            self._wrong(item, key, _kind(given), "a list of texts")
            return []
        return [str(word).encode("utf-8", "replace").decode() for word in given]

    def _wrong(self, item: Placed, key: str, found: str, allowed: str) -> None:
        self._file.wrong(self._line(item), key, found, allowed)

    def _line(self, item: Placed) -> int:
        return self._file.text.count("\n", 0, item.start) + 1


def _span(item: Placed, text: str) -> tuple[int, int] | None:
    start, end = item.get("start"), item.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        return None
    return (start, end) if text[start:end].strip() else None


def _kind(value: Any) -> str:
    names = {bool: "a truth value", dict: "an object", list: "a list", str: "a text", type(None): "nothing"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a number")
