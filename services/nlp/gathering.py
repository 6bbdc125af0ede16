"""Gathers a stream's deltas: the first goes on at once, then those that come close together share an item."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing

from contracts.turn import TurnDelta, TurnItem
from foundation.pausing import cancel_all, pause

EVERY_S = 0.05
"""No reader sees a difference, and an item costs more than a token."""
MOST_A_SECOND = 1000
"""Items of all streams together; where there are many streams, each one's come less often."""


class Gathering:
    """All streams of this process."""

    def __init__(self, every_s: float = EVERY_S, most_a_second: float = MOST_A_SECOND) -> None:
        self._every_s = every_s
        self._share_s = 1 / most_a_second
        self._streams = 0

    async def gathered(self, items: AsyncGenerator[TurnItem, None]) -> AsyncGenerator[TurnItem, None]:
        """The same text in fewer items; whatever is no delta goes on at once. Closing it closes `items`."""
        shelf = _Shelf()
        filling = asyncio.create_task(shelf.fill(items))
        self._streams += 1
        try:
            while item := await shelf.next():
                yield item
                if isinstance(item, TurnDelta):
                    await pause(max(self._every_s, self._streams * self._share_s), until=shelf.is_urgent)
            filling.result()
        finally:
            self._streams -= 1
            await cancel_all([filling])


class _Shelf:
    """What has come and was not taken yet."""

    def __init__(self) -> None:
        self.is_urgent = asyncio.Event()
        """Set when something has come for which no delta is to wait any longer."""
        self._waiting: deque[TurnItem] = deque()
        self._texts: list[str] = []
        self._index = 0
        self._has_come = asyncio.Event()
        self._is_over = False

    async def fill(self, items: AsyncGenerator[TurnItem, None]) -> None:
        """Take all items in; what they raise is this task's."""
        try:
            async with aclosing(items):
                async for item in items:
                    self._put(item)
        finally:
            self._is_over = True
            self.is_urgent.set()
            self._has_come.set()

    async def next(self) -> TurnItem | None:
        """The next item, a delta being all of its text that has come; None when there are no more."""
        await self._has_come.wait()
        if not self._waiting:
            self._fold()
        item = self._waiting.popleft() if self._waiting else None
        if not (self._waiting or self._is_over):
            self.is_urgent.clear()
            if not self._texts:
                self._has_come.clear()
        return item

    def _put(self, item: TurnItem) -> None:
        if not isinstance(item, TurnDelta):
            self._fold()
            self._waiting.append(item)
            self.is_urgent.set()
        else:
            if item.index != self._index:
                self._fold()
            self._index = item.index
            self._texts.append(item.text)
        self._has_come.set()

    def _fold(self) -> None:
        """Make one delta of the texts."""
        if self._texts:
            self._waiting.append(TurnDelta(index=self._index, text="".join(self._texts)))
            self._texts.clear()
