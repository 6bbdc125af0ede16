"""Figures over guesses: accuracy, precision, recall, F1, and what is taken for what."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Span = tuple[int, int, str, str, str]
"""Of an entity: start, end, name, role, group."""
AVERAGES = ("micro avg", "macro avg", "weighted avg")
_KEYS = ("precision", "recall", "f1-score")


@dataclass(frozen=True)
class Guess:
    """One sentence's label as it should be, and as it was found."""

    text: str
    expected: str
    found: str
    confidence: float = 1.0

    @property
    def is_right(self) -> bool:
        """Whether they are the same."""
        return self.expected == self.found


def report(guesses: Sequence[Guess]) -> dict[str, Any]:
    """In the shape of Rasa's report: a row for each label, accuracy, averages."""
    rows = {label: _row(label, guesses) for label in sorted({guess.expected for guess in guesses})}
    total = len(guesses)
    accuracy = sum(guess.is_right for guess in guesses) / total if total else 1.0
    return {**rows, "accuracy": accuracy, **_averages(rows)}


def entity_report(expected: Sequence[set[Span]], found: Sequence[set[Span]]) -> dict[str, Any]:
    """A row for each entity that was marked or found, and averages; only a whole span is right."""
    names = sorted({span[2] for spans in (*expected, *found) for span in spans})
    rows = {name: _figures(*_counts(_named(name, expected), _named(name, found))) for name in names}
    return {**rows, "micro avg": _figures(*_counts(expected, found)), **_averages(rows)}


def confusion(guesses: Sequence[Guess]) -> tuple[list[str], list[list[int]]]:
    """Labels, and how often each (row) was taken for each (column)."""
    labels = sorted({label for guess in guesses for label in (guess.expected, guess.found)})
    counts = Counter((guess.expected, guess.found) for guess in guesses)
    return labels, [[counts[row, column] for column in labels] for row in labels]


def _named(name: str, spans: Sequence[set[Span]]) -> list[set[Span]]:
    return [{span for span in those if span[2] == name} for those in spans]


def _counts(expected: Sequence[set[Span]], found: Sequence[set[Span]]) -> tuple[int, int, int]:
    """How many are right, how many were found, how many there are."""
    hits = sum(len(a & b) for a, b in zip(expected, found, strict=True))
    return hits, sum(map(len, found)), sum(map(len, expected))


def _figures(hits: int, shown: int, support: int) -> dict[str, Any]:
    """A row; a share of nothing is 0."""
    precision, recall = hits / shown if shown else 0.0, hits / support if support else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1-score": f1, "support": support}


def _averages(rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Over the rows alike, and by their support."""
    total = sum(row["support"] for row in rows.values())
    macro = {key: sum(row[key] for row in rows.values()) / max(1, len(rows)) for key in _KEYS}
    weighted = {key: sum(row[key] * row["support"] for row in rows.values()) / max(1, total) for key in _KEYS}
    return {"macro avg": {**macro, "support": total}, "weighted avg": {**weighted, "support": total}}


def _row(label: str, guesses: Sequence[Guess]) -> dict[str, Any]:
    support = sum(guess.expected == label for guess in guesses)
    shown = sum(guess.found == label for guess in guesses)
    hits = sum(guess.expected == guess.found == label for guess in guesses)
    wrong = Counter(g.found for g in guesses if g.expected == label and g.found != label)
    return {**_figures(hits, shown, support), "confused_with": dict(wrong.most_common(3))}
