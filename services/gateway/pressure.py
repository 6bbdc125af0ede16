"""Watches how full Redis is, so that new messages are refused while work in hand still fits."""

import asyncio
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError

from foundation.pausing import pause
from services.gateway.errors import QueueDown
from services.gateway.metrics import REDIS_LIMIT, REDIS_MEMORY

log = logging.getLogger(__name__)

FULL = 0.85
"""Share of `maxmemory` above which nothing new is taken in."""
PHOTOS = 0.6
"""Share that photos may bring it to: they are large, anybody may upload them, and messages are to come in."""
EVERY_S = 1.0


class Pressure:
    """The last look at Redis's memory."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._full = False
        self._used = self._limit = 0
        self.storing = asyncio.Lock()
        """Held from the look for room until the photo is stored: what comes at once sees the same room."""

    def check(self) -> None:
        """Raises QueueDown while Redis is nearly full."""
        if self._full:
            raise QueueDown("Redis is nearly full")

    def check_photo(self, size: int) -> None:
        """Raises QueueDown where a photo of so many bytes would take room that messages need."""
        if self._limit and self._used + size > PHOTOS * self._limit:
            raise QueueDown("Redis has no room for photos")

    async def watch_until(self, done: asyncio.Event) -> None:
        """Look every second; an unreachable Redis shows itself to every request anyway."""
        going = True
        while going:
            try:
                await self.look()
            except RedisError as error:
                log.warning("gateway.redis.unreachable", extra={"error": type(error).__name__})
            going = await pause(EVERY_S, done)

    async def look(self) -> None:
        """Look once."""
        memory = await self._redis.info("memory")
        self._used, self._limit = memory["used_memory"], memory["maxmemory"]
        REDIS_MEMORY.set(self._used)
        REDIS_LIMIT.set(self._limit)
        full = bool(self._limit) and self._used > FULL * self._limit
        if full and not self._full:
            log.error("gateway.redis.filled", extra={"used": self._used, "limit": self._limit})
        self._full = full
