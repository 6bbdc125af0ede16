"""When the machine stood still: how late this process wakes, and how long the rooms wait for a processor.

The stand-ins run in this process and note here when a call arrives. A call that comes too soon behind another
was perhaps sent in time, and the other one arrived late: so it is measured who stood still, and for how long.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.chaos.history import DRIVER, Span

TICK_S = 0.02
SAMPLE_EVERY = 5
"""The rooms are looked at every so many ticks."""
LATE_S = 0.04
"""Less than this is how every machine runs."""


class Watch:
    """Notes the spans in which somebody who had something to do did not get to do it."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._over = threading.Event()
        self._waited: dict[tuple[int, str], int] = {}
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
                self._sample()

    def _sample(self) -> None:
        """Who waited for a processor since the last look, by the longest wait of one of its threads."""
        now = time.monotonic()
        for who, pid in self._pids().items():
            longest_s = 0.0
            for thread, waited_ns in waits_ns(pid):
                before = self._waited.get((pid, thread), waited_ns)
                self._waited[pid, thread] = waited_ns
                longest_s = max(longest_s, (waited_ns - before) / 1e9)
            self.note(who, now - longest_s, now)


def waits_ns(pid: int) -> Iterator[tuple[str, int]]:
    """(thread, nanoseconds that it could have run and did not) of a process, where the kernel tells."""
    try:
        for folder in Path(f"/proc/{pid}/task").iterdir():
            yield folder.name, int((folder / "schedstat").read_text().split()[1])
    except (OSError, IndexError):  # it has just ended, or this is no Linux
        return
