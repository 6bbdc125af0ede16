"""One rate limit for each platform token, shared by all workers through Redis (GCRA in pace.lua)."""

import asyncio
from dataclasses import dataclass

from redis.asyncio import Redis

from contracts.inbox import script


@dataclass(frozen=True)
class Limit:
    """A rate: one place every `interval_ms`, and up to `burst` of them at once."""

    key: str
    """`{hash of the token}:{scope}`; never the token."""
    interval_ms: int
    burst: int = 1


class Pacer:
    """Hands out places. Final texts wait for theirs; streaming updates are dropped instead."""

    def __init__(self, redis: Redis) -> None:
        self._pace = redis.register_script(script("pace"))
        self._penalize = redis.register_script(script("penalize"))

    async def take(self, *limits: Limit, max_wait_s: float = 120) -> bool:
        """Wait until every limit has a place, at most so long; False, at once, when that is too long."""
        rates = [number for limit in limits for number in (limit.interval_ms, limit.burst)]
        keys = [f"pace:{limit.key}" for limit in limits]
        granted, wait_ms = await self._pace(keys, [max_wait_s * 1000, *rates])
        if granted:
            await asyncio.sleep(wait_ms / 1000)
        return bool(granted)

    async def penalize(self, limit: Limit, retry_after_s: float) -> None:
        """The platform said 429 for this key: nobody sends under it before the time is over."""
        arguments = [int(retry_after_s * 1000), limit.interval_ms, limit.burst]
        await self._penalize([f"pace:{limit.key}"], arguments)
