"""Many turns look into Redis at the same time."""

import asyncio

from redis.asyncio import Redis

from services.worker.looks import Looks


async def test_each_gets_its_own_list_and_all_of_them_share_one_journey(redis_client: Redis) -> None:
    await redis_client.rpush("a", "1", "2")
    await redis_client.rpush("c", "3")
    looks = Looks(redis_client)
    before = (await redis_client.info("stats"))["total_reads_processed"]
    found = await asyncio.gather(*(looks.read(key) for key in "abca"))
    after = (await redis_client.info("stats"))["total_reads_processed"]
    assert found == [["1", "2"], [], ["3"], ["1", "2"]]
    assert after - before <= 2  # the second is the question how many


async def test_who_looks_later_sees_what_is_there_then(redis_client: Redis) -> None:
    looks = Looks(redis_client)
    assert await looks.read("a") == []
    await redis_client.rpush("a", "1")
    assert await looks.read("a") == ["1"]


async def test_one_who_leaves_takes_nothing_from_the_others(redis_client: Redis) -> None:
    await redis_client.rpush("b", "1")
    looks = Looks(redis_client)
    leaving, staying = asyncio.ensure_future(looks.read("a")), asyncio.ensure_future(looks.read("b"))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == ["1"]
