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
EVERY_S = 1.0


class Pressure:
    """The last look at Redis's memory."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._full = False

    def check(self) -> None:
        """Raises QueueDown while Redis is nearly full."""
        if self._full:
            raise QueueDown("Redis is nearly full")

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
        limit = memory["maxmemory"]
        REDIS_MEMORY.set(memory["used_memory"])
        REDIS_LIMIT.set(limit)
        full = bool(limit) and memory["used_memory"] > FULL * limit
        if full and not self._full:
            log.error("gateway.redis.filled", extra={"used": memory["used_memory"], "limit": limit})
        self._full = full
