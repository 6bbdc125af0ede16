"""The pacer's scripts: places in all limits at once or in none, and clocks that a 429 moves."""

import asyncio
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from services.worker.pacer import Limit, Pacer

CHAT = Limit("token:chat:1", 1000)
OVERALL = Limit("token", 100, burst=3)


async def test_a_burst_is_free_and_what_follows_waits(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    free = [await pacer.take(OVERALL, max_wait_s=0) for _ in range(4)]
    assert free == [True, True, True, False]


async def test_a_place_in_one_limit_is_not_spent_when_another_is_full(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    assert await pacer.take(CHAT, OVERALL, max_wait_s=0)
    assert not await pacer.take(CHAT, OVERALL, max_wait_s=0)
    assert [await pacer.take(OVERALL, max_wait_s=0) for _ in range(3)] == [True, True, False]


async def test_who_may_wait_gets_the_next_place(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    slow = Limit("token:slow", 200)
    await pacer.take(slow)
    began = time.monotonic()
    assert await pacer.take(slow, max_wait_s=5)
    assert 0.1 <= time.monotonic() - began < 5


async def test_waiting_workers_stand_in_one_line(redis_client: Redis) -> None:
    slow = Limit("token:line", 100)
    began = time.monotonic()
    assert all(await asyncio.gather(*(Pacer(redis_client).take(slow, max_wait_s=5) for _ in range(4))))
    assert time.monotonic() - began >= 0.29


async def test_after_a_429_nobody_acts_under_its_key_and_others_do(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    await pacer.penalize(CHAT, 30)
    assert not await pacer.take(CHAT, max_wait_s=5)
    assert await pacer.take(OVERALL, max_wait_s=0)
    assert 25 < await redis_client.pttl("pace:token:chat:1") / 1000 <= 32


async def test_a_shorter_penalty_does_not_shorten_a_longer_one(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    await pacer.penalize(CHAT, 30)
    await pacer.penalize(CHAT, 1)
    assert not await pacer.take(CHAT, max_wait_s=10)


async def test_a_burst_does_not_outlive_a_penalty(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    await pacer.penalize(OVERALL, 10)
    assert not await pacer.take(OVERALL, max_wait_s=5)


async def test_a_clock_that_goes_back_closes_no_limit(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    for limit in (CHAT, OVERALL):
        seconds, _ = await redis_client.time()
        ahead_ms = (seconds + 3600) * 1000
        await redis_client.set(f"pace:{limit.key}", f"{ahead_ms + limit.interval_ms}.000{ahead_ms}", ex=3601)
    assert await pacer.opens_in_s(CHAT, OVERALL) <= CHAT.interval_ms / 1000
    assert await pacer.take(CHAT, OVERALL, max_wait_s=5)


async def test_a_clock_that_goes_back_does_not_shorten_a_penalty(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    await pacer.penalize(CHAT, 30)
    arrival, written = str(await redis_client.get(f"pace:{CHAT.key}")).split(".000")
    ahead = f"{int(arrival) + 3_600_000}.000{int(written) + 3_600_000}"
    await redis_client.set(f"pace:{CHAT.key}", ahead, ex=3601)
    assert 25 < await pacer.opens_in_s(CHAT) <= 31


async def test_an_older_worker_reads_a_limit_as_one_number(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    now, _ = await redis_client.time()
    await pacer.take(CHAT)
    assert now * 1000 < await _as_before(redis_client, CHAT) < now * 1000 + 10_000
    await pacer.penalize(CHAT, 30)
    assert now * 1000 + 30_000 <= await _as_before(redis_client, CHAT) < now * 1000 + 40_000
    await pacer.share(OVERALL, "me")
    assert now * 1000 < await _as_before(redis_client, OVERALL) < now * 1000 + 10_000


async def _as_before(redis: Redis, limit: Limit) -> int:
    # how pace.lua, penalize.lua and share.lua read it before a key said when it was written
    script = "return math.floor(tonumber(redis.call('GET', KEYS[1]) or 0))"
    found: Any = await redis.eval(script, 1, f"pace:{limit.key}")  # type: ignore[misc]
    return int(found)


@pytest.mark.parametrize("decimals", ["", ".5", ".3333"])
async def test_what_an_older_worker_has_taken_is_taken(redis_client: Redis, decimals: str) -> None:
    seconds, _ = await redis_client.time()
    await redis_client.set(f"pace:{CHAT.key}", f"{(seconds + 30) * 1000}{decimals}", ex=31)
    assert 25 < await Pacer(redis_client).opens_in_s(CHAT) <= 31


async def test_a_penalty_that_outlives_its_time_holds_nobody_up(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    quick = Limit("token:quick", 50)
    await pacer.penalize(quick, 0.01)
    await redis_client.set("pace:token:quick:shut", "of a clock that went back", ex=3600)
    await pacer.take(quick)
    assert await pacer.take(quick, max_wait_s=5)


async def test_a_stream_that_stood_in_a_clock_s_future_gets_its_turn(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    seconds, _ = await redis_client.time()
    later_ms = (seconds + 3600) * 1000
    await redis_client.zadd(f"pace:{CHAT.key}:streams", {"me": later_ms, "other": later_ms})
    assert await pacer.share(CHAT, "me")


async def test_a_place_that_a_clock_held_too_long_is_free(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    seconds, _ = await redis_client.time()
    await redis_client.zadd("pace:places", {"gone": (seconds + 3600) * 1000})
    assert await pacer.hold("places", 1, "me", 5)
