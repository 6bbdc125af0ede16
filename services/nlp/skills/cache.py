"""What skills have found, for a while: in Redis, public facts only, asked for once at a time."""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

MAX_BYTES = 64_000
"""A larger value is not kept."""
STALE_S = 24 * 3600
"""So long after its time a value still serves where the source fails."""
PATIENCE_S = 2.0
"""So long a source is waited for where there is an old value."""


class Cache:
    """`skill:{name}:{hash}` -> {"until", "value"}. Without Redis it only joins those who ask at once."""

    def __init__(self, redis: Redis | None = None, now: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._now = now
        self._flights: dict[str, asyncio.Task[Any]] = {}

    async def get(self, skill: str, key: object, ttl_s: float, load: Callable[[], Awaitable[Any]]) -> Any:
        """The value of the key, a JSON value, from here or from `load`; raises what `load` raises.

        Who stops waiting stops nobody else, and what comes late is kept for the next one.
        """
        name = _name(skill, key)
        until, value = await self._read(name)
        if until > self._now():
            return value
        flight = self._flights.get(name)
        if flight is None:
            flight = self._flights[name] = asyncio.create_task(self._load(name, ttl_s, load))
            flight.add_done_callback(lambda done: self._land(name, done))
        if not until:
            return await asyncio.shield(flight)
        done, _ = await asyncio.wait([flight], timeout=PATIENCE_S)
        return flight.result() if done and not flight.cancelled() and not flight.exception() else value

    async def aclose(self) -> None:
        """Leave nothing behind that still asks."""
        for flight in self._flights.values():
            flight.cancel()
        await asyncio.gather(*self._flights.values(), return_exceptions=True)

    async def _load(self, name: str, ttl_s: float, load: Callable[[], Awaitable[Any]]) -> Any:
        value = await load()
        await self._write(name, ttl_s, value)
        return value

    def _land(self, name: str, done: asyncio.Task[Any]) -> None:
        self._flights.pop(name, None)
        if not done.cancelled():
            done.exception()  # whoever still waits has it; where nobody does, it is nobody's

    async def _read(self, name: str) -> tuple[float, Any]:
        """Until when it counts, and the value; 0 where there is none."""
        try:
            text = await self._redis.get(name) if self._redis else None
        except RedisError as error:
            log.warning("nlp.skill_cache.failed", extra={"type": type(error).__name__})
            return 0, None
        kept: dict[str, Any] = json.loads(text) if text else {"until": 0.0, "value": None}
        return float(kept["until"]), kept["value"]

    async def _write(self, name: str, ttl_s: float, value: Any) -> None:
        text = json.dumps({"until": self._now() + ttl_s, "value": value}, ensure_ascii=False)
        if self._redis is None or len(text.encode()) > MAX_BYTES:
            return
        try:
            await self._redis.set(name, text, ex=round(ttl_s + STALE_S))
        except RedisError as error:
            log.warning("nlp.skill_cache.failed", extra={"type": type(error).__name__})


def _name(skill: str, key: object) -> str:
    """Under a hash: what people ask for is in no key's name."""
    digest = hashlib.sha256(json.dumps(key, ensure_ascii=False, default=str).encode()).hexdigest()
    return f"skill:{skill}:{digest[:32]}"
