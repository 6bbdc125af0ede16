"""What may end a running turn before its time."""

import asyncio
from typing import Literal

Reason = Literal["stopped", "superseded", "deleted"]


class Ending:
    """Asked for beside the turn, heard by it. The first reason counts, but a deletion outdoes every other."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self.reason: Reason | None = None

    def ask(self, reason: Reason = "stopped") -> None:
        """The turn is to end now: somebody stopped it, said something new, or deleted its answer."""
        if self.reason is None or reason == "deleted":
            self.reason = reason
        self._asked.set()

    @property
    def is_asked(self) -> bool:
        """Whether the turn is to end."""
        return self._asked.is_set()

    async def wait(self) -> None:
        """Until the turn is to end."""
        await self._asked.wait()
