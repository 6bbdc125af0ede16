"""Work beside a block, such as renewing a lease: begins after a while, ends with the block."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Later:
    """Work that begins after so many seconds, until it is told to end."""

    after_s: float
    work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]


@asynccontextmanager
async def beside(*works: Later) -> AsyncIterator[None]:
    """Does it beside the block until the block is done; what the work raises ends the block.

    Most blocks are done before any of it is due: it gets a task of its own only then.
    """
    done = asyncio.Event()
    later = asyncio.get_running_loop().call_later
    try:
        async with asyncio.TaskGroup() as group:
            timers = [later(one.after_s, _begin, group, one, done) for one in works]
            try:
                yield
            finally:
                for timer in timers:
                    timer.cancel()
                done.set()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _begin(group: asyncio.TaskGroup, later: Later, done: asyncio.Event) -> None:
    async def work() -> None:
        try:
            await later.work(done)
        except BaseException:
            done.set()  # the group takes nothing in any more
            raise

    if not done.is_set():
        group.create_task(work())
