"""The pacer's scripts for streams: even shares of a limit, places that are held, and penalties."""

import asyncio
import time
from collections import Counter

import pytest
from redis.asyncio import Redis

from services.worker.pacer import Limit, Pacer
from tests.waiting import auntil

SHARED = Limit("token:update", 20, burst=5, spare=3)
SELDOM = Limit("token:seldom", 60_000, burst=5, spare=3)
"""No place of it comes back while a test runs, however busy the machine is."""


@pytest.mark.alone
async def test_no_stream_of_many_starves(redis_client: Redis) -> None:
    pacer, places = Pacer(redis_client), Counter[str]()
    names = [f"stream-{n}" for n in range(10)]
    while places.total() < 50:  # always in the same order: the first would win every place
        for name in names:
            places[name] += await pacer.share(SHARED, name)
    assert len(places) == 10
    assert max(places.values()) - min(places.values()) <= 2


async def test_a_stream_alone_gets_every_place(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    assert [await pacer.share(SELDOM, "only") for _ in range(3)] == [True, True, False]


@pytest.mark.alone
async def test_who_has_left_takes_no_turns_from_the_others(redis_client: Redis) -> None:
    pacer, slow = Pacer(redis_client), Limit("token:slow", 500)
    assert await pacer.share(slow, "one")
    for name in ("two", "three", "four"):
        assert not await pacer.share(slow, name)
        await pacer.leave(slow, name)
    began = time.monotonic()
    await auntil(lambda: pacer.share(slow, "one"), "the next place")
    assert time.monotonic() - began < 1.4


async def test_streaming_leaves_places_of_a_burst_to_final_texts(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    streamed = [await pacer.share(SELDOM, "only") for _ in range(9)]
    final = Limit(SELDOM.key, SELDOM.interval_ms, SELDOM.burst)
    assert await pacer.take(final, max_wait_s=0)
    assert streamed.count(True) < 9


async def test_a_held_place_is_free_again_when_its_time_is_over(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    assert [await pacer.hold("token:open", 2, who, 60) for who in ("a", "b", "c")] == [True, True, False]
    assert await pacer.hold("token:open", 2, "a", 0.05)
    await auntil(lambda: pacer.hold("token:open", 2, "c", 60), "a place is free")
    assert not await pacer.hold("token:open", 2, "d", 60)
    assert await redis_client.pttl("pace:token:open") > 0


async def test_who_waits_for_a_place_obeys_a_penalty_that_comes_meanwhile(redis_client: Redis) -> None:
    pacer, slow = Pacer(redis_client), Limit("token:meanwhile", 150)
    await pacer.take(slow)
    waiting = asyncio.create_task(pacer.take(slow, max_wait_s=10))

    async def in_line() -> bool:
        return await redis_client.pttl("pace:token:meanwhile") > 1160

    await auntil(in_line, "it has a place that is to come")
    began = time.monotonic()
    await pacer.penalize(slow, 0.6)
    assert await waiting
    assert time.monotonic() - began >= 0.6


async def test_a_burst_that_streaming_may_not_use_does_not_outlive_a_penalty(redis_client: Redis) -> None:
    pacer = Pacer(redis_client)
    await pacer.penalize(SHARED, 10)
    assert not await pacer.take(Limit(SHARED.key, SHARED.interval_ms, SHARED.burst), max_wait_s=5)
