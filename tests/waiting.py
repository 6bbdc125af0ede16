"""Waiting in tests: poll with a deadline, never sleep and hope."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from threading import Event as Pause
from typing import TypeVar

T = TypeVar("T")


def until(probe: Callable[[], T], what: str, timeout_s: float = 20, every_s: float = 0.02) -> T:
    """The first truthy answer of the probe; TimeoutError names what never came."""
    deadline = time.monotonic() + timeout_s
    while not (answer := probe()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s} s in vain: {what}")
        Pause().wait(every_s)
    return answer


async def auntil(
    probe: Callable[[], Awaitable[T]], what: str, timeout_s: float = 20, every_s: float = 0.02
) -> T:
    """The same for a probe that is awaited."""
    deadline = time.monotonic() + timeout_s
    while not (answer := await probe()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout_s} s in vain: {what}")
        await asyncio.sleep(every_s)
    return answer
