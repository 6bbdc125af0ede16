"""Loops that end when they are told to, not only when they are cancelled.

redis-py can swallow a task's cancellation while it takes a connection from its pool (seen with 8.1
on Python 3.11), so a loop that calls Redis must not rely on being cancelled.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

Loop = Callable[[asyncio.Event], Awaitable[None]]
"""Goes on until the event is set."""

AFTER_CRASH_S = 1.0


async def pause(seconds: float, until: asyncio.Event) -> bool:
    """Wait so long, or until the event is set; True when the loop should go on."""
    try:
        await asyncio.wait_for(until.wait(), seconds)
    except TimeoutError:
        return True
    return False


async def kept_up(loop: Loop, done: asyncio.Event, again_s: float = AFTER_CRASH_S) -> None:
    """Run a loop that nobody waits for until it is told to end; one that crashes is begun anew."""
    while not done.is_set():
        try:
            await loop(done)
            return
        except Exception:  # the outermost edge: nobody else would ever hear of it
            log.exception("loop.run.crashed")
            await pause(again_s, done)


async def unless(ended: asyncio.Event, waiting: Coroutine[Any, Any, T]) -> T | None:
    """What is waited for; None, and the waiting cancelled, when the event is set before it has come."""
    both = work, end = asyncio.ensure_future(waiting), asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        work.cancel()
        end.cancel()


async def cancel_all(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel tasks until each of them has ended."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)
