"""The last look before a call that people see: does the turn still hold its lease?

A worker that stood still in the middle of a turn may go on when another has taken the turn over. Redis
refuses its records then, but a platform's call asks nobody: so it is looked at right before, by this
process's own clock.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from services.worker.errors import LeaseLost


@dataclass
class Hold:
    """How long a lease is held for sure: nobody else gets it before."""

    until: float = math.inf
    """By `now`; counted from before Redis was asked."""


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Seconds that never go back, those too in which the machine slept, for Redis counts them as well."""
    return time.clock_gettime(_CLOCK)


_hold: ContextVar[Hold | None] = ContextVar("hold", default=None)


@contextmanager
def held(hold: Hold) -> Iterator[None]:
    """All calls of the block, and of the tasks that begin in it, are made under this lease."""
    token = _hold.set(hold)
    try:
        yield
    finally:
        _hold.reset(token)


def check() -> None:
    """Raises LeaseLost where the time of the lease has run out; passes where there is no lease."""
    hold = _hold.get()
    if hold and now() > hold.until:
        raise LeaseLost
