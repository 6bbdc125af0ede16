"""How far a build is: a bar in a terminal, lines elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.progress import ProgressColumn as Column
from rich.text import Text

LINE_EVERY_S = 5.0


class _Rate(Column):
    def render(self, task: Task) -> Text:
        """People a second."""
        return Text(f"{task.finished_speed or task.speed or 0:.1f} a second")


class BuildProgress:
    """Counts people; use it as a context manager."""

    def __init__(self, total: int, console: Console) -> None:
        self._total = total
        self._console = console
        self._count = 0
        self._kept = 0
        self._begun = self._said = time.monotonic()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task("people", total=total)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if not self._console.is_terminal:
            self._say()

    @property
    def rate(self) -> float:
        """People a second since the beginning."""
        return self._count / max(1e-9, time.monotonic() - self._begun)

    def advance(self, kept: int) -> None:
        """One more person is done; so many of their photos are in the gallery."""
        self._count += 1
        self._kept += bool(kept)
        self._bar.update(self._task, advance=1, description=f"people ({self._kept} kept)")
        if not self._console.is_terminal and time.monotonic() - self._said >= LINE_EVERY_S:
            self._say()

    def _say(self) -> None:
        self._said = time.monotonic()
        left = f", {(self._total - self._count) / self.rate:.0f} s left" if self._count else ""
        self._console.print(
            f"{self._count} of {self._total} people, {self._kept} kept, {self.rate:.1f} a second{left}",
            highlight=False,
            soft_wrap=True,
        )
