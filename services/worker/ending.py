"""What may end a running turn before its time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

T = TypeVar("T")

Reason = Literal["stopped", "superseded", "deleted"]


class Stopped(Exception):
    """No more of this turn is wanted."""


class Ending:
    """Asked for beside the turn, heard by it. The first reason counts, but a deletion outdoes every other."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._cut: asyncio.Timeout | None = None
        """Of the work that is waited for now."""
        self.reason: Reason | None = None
        self.heard: Callable[[], None] | None = None
        """Called when it is asked for."""

    def ask(self, reason: Reason = "stopped") -> None:
        """The turn is to end now: somebody stopped it, said something new, or deleted its answer."""
        if self.reason is None or reason == "deleted":
            self.reason = reason
        self._asked.set()
        if self._cut and not self._cut.expired():
            self._cut.reschedule(0)
        if self.heard:
            self.heard()

    @property
    def is_asked(self) -> bool:
        """Whether the turn is to end."""
        return self._asked.is_set()

    async def wait(self) -> None:
        """Until the turn is to end."""
        await self._asked.wait()

    async def unless(self, work: Awaitable[T]) -> T:
        """The work's result; Stopped, and the work cancelled, when the turn is to end before.

        One work at a time. It runs in the caller's task: a task for each item of a stream costs more than
        the item.
        """
        cut = asyncio.timeout(0 if self.is_asked else None)
        try:
            async with cut:
                self._cut = cut
                done = await work
        except TimeoutError:
            if cut.expired():
                raise Stopped from None
            raise
        finally:
            self._cut = None
        return done
