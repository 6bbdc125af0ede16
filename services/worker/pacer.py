"""One rate limit for each platform token, shared by all workers through Redis (GCRA in pace.lua)."""

import asyncio
import time
import uuid
from dataclasses import dataclass

from redis.asyncio import Redis

from contracts.inbox import script
from services.worker.metrics import PACER_PENALTIES, PACER_REFUSED, PACER_WAITS


@dataclass(frozen=True)
class Limit:
    """A rate: one place every `interval_ms`, and up to `burst` of them at once."""

    key: str
    """`{hash of the token}:{scope}`; never the token."""
    interval_ms: int
    burst: int = 1
    spare: int = 0
    """So many places of the burst are left for others."""


class Pacer:
    """Hands out places. Final texts wait for theirs; streaming updates are dropped instead."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._pace = redis.register_script(script("pace"))
        self._penalize = redis.register_script(script("penalize"))
        self._share = redis.register_script(script("share"))
        self._hold = redis.register_script(script("hold"))

    async def take(self, *limits: Limit, max_wait_s: float = 120) -> bool:
        """Wait until every limit has a place, at most so long; False, at once, when that is too long.

        A place that a penalty has overtaken meanwhile is given up for a later one.
        """
        rates = [number for limit in limits for number in (limit.interval_ms, limit.burst - limit.spare)]
        deadline = time.monotonic() + max_wait_s
        seen: set[str] = set()
        while True:
            left_s = max(0, deadline - time.monotonic())
            granted, wait_ms = await self._pace([_key(limit) for limit in limits], [left_s * 1000, *rates])
            if not granted:
                PACER_REFUSED.inc()
                return False
            if not wait_ms:
                return True
            PACER_WAITS.observe(wait_ms / 1000)
            await asyncio.sleep(wait_ms / 1000)
            penalties = {str(name) for name in await self._redis.mget(map(_shut_key, limits)) if name}
            if penalties <= seen:
                return True
            seen |= penalties

    async def opens_in_s(self, *limits: Limit) -> float:
        """How long it is until every limit has a place; takes none."""
        rates = [number for limit in limits for number in (limit.interval_ms, limit.burst - limit.spare)]
        _, wait_ms = await self._pace([_key(limit) for limit in limits], [-1, *rates])
        return float(wait_ms) / 1000

    async def share(self, limit: Limit, who: str) -> bool:
        """A place for one of the streams that share the limit, evenly; never waits."""
        keys = [_key(limit), _streams_key(limit)]
        return bool(await self._share(keys, [limit.interval_ms, limit.burst - limit.spare, who]))

    async def leave(self, limit: Limit, who: str) -> None:
        """This stream wants no more places."""
        await self._redis.zrem(_streams_key(limit), who)

    async def hold(self, key: str, places: int, who: str, for_s: float) -> bool:
        """One of so many places, for so long from now; False when there is none, and who has none yet."""
        return bool(await self._hold([f"pace:{key}"], [places, int(for_s * 1000), who]))

    async def penalize(self, limit: Limit, retry_after_s: float) -> None:
        """The platform said 429 for this key: nobody sends under it before the time is over."""
        PACER_PENALTIES.inc()
        wait_ms = max(1, int(retry_after_s * 1000))
        places = [_key(limit), _shut_key(limit)]
        await self._penalize(places, [wait_ms, limit.interval_ms, limit.burst, uuid.uuid4().hex])


def _key(limit: Limit) -> str:
    return f"pace:{limit.key}"


def _streams_key(limit: Limit) -> str:
    return f"pace:{limit.key}:streams"


def _shut_key(limit: Limit) -> str:
    return f"pace:{limit.key}:shut"
