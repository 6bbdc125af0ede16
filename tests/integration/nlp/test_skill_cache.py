"""What skills have found stays in Redis for a while, is asked for once at a time, and outlives a failure."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from services.nlp.skills.cache import MAX_BYTES, Cache
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")


class Source:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.value: Any = {"facts": "事實"}
        self.is_down = False
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self) -> Any:
        self.asked += 1
        self.begun.set()
        await self.gate.wait()
        if self.is_down:
            raise ValueError("down")
        return self.value


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def redis(redis_process: RedisProcess) -> Any:
    async with Redis.from_url(redis_process.url, decode_responses=True) as client:
        yield client


async def test_a_value_is_asked_for_once_in_its_time_by_all_processes(redis: Redis) -> None:
    source, clock = Source(), Clock()
    one, other = Cache(redis, clock), Cache(redis, clock)
    assert await one.get("s", ["k"], 60, source.load) == source.value
    assert await other.get("s", ["k"], 60, source.load) == source.value
    assert source.asked == 1
    await one.get("s", ["another"], 60, source.load)
    await one.get("t", ["k"], 60, source.load)
    assert source.asked == 3
    clock.now += 61
    await other.get("s", ["k"], 60, source.load)
    assert source.asked == 4


async def test_who_asks_at_once_asks_together(redis: Redis) -> None:
    source, cache = Source(), Cache(redis)
    found = await asyncio.gather(*(cache.get("s", "k", 60, source.load) for _ in range(20)))
    assert (source.asked, found) == (1, [source.value] * 20)


async def test_who_stops_waiting_stops_nobody_else(redis: Redis) -> None:
    source, cache = Source(), Cache(redis)
    source.gate.clear()
    impatient = asyncio.create_task(cache.get("s", "k", 60, source.load))
    patient = asyncio.create_task(cache.get("s", "k", 60, source.load))
    await source.begun.wait()
    impatient.cancel()
    source.gate.set()
    assert await patient == source.value


async def test_an_old_value_serves_while_the_source_fails(redis: Redis) -> None:
    source, clock = Source(), Clock()
    cache = Cache(redis, clock)
    await cache.get("s", "k", 60, source.load)
    clock.now, source.is_down = clock.now + 61, True
    assert await cache.get("s", "k", 60, source.load) == source.value
    with pytest.raises(ValueError, match="down"):
        await cache.get("s", "new", 60, source.load)


async def test_nothing_stays_for_ever_and_no_key_says_what_was_asked(redis: Redis) -> None:
    await Cache(redis).get("s", "private words", 60, Source().load)
    (key,) = [key async for key in redis.scan_iter("skill:*")]
    assert "private" not in key
    assert 0 < await redis.ttl(key) <= 60 + 24 * 3600


async def test_a_value_that_is_too_large_is_had_and_not_kept(redis: Redis) -> None:
    source = Source()
    source.value = "x" * MAX_BYTES
    assert await Cache(redis).get("s", "k", 60, source.load) == source.value
    assert not [key async for key in redis.scan_iter("skill:*")]


async def test_without_redis_skills_answer_all_the_same() -> None:
    source = Source()
    async with Redis.from_url("redis://127.0.0.1:9", socket_connect_timeout=1) as nobody:
        assert await Cache(nobody).get("s", "k", 60, source.load) == source.value
