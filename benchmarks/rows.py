"""Rows of the table, and the table."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
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
    "uvicorn",
    "celery",
    "redis",
    "dlib-bin",
    "onnxruntime",
    "nmslib",
)


@dataclass(frozen=True)
class Measured:
    """A row, and when it was measured."""

    row: Row
    date: str


def today() -> str:
    """The date, in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def read(folder: Path) -> list[Measured]:
    """What results.json holds; nothing where there is none."""
    path = folder / "results.json"
    if not path.exists():
        return []
    found = json.loads(path.read_text("utf-8"))
    names = [field.name for field in fields(Row)]
    date = found["made"].split(",")[0]
    return [
        Measured(Row(**{name: row[name] for name in names}), row.get("date", date)) for row in found["rows"]
    ]


def merged(old: Sequence[Measured], new: Sequence[Measured]) -> list[Measured]:
    """The old rows, those of the same name replaced in their places; then what is new."""
    by_name = {measured.row.name: measured for measured in (*old, *new)}
    return list(by_name.values())


def write(measured: Sequence[Measured], folder: Path) -> None:
    """results.md and results.json, with machine, versions, and each row's date."""
    machine = f"Python {platform.python_version()}, {platform.machine()}, {platform.system()}"
    made = f"{today()}, {machine}; " + ", ".join(f"{n} {version(n)}" for n in LIBRARIES)
    lines = ["# Results", "", made, "", "![](results.png)", "", *_table(measured)]
    (folder / "results.md").write_text("\n".join(lines) + "\n", "utf-8")
    found = [
        {**asdict(one.row), "ratio": one.row.ratio, "met": one.row.is_met, "date": one.date}
        for one in measured
    ]
    (folder / "results.json").write_text(json.dumps({"made": made, "rows": found}, indent=1) + "\n", "utf-8")


def _table(measured: Sequence[Measured]) -> list[str]:
    head = [
        "| what | here | baseline | ratio | goal | met | measured |",
        "|---|---|---|---|---|---|---|",
    ]
    return head + [f"| {' | '.join([*_cells(one.row), one.date])} |" for one in measured]


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
