"""What waits in Redis, looked up when somebody asks for the metrics."""

import math
import time
from collections.abc import Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.inbox import DEAD, DUE, script
from contracts.task import QUEUE
from services.gateway.metrics import BACKLOG, REDIS_UP

MOST = 500
"""Conversations that one look goes through: those due longest."""
AGAIN_S = 5.0
"""Who asks before that is told the same: anybody may ask, and Redis does nothing else during a look."""


class Backlog:
    """One script call a look, however many conversations there are, and however often is asked."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._look = redis.register_script(script("backlog"))
        self._clock = clock
        self._again = -math.inf

    async def look(self) -> None:
        """Set the gauges, unless they are fresh; none is known while Redis is away."""
        if self._clock() < self._again:
            return
        self._again = self._clock() + AGAIN_S
        try:
            found: list[float] = await self._look([DUE, DEAD, QUEUE], [MOST])
            REDIS_UP.set(1)
        except RedisError:
            found = [math.nan] * len(BACKLOG)
            REDIS_UP.set(0)
        for gauge, value in zip(BACKLOG, found, strict=True):
            gauge.set(value)
