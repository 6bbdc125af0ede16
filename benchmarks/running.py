"""Runs parts of the benchmarks, and keeps what they have measured in the table."""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import plots, rows

Part = Callable[[], list[rows.Row]]


def is_full() -> bool:
    """Whether what takes very long is measured too: FULL=1."""
    return bool(os.environ.get("FULL"))


def run(names: Sequence[str], parts: Mapping[str, Part], folder: Path, *, full: bool) -> None:
    """Run the parts of these names, or all where there is none, and write their rows to the folder's table.

    What is not measured this time stays in the table. Only a run of all parts, the long ones of `full` too,
    knows which rows nothing measures any more: those go.
    """
    old = rows.read(folder)
    new: list[rows.Measured] = []
    for name in names or parts:
        new += _measured(name, parts[name])
        _write(rows.merged(old, new), folder)  # it is kept, whatever becomes of the next part
    if full and not names:
        _write(new, folder)


def _measured(name: str, part: Part) -> list[rows.Measured]:
    print(f"{name} …", file=sys.stderr, flush=True)
    begun = time.monotonic()
    found = [rows.Measured(row, rows.today()) for row in part()]
    print(f"{name}: {len(found)} rows in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return found


def _write(measured: Sequence[rows.Measured], folder: Path) -> None:
    rows.write(measured, folder)
    plots.draw([one.row for one in measured], folder / "results.png")
