"""Who stands still is seen, and for how long."""

import asyncio
import os
import time
from pathlib import Path

from tests.chaos.stalls import LATE_S, Watch, figures


def test_what_comes_in_time_is_no_standstill() -> None:
    watch = Watch()
    watch.note("driver", 10.0, 10.0 + LATE_S)
    assert watch.spans == []


def test_a_loop_that_is_held_up_is_seen_for_about_so_long() -> None:
    watch, held_s = Watch(), 3 * LATE_S

    async def hold_up() -> None:
        ticking = asyncio.create_task(watch.watch_loop("proxies"))
        await asyncio.sleep(0)
        until = time.monotonic() + held_s
        while time.monotonic() < until:
            pass
        for _ in range(5):  # the loop sees whose time has come, and runs it
            await asyncio.sleep(0)
        ticking.cancel()

    asyncio.run(hold_up())
    [span] = watch.spans
    assert span.target == "proxies"
    assert span.ended_at - span.began_at > LATE_S


def looked_at(*looks: dict[str, tuple[int, int]]) -> list[float]:
    """The seconds that were noted where a process's threads stood so at each look, 0.1 s after the other."""
    told = iter(looks)
    watch = Watch(lambda pid: ((name, *nanoseconds) for name, nanoseconds in next(told).items()))
    for number in range(len(looks)):
        watch.sample("worker1", 7, 10 + number / 10)
    return [round(span.ended_at - span.began_at, 3) for span in watch.spans]


def test_a_thread_that_waited_for_a_processor_is_seen_once_it_runs() -> None:
    assert looked_at({"loop": (10, 0)}, {"loop": (20, 0)}, {"loop": (30, 70_000_000)}) == [0.07]


def test_no_thread_waited_longer_than_since_it_ran_last() -> None:
    late = {"loop": (30, 9_000_000_000)}
    assert looked_at({"loop": (10, 0)}, {"loop": (20, 0)}, {"loop": (20, 0)}, late) == [0.2]


def test_what_an_idle_thread_waited_counts_for_nothing_beside_a_busy_one() -> None:
    first, second = {"loop": (10, 0), "idle": (1, 0)}, {"loop": (5_000, 0), "idle": (2, 90_000_000)}
    assert looked_at(first, second) == []


def test_a_process_tells_how_long_each_of_its_threads_ran_and_waited() -> None:
    told = {thread: (ran, waited) for thread, ran, waited in figures(os.getpid())}
    assert str(os.getpid()) in told or not Path("/proc/self/schedstat").exists()
    assert all(waited >= 0 and ran > 0 for ran, waited in told.values())


def test_a_process_that_is_gone_tells_nothing() -> None:
    assert not list(figures(2**30))
