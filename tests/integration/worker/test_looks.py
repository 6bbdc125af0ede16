"""Many turns wait for lists in Redis at the same time."""

import asyncio

import pytest
from redis.asyncio import Redis

from services.worker.looks import Looks
from tests.waiting import auntil


@pytest.fixture
def looks(redis_client: Redis) -> Looks:
    return Looks(redis_client, every_s=0.02)


async def scripts_run(redis: Redis) -> int:
    stats = await redis.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("evalsha", "eval"))


async def test_each_gets_its_own_list_and_all_of_them_share_one_question(
    redis_client: Redis, looks: Looks
) -> None:
    await redis_client.rpush("a", "1", "2")
    await redis_client.rpush("c", "3")
    await looks.longer("a")  # Redis knows the script now
    before = await scripts_run(redis_client)
    found = await asyncio.gather(*(looks.longer(key) for key in "aca"))
    assert found == [["1", "2"], ["3"], ["1", "2"]]
    assert await scripts_run(redis_client) - before == 1


async def test_who_waits_is_told_when_the_list_has_grown_and_not_before(
    redis_client: Redis, looks: Looks
) -> None:
    await redis_client.rpush("a", "1")
    waiting = asyncio.ensure_future(looks.longer("a", than=1))
    assert await looks.longer("a") == ["1"]
    assert not waiting.done()
    await redis_client.rpush("a", "2")
    assert await waiting == ["1", "2"]


async def test_one_who_leaves_takes_nothing_from_the_others(redis_client: Redis, looks: Looks) -> None:
    leaving, staying = asyncio.ensure_future(looks.longer("a")), asyncio.ensure_future(looks.longer("b"))
    await asyncio.sleep(0)
    leaving.cancel()
    await redis_client.rpush("b", "1")
    assert await staying == ["1"]


async def test_nothing_is_asked_while_nobody_waits(redis_client: Redis, looks: Looks) -> None:
    await redis_client.rpush("a", "1")
    await looks.longer("a")
    tasks = asyncio.all_tasks()

    async def is_quiet() -> bool:
        return not any(task.get_coro().__name__ == "_look" for task in tasks if not task.done())  # type: ignore[union-attr]

    await auntil(is_quiet, "the looking ends")


async def test_a_fault_of_redis_is_waited_out(redis_client: Redis, looks: Looks) -> None:
    await redis_client.set("a", "no list")
    waiting = asyncio.ensure_future(looks.longer("a"))
    failed = looks.longer("b")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(failed, 0.1)
    await redis_client.delete("a")
    await redis_client.rpush("a", "1")
    assert await waiting == ["1"]
