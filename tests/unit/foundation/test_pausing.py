"""Loops that nobody waits for."""

import asyncio

import pytest

from foundation.pausing import kept_up


async def test_a_loop_that_crashes_is_begun_anew_until_it_is_told_to_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done, goes_well, rounds = asyncio.Event(), asyncio.Event(), 0

    async def loop(done: asyncio.Event) -> None:
        nonlocal rounds
        rounds += 1
        if rounds < 3:
            raise KeyError("maxmemory")
        goes_well.set()
        await done.wait()

    task = asyncio.create_task(kept_up(loop, done, again_s=0))
    async with asyncio.timeout(5):
        await goes_well.wait()
        done.set()
        await task
    assert caplog.messages == ["loop.run.crashed"] * 2
