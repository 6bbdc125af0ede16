"""When the machine stood still: how late this process wakes, and how long the rooms wait for a processor.

The stand-ins run in this process and note here when a call arrives. A call that comes too soon behind another
was perhaps sent in time, and the other one arrived late: so it is measured who stood still, and for how long.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.history import DRIVER, Span

TICK_S = 0.02
SAMPLE_EVERY = 5
"""The rooms are looked at every so many ticks."""
LATE_S = 0.04
"""Less than this is how every machine runs."""


@dataclass(frozen=True)
class Ran:
    """A thread as it was last seen to have run."""

    ran_ns: int
    waited_ns: int
    at: float


class Watch:
    """Notes the spans in which somebody who had something to do did not get to do it."""

    def __init__(self, told: Callable[[int], Iterable[tuple[str, int, int]]] | None = None) -> None:
        """told: what the kernel says of a process's threads, as `figures` gives it."""
        self._figures = told or figures
        self.spans: list[Span] = []
        self._over = threading.Event()
        self._known: dict[tuple[int, str], Ran] = {}
        self._thread = threading.Thread(target=self._tick, name="watch")
        self._pids: Callable[[], Mapping[str, int]] = dict

    def start(self, pids: Callable[[], Mapping[str, int]]) -> None:
        """From now on; `pids` gives the processes to look at, by name."""
        self._pids = pids
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        if self._thread.ident:
            self._thread.join()

    def note(self, who: str, due_at: float, came_at: float) -> None:
        """Something was due and came; it counts where it was late."""
        if came_at - due_at > LATE_S:
            self.spans.append(Span("stall", who, due_at, came_at))

    async def watch_loop(self, who: str) -> None:
        """Tick on the event loop that runs this, until it is cancelled."""
        while True:
            due_at = time.monotonic() + TICK_S
            await asyncio.sleep(TICK_S)
            self.note(who, due_at, time.monotonic())

    def _tick(self) -> None:
        count = 0
        while True:
            due_at = time.monotonic() + TICK_S
            if self._over.wait(TICK_S):
                return
            self.note(DRIVER, due_at, time.monotonic())
            if (count := count + 1) % SAMPLE_EVERY == 0:
                for who, pid in self._pids().items():
                    self.sample(who, pid, time.monotonic())

    def sample(self, who: str, pid: int, now: float) -> None:
        """Note how long the process's busiest thread could have run since the last look and did not."""
        _, waited_s = max(self._ran(pid, now), default=(0, 0.0))
        self.note(who, now - waited_s, now)

    def _ran(self, pid: int, now: float) -> Iterator[tuple[int, float]]:
        """(nanoseconds that it ran, seconds that it waited) of each thread that ran since the last look.

        None waited for longer than since it was last seen to run, whatever the kernel says of idle ones.
        """
        for thread, ran_ns, waited_ns in self._figures(pid):
            known = self._known.get((pid, thread))
            if known and ran_ns > known.ran_ns:
                yield ran_ns - known.ran_ns, min((waited_ns - known.waited_ns) / 1e9, now - known.at)
            if known is None or ran_ns > known.ran_ns:
                self._known[pid, thread] = Ran(ran_ns, waited_ns, now)


def figures(pid: int) -> Iterator[tuple[str, int, int]]:
    """(thread, nanoseconds that it ran, and that it could have run and did not), where the kernel tells."""
    try:
        for folder in Path(f"/proc/{pid}/task").iterdir():
            ran, waited, *_ = (folder / "schedstat").read_text().split()
            yield folder.name, int(ran), int(waited)
    except (OSError, ValueError):  # it has just ended, or this is no Linux
        return
