"""Draws what a test found: a confusion matrix, and how sure right and wrong guesses were."""

from collections.abc import Sequence
from pathlib import Path

from services.nlp.testing.scores import Guess, confusion

_CELL = 0.28
"""Inches."""
_NUMBERED = 60
"""With more labels than this the numbers would be too small to read."""


def draw_confusion(guesses: Sequence[Guess], title: str, path: Path) -> None:
    """What (row) was taken for what (column), as PNG."""
    from matplotlib.figure import Figure  # only who draws pays for it

    labels, counts = confusion(guesses)
    side = max(4.0, _CELL * len(labels) + 2.5)
    figure = Figure(figsize=(side + 0.5, side), layout="constrained", dpi=100)
    axes = figure.subplots()
    most = max((number for row in counts for number in row), default=1) or 1
    axes.imshow(counts, cmap="Blues", vmin=0, vmax=most)
    axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set(title=title, xlabel="found", ylabel="expected")
    for row, numbers in enumerate(counts):
        for column, number in enumerate(numbers):
            if number and len(labels) <= _NUMBERED:
                colour = "white" if number > most / 2 else "black"
                axes.text(column, row, str(number), ha="center", va="center", fontsize=7, color=colour)
    figure.savefig(path)


def draw_confidences(guesses: Sequence[Guess], title: str, path: Path) -> None:
    """How many guesses were right, and wrong, at each confidence, as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained", dpi=100)
    axes = figure.subplots()
    right = [guess.confidence for guess in guesses if guess.is_right]
    wrong = [guess.confidence for guess in guesses if not guess.is_right]
    axes.hist([right, wrong], bins=20, range=(0, 1), label=["right", "wrong"], color=["#2c7fb8", "#d95f0e"])
    axes.set(title=title, xlabel="confidence", ylabel="sentences")
    axes.legend()
    figure.savefig(path)
