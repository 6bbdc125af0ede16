"""What waits in Redis, looked up when somebody asks for the metrics."""

import math

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.inbox import DEAD, DUE, script
from contracts.task import QUEUE
from services.gateway.metrics import BACKLOG, REDIS_UP

MOST = 500
"""Conversations that one look goes through: those due longest."""


class Backlog:
    """One script call a look, however many conversations there are."""

    def __init__(self, redis: Redis) -> None:
        self._look = redis.register_script(script("backlog"))

    async def look(self) -> None:
        """Set the gauges; none is known while Redis is away."""
        try:
            found: list[float] = await self._look([DUE, DEAD, QUEUE], [MOST])
            REDIS_UP.set(1)
        except RedisError:
            found = [math.nan] * len(BACKLOG)
            REDIS_UP.set(0)
        for gauge, value in zip(BACKLOG, found, strict=True):
            gauge.set(value)
