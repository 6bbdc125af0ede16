"""Figures over guesses: accuracy, precision, recall, F1, and what is taken for what."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


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
    keys = ("precision", "recall", "f1-score")
    macro = {key: sum(row[key] for row in rows.values()) / max(1, len(rows)) for key in keys}
    weighted = {key: sum(row[key] * row["support"] for row in rows.values()) / max(1, total) for key in keys}
    return {
        **rows,
        "accuracy": accuracy,
        "macro avg": {**macro, "support": total},
        "weighted avg": {**weighted, "support": total},
    }


def confusion(guesses: Sequence[Guess]) -> tuple[list[str], list[list[int]]]:
    """Labels, and how often each (row) was taken for each (column)."""
    labels = sorted({label for guess in guesses for label in (guess.expected, guess.found)})
    counts = Counter((guess.expected, guess.found) for guess in guesses)
    return labels, [[counts[row, column] for column in labels] for row in labels]


def span_f1(expected: Sequence[set[Any]], found: Sequence[set[Any]]) -> dict[str, float]:
    """Micro precision, recall and F1 of what must be found exactly."""
    hits = sum(len(a & b) for a, b in zip(expected, found, strict=True))
    wanted, shown = sum(map(len, expected)), sum(map(len, found))
    precision, recall = hits / shown if shown else 1.0, hits / wanted if wanted else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1-score": f1, "support": wanted}


def _row(label: str, guesses: Sequence[Guess]) -> dict[str, Any]:
    support = sum(guess.expected == label for guess in guesses)
    shown = sum(guess.found == label for guess in guesses)
    hits = sum(guess.expected == guess.found == label for guess in guesses)
    precision, recall = hits / shown if shown else 0.0, hits / support if support else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    wrong = Counter(g.found for g in guesses if g.expected == label and g.found != label)
    return {
        "precision": precision,
        "recall": recall,
        "f1-score": f1,
        "support": support,
        "confused_with": dict(wrong.most_common(3)),
    }
