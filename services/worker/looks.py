"""Waits for lists to grow, for many turns at a time: a look for each would cost more than the streams do."""

import asyncio
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.inbox import script

EVERY_S = 0.1


class Looks:
    """One question to Redis, every so often, for all who wait; none while nobody does."""

    def __init__(self, redis: Redis, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._longer = redis.register_script(script("longer"))
        self._waiting: dict[asyncio.Future[list[str]], tuple[str, int]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def longer(self, key: str, than: int = 0) -> list[str]:
        """The whole list, as soon as it has more entries than so many; a fault of Redis is waited out."""
        found: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        self._waiting[found] = (key, than)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            return await found
        finally:
            self._waiting.pop(found, None)

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._every_s)
            with suppress(RedisError):
                await self._look_once()

    async def _look_once(self) -> None:
        waiting = dict(self._waiting)
        if not waiting:
            return
        keys, known = zip(*waiting.values(), strict=True)
        longer: Any = await self._longer(keys, known)
        futures = list(waiting)
        for place, *entries in longer:
            future = futures[place - 1]
            if not future.done():
                future.set_result(entries)
