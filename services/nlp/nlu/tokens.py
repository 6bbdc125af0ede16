"""Cuts a sentence into words, at spaces or by jieba, and says where each stands in the original."""

import logging
import re
import unicodedata
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from services.nlp.nlu.script import simplified

MAX_CHARS = 2000
"""Of a longer text only the beginning is understood."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_MARKS = re.compile(r"[^\s\x00-\x1f\x7f\ud800-\udfff]+")


class Token(NamedTuple):
    """A word as it is compared: lower case, Simplified; text[start:end] is what stands in the sentence."""

    text: str
    start: int
    end: int


Tokenizer = Callable[[str], list[Token]]


def normalized(text: str) -> str:
    """The text as it is compared, character by character: lower case, half width, Simplified.

    As long as the text, so that places in one are places in the other.
    """
    return "".join(map(_normal, text[:MAX_CHARS]))


def in_simplified(text: str) -> str:
    """The text in Simplified characters one by one, so that each keeps its place; letters keep their case."""
    return "".join(map(_simple, text))


@lru_cache(maxsize=20_000)
def _simple(character: str) -> str:
    simple = simplified(character)
    return simple if len(simple) == 1 else character


@lru_cache(maxsize=20_000)
def _normal(character: str) -> str:
    for change in (lambda c: unicodedata.normalize("NFKC", c), simplified, str.lower):
        changed = change(character)
        character = changed if len(changed) == 1 else character
    return character


def whitespace_tokens(text: str) -> list[Token]:
    """Words between spaces and punctuation; where there are none, marks such as ":)"."""
    plain = normalized(text)
    return [Token(m[0], m.start(), m.end()) for m in _WORD.finditer(plain)] or _marks(plain)


def character_tokens(text: str) -> list[Token]:
    """Each Chinese character by itself, and other words whole."""
    found: list[Token] = []
    plain = normalized(text)
    for match in _WORD.finditer(plain):
        word, place = match[0], match.start()
        for part in re.finditer(r"[\u3400-\u9fff]|[^\u3400-\u9fff]+", word):
            found.append(Token(part[0], place + part.start(), place + part.end()))
    return found or _marks(plain)


def is_word(token: Token) -> bool:
    """Whether it is more than marks."""
    return _WORD.match(token.text) is not None


def _marks(text: str) -> list[Token]:
    """The groups of marks and emoji of a text that has no word."""
    return [Token(m[0], m.start(), m.end()) for m in _MARKS.finditer(text)]


class JiebaWords:
    """jieba with a bot's own words. Its dictionary is loaded at the first sentence, once for all bots."""

    def __init__(self, lines: tuple[str, ...] = ()) -> None:
        self._lines = lines
        self._cut: Callable[[str], list[str]] | None = None

    def __call__(self, text: str) -> list[Token]:
        """Words as jieba cuts them, without punctuation."""
        if self._cut is None:
            self._cut = _cutter(self._lines)
        found, place = [], 0
        plain = normalized(text)
        for word in self._cut(plain):
            if _WORD.match(word):
                found.append(Token(word, place, place + len(word)))
            place += len(word)
        return found or _marks(plain)

    def __getstate__(self) -> dict[str, object]:
        return {"_lines": self._lines, "_cut": None}


@lru_cache(maxsize=16)
def _cutter(lines: tuple[str, ...]) -> Callable[[str], list[str]]:
    with warnings.catch_warnings(action="ignore"):  # its use of pkg_resources is no news to anybody
        import jieba

    jieba.setLogLevel(logging.WARNING)
    if not lines:
        return _strict(jieba.dt)
    tokenizer = jieba.Tokenizer()
    jieba.dt.initialize()
    tokenizer.FREQ, tokenizer.total = dict(jieba.dt.FREQ), jieba.dt.total
    tokenizer.initialized = True
    for line in lines:
        parts = line.split()
        frequency = int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None
        tokenizer.add_word(normalized(parts[0]), frequency)
    return _strict(tokenizer)


def _strict(tokenizer: object) -> Callable[[str], list[str]]:
    cut: Callable[[str], list[str]] = tokenizer.lcut  # type: ignore[attr-defined]  # jieba has no types
    return cut
