"""Text with spans, and its division into pieces that a platform takes."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

BREAKS = ("\n\n", "\n", "。", ". ", " ")
"""Where a text is cut, the best first."""
JOINERS = {"\u200d", "\ufe0f", *(chr(tone) for tone in range(0x1F3FB, 0x1F400))}
"""Joiner, variation selector and skin tones hold one visible sign together."""


@dataclass(frozen=True)
class Span:
    """A stretch of text that looks different; places count code points."""

    start: int
    end: int
    kind: str
    value: str = ""
    """The address of a link, the language of a program."""


@dataclass(frozen=True)
class Rich:
    """Text as a reader sees it, with its spans in order of their start."""

    text: str
    spans: tuple[Span, ...] = ()


def utf16_units(text: str) -> int:
    """The text's length as Telegram counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(rich: Rich, units: int, spans: int) -> tuple[Rich, ...]:
    """Pieces of at most so many UTF-16 units and spans; a span that is cut goes on in the next piece.

    Nothing is lost but white space around a cut.
    """
    pieces = (piece(rich, start, end, spans) for start, end in _cuts(rich, units, spans))
    return tuple(found for found in pieces if found.text.strip())


def piece(rich: Rich, start: int, end: int, spans: int) -> Rich:
    """One stretch of the text without the white space at its edges."""
    text = rich.text[start:end]
    start += len(text) - len(text.lstrip("\n"))
    end -= len(text) - len(text.rstrip())
    inside = (
        Span(max(span.start, start) - start, min(span.end, end) - start, span.kind, span.value)
        for span in rich.spans
    )
    kept = [span for span in inside if span.start < span.end]
    return Rich(rich.text[start:end], tuple(kept[:spans]))


def _cuts(rich: Rich, units: int, spans: int) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(rich.text):
        end = min(_reach(rich.text, start, units), _span_reach(rich, start, spans))
        if end < len(rich.text):
            end = _good_cut(rich.text, start, end)
        yield start, end
        start = end


def _reach(text: str, start: int, units: int) -> int:
    """The furthest end of a piece that begins here."""
    end = min(start + units, len(text))
    while utf16_units(text[start:end]) > units:
        end -= max(1, (utf16_units(text[start:end]) - units) // 2)
    return end


def _span_reach(rich: Rich, start: int, spans: int) -> int:
    """Where the first span begins that would be one too many; those that all begin here are dropped."""
    open_or_later = [span for span in rich.spans if span.end > start]
    if len(open_or_later) <= spans or open_or_later[spans].start <= start:
        return len(rich.text)
    return open_or_later[spans].start


def _good_cut(text: str, start: int, end: int) -> int:
    half = start + (end - start) // 2
    for mark in BREAKS:
        at = text.rfind(mark, half, end)
        if at >= 0:
            return at + len(mark)
    return _whole_sign(text, half, end)


def _whole_sign(text: str, half: int, end: int) -> int:
    """The last place before `end` where no visible sign is torn."""
    for at in range(end, half, -1):
        torn = text[at] in JOINERS or unicodedata.combining(text[at]) or text[at - 1] == "\u200d"
        if not torn:
            return at
    return end
