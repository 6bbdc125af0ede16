"""Draws the table as one figure: how far each row is from its goal."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.rows import Row

MET, UNMET, NO_GOAL = "#2e8b57", "#c0392b", "#9aa0a6"
FARTHEST = 1000
"""Times better or worse than the goal; what is farther off is drawn there."""
ROW_INCHES = 0.24


def draw(rows: Sequence[Row], path: Path) -> None:
    """A PNG of all rows that have a goal, or at least a baseline; longer to the right is better."""
    drawn = [row for row in rows if times_better(row) is not None][::-1]
    figure = Figure(figsize=(14, 1.6 + ROW_INCHES * len(drawn)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    times = [times_better(row) or 1 for row in drawn]
    axes.barh(range(len(drawn)), [one - 1 for one in times], left=1, color=[_color(row) for row in drawn])
    for place, (row, one) in enumerate(zip(drawn, times, strict=True)):
        side = "left" if one >= 1 else "right"
        axes.annotate(_figures(row), (one, place), (4 if one >= 1 else -4, 0), textcoords="offset points",
                      ha=side, va="center", fontsize=7)  # fmt: skip
    axes.set_yticks(range(len(drawn)), [row.name for row in drawn], fontsize=7)
    axes.set_ylim(-0.8, len(drawn) - 0.2)
    axes.set_xscale("log")
    axes.set_xlim(min([*times, 1]) / 4, max([*times, 1]) * 6)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("times better than the goal (grey: than the baseline, where there is no goal)")
    axes.set_title("make bench: goals met (green) and not met (red)")
    figure.savefig(path, dpi=110)


def times_better(row: Row) -> float | None:
    """Than the goal, else than the baseline; None where there is neither."""
    against = row.baseline if row.goal is None else row.goal
    if not against:
        return None
    is_more_better = row.is_more_better or (row.goal is None and row.unit.endswith("/s"))
    times = row.value / against if is_more_better else against / max(row.value, against / FARTHEST)
    return min(max(times, 1 / FARTHEST), FARTHEST)


def _color(row: Row) -> str:
    return {None: NO_GOAL, True: MET, False: UNMET}[row.is_met]


def _figures(row: Row) -> str:
    sign = "≥" if row.is_more_better else "≤"
    goal = "" if row.goal is None else f"  ({sign} {row.goal:g})"
    return f"{row.value:.3g} {row.unit}".strip() + goal
