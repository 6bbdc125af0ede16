"""Regular expressions and lookup tables: features for the classifiers, and entities by themselves."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.nlp.formats.bot import Lookup, Pattern
from services.nlp.nlu.parse import Entity
from services.nlp.nlu.tokens import Token, Tokenizer, in_simplified, normalized

_EXTRACTOR = "RegexEntityExtractor"
_MAX_CHARS = 2000


@dataclass
class Matcher:
    """Finds what a bot's patterns and tables name."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...] = ()
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    """By first word: the words of a table's phrase, and the table's name; the longest first."""

    written: dict[str, dict[str, None]] | None = None
    """By a table's name its words in their own capitals, where those count."""

    @classmethod
    def of(
        cls, patterns: Sequence[Pattern], lookups: Sequence[Lookup], cut: Tokenizer, minds_case: bool = False
    ) -> "Matcher":
        """Prepare a bot's own; `cut` must be what sentences are cut with when they are looked at."""
        phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for lookup in lookups:
            for word in lookup.words:
                words = tuple(token.text for token in cut(word))
                if words:
                    phrases.setdefault(words[0], []).append((words, lookup.name))
        for known in phrases.values():
            known.sort(key=lambda pair: (-len(pair[0]), pair))
        compiled = tuple((p.name, _compiled(p.pattern, minds_case)) for p in patterns)
        if not minds_case:
            return cls(compiled, phrases)
        written = {name: {in_simplified(w): None for w in words} for name, words in _tables(lookups)}
        return cls(compiled, phrases, written)

    def places(self, text: str, tokens: Sequence[Token]) -> Iterator[tuple[str, int, int]]:
        """(name, start, end) of everything that is found; the same place may have several names."""
        simple = in_simplified(text[:_MAX_CHARS])
        sources = (simple, normalized(text)) if self.written is None else (simple,)
        for name, pattern in self.patterns:
            seen = {m.span() for source in sources for m in pattern.finditer(source)}
            yield from ((name, start, end) for start, end in sorted(seen) if end > start)
        for name, start, end in self._phrases(tokens):
            if self.written is None or simple[start:end] in self.written[name]:
                yield name, start, end

    def names(self, text: str, tokens: Sequence[Token]) -> list[list[str]]:
        """For each token, the names of what it is part of, as features."""
        found: list[list[str]] = [[] for _ in tokens]
        for name, start, end in self.places(text, tokens):
            for place, token in enumerate(tokens):
                if token.start < end and token.end > start:
                    found[place].append(f"in={name}")
        return found

    def entities(self, text: str, tokens: Sequence[Token], allowed: frozenset[str]) -> list[Entity]:
        """What is found under an entity's name."""
        found = dict.fromkeys(place for place in self.places(text, tokens) if place[0] in allowed)
        return [Entity(name, text[a:b], a, b, 1.0, _EXTRACTOR) for name, a, b in found]

    def _phrases(self, tokens: Sequence[Token]) -> Iterator[tuple[str, int, int]]:
        words = [token.text for token in tokens]
        for place, word in enumerate(words):
            longest: dict[str, int] = {}
            for phrase, name in self.phrases.get(word, ()):
                if tuple(words[place : place + len(phrase)]) == phrase:
                    longest.setdefault(name, len(phrase))
            for name, size in longest.items():
                yield name, tokens[place].start, tokens[place + size - 1].end


def _tables(lookups: Sequence[Lookup]) -> Iterator[tuple[str, list[str]]]:
    """Each name once, with the words of all tables of that name."""
    for name in dict.fromkeys(lookup.name for lookup in lookups):
        yield name, [word for lookup in lookups if lookup.name == name for word in lookup.words]


def _compiled(pattern: str, minds_case: bool) -> re.Pattern[str]:
    """In Simplified characters, as sentences are; as it is where that would turn a range [a-b] around."""
    flags = 0 if minds_case else re.IGNORECASE
    try:
        return re.compile(in_simplified(pattern), flags)
    except re.error:
        return re.compile(pattern, flags)
