"""Rows of the table, and the table."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure, beside what it is compared with."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    baseline_name: str = ""
    goal: float | None = None
    is_more_better: bool = False

    @property
    def ratio(self) -> float | None:
        """Value by baseline."""
        return self.value / self.baseline if self.baseline else None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.is_more_better else self.value <= self.goal


LIBRARIES = (
    "numpy",
    "scikit-learn",
    "python-crfsuite",
    "fastapi",
    "redis",
    "dlib-bin",
    "onnxruntime",
    "nmslib",
)


def write(rows: Sequence[Row], folder: Path) -> None:
    """results.md and results.json, with date, machine and versions."""
    machine = f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}"
    made = f"{datetime.now(UTC):%Y-%m-%d}, {machine}; " + ", ".join(f"{n} {version(n)}" for n in LIBRARIES)
    lines = ["# Results", "", made, "", *_table(rows)]
    (folder / "results.md").write_text("\n".join(lines) + "\n", "utf-8")
    found = [{**asdict(row), "ratio": row.ratio, "met": row.is_met} for row in rows]
    (folder / "results.json").write_text(json.dumps({"made": made, "rows": found}, indent=1) + "\n", "utf-8")


def _table(rows: Sequence[Row]) -> list[str]:
    head = ["| what | here | baseline | ratio | goal | met |", "|---|---|---|---|---|---|"]
    return head + [f"| {' | '.join(_cells(row))} |" for row in rows]


def _cells(row: Row) -> list[str]:
    baseline = f"{row.baseline:g} {row.unit} ({row.baseline_name})" if row.baseline else ""
    sign = "≥" if row.is_more_better else "≤"
    return [
        row.name,
        f"{row.value:.3g} {row.unit}".strip(),
        baseline,
        f"{row.ratio:.3g}" if row.ratio else "",
        "" if row.goal is None else f"{sign} {row.goal:g}",
        {None: "", True: "yes", False: "no"}[row.is_met],
    ]
