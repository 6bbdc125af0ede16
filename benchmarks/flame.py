"""`python -m benchmarks.flame RAW PNG ROOT TITLE`: draws what `py-spy record -f raw` wrote.

ROOT is the beginning of the frame where the drawing starts, such as "RequestResponseCycle.run_asgi"; "" draws
everything. The wider a frame, the larger its share of the samples; whom it calls stands on it.
"""

import re
import sys
from collections import Counter
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

LEAST = 0.006
"""Share of the samples below which a frame is left out."""
LETTERS = 190
"""So many fit the whole width."""
COLORS = {"services/": "#e07a3f", "contracts/": "#e07a3f", "foundation/": "#e0a83f", "redis/": "#7aa6c2"}
OTHER = "#d9d4c7"

Stack = tuple[str, ...]


def read(raw: str, root: str) -> Counter[Stack]:
    """Samples by stack, from the root on; stacks without it are left out."""
    found: Counter[Stack] = Counter()
    for line in raw.splitlines():
        frames, _, samples = line.rpartition(" ")
        stack = tuple(re.sub(r":\d+\)$", ")", frame) for frame in frames.split(";"))
        start = next((place for place, frame in enumerate(stack) if frame.startswith(root)), None)
        if start is not None:
            found[stack[start:]] += int(samples)
    return found


def boxes(samples: Counter[Stack]) -> list[tuple[str, int, float, float]]:
    """Each frame that is wide enough: its name, its height, where it begins, its share."""
    total = sum(samples.values())
    found: list[tuple[str, int, float, float]] = []

    def place(prefix: Stack, begin: float) -> None:
        deeper: Counter[str] = Counter()
        for stack, count in samples.items():
            if len(stack) > len(prefix) and stack[: len(prefix)] == prefix:
                deeper[stack[len(prefix)]] += count
        for frame, count in sorted(deeper.items()):
            if count / total >= LEAST:
                found.append((frame, len(prefix), begin, count / total))
                place((*prefix, frame), begin)
            begin += count / total

    place((), 0.0)
    return found


def draw(samples: Counter[Stack], title: str, path: Path) -> None:
    """A PNG."""
    placed = boxes(samples)
    height = 1 + max((level for _, level, _, _ in placed), default=0)
    figure = Figure(figsize=(15, 1 + 0.2 * height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for frame, level, begin, share in placed:
        color = next((color for part, color in COLORS.items() if f"({part}" in frame), OTHER)
        axes.barh(level, share, 0.92, begin, align="edge", color=color, edgecolor="white", linewidth=0.4)
        if letters := int(share * LETTERS):
            axes.text(
                begin + 0.001, level + 0.46, _short(frame)[:letters], va="center", fontsize=6, clip_on=True
            )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, height)
    axes.set_axis_off()
    axes.set_title(f"{title} ({sum(samples.values())} samples)", fontsize=9)
    figure.savefig(path, dpi=90)


def _short(frame: str) -> str:
    name, _, where = frame.partition(" (")
    return f"{name.replace('<locals>.', '')}  {where.rstrip(')')}" if where else name


if __name__ == "__main__":
    raw, png, root, title = sys.argv[1:]
    draw(read(Path(raw).read_text("utf-8"), root), title, Path(png))
