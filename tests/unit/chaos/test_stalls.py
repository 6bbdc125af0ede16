"""Who stands still is seen, and for how long."""

import asyncio
import os
import time
from pathlib import Path

from tests.chaos.stalls import LATE_S, Watch, waits_ns


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


def test_a_process_tells_how_long_each_of_its_threads_waited_for_a_processor() -> None:
    waits = dict(waits_ns(os.getpid()))
    assert str(os.getpid()) in waits or not Path("/proc/self/schedstat").exists()
    assert all(waited >= 0 for waited in waits.values())


def test_a_process_that_is_gone_tells_nothing() -> None:
    assert not list(waits_ns(2**30))
