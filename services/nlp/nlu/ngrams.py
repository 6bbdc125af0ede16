"""What a classifier sees of a sentence: words, pairs of words, groups of letters, named patterns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.nlp.nlu.tokens import Token

Grams = Counter[str]


@dataclass(frozen=True)
class Shape:
    """Which groups are looked at: lengths in words and in characters, ends included."""

    words: tuple[int, int] = (1, 2)
    letters: tuple[int, int] = (1, 4)
    crosses_words: bool = False
    """Chinese has no spaces, and jieba's words are a guess: letters are grouped over their ends."""


ENGLISH = Shape()
CHINESE = Shape(crosses_words=True)


def word_grams(tokens: Sequence[Token], shape: Shape) -> Grams:
    """Words and groups of neighbouring words."""
    words = [token.text for token in tokens]
    first, last = shape.words
    return Counter(
        " ".join(words[i : i + n]) for n in range(first, last + 1) for i in range(len(words) - n + 1)
    )


def letter_grams(tokens: Sequence[Token], shape: Shape) -> Grams:
    """Groups of letters, with a space for a word's end."""
    parts = ["".join(token.text for token in tokens)] if shape.crosses_words else [t.text for t in tokens]
    first, last = shape.letters
    found: list[str] = []
    for part in parts:
        padded = f" {part} "
        size = len(padded)
        for n in range(first, min(last, size) + 1):
            found += [padded[i : i + n] for i in range(size - n + 1)]
    return Counter(found)


def familiarity(tokens: Sequence[Token], known: frozenset[str]) -> float:
    """The share of groups of three letters (Chinese: of characters) that training has shown, 0 to 1."""
    grams = trigrams(tokens)
    return sum(gram in known for gram in grams) / len(grams) if grams else 0.0


def trigrams(tokens: Sequence[Token]) -> list[str]:
    """Groups of three letters, word ends included; Chinese characters by themselves."""
    found: list[str] = []
    for token in tokens:
        if token.text[0] >= "\u3400":
            found += token.text
        else:
            padded = f" {token.text} "
            found += [padded[i : i + 3] for i in range(len(padded) - 2)]
    return found
