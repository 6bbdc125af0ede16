"""commit.lua writes a tracker and an Event's replies once, as the holder of the lease."""

import pytest
from redis.asyncio import Redis

from contracts.inbox import lease_key, script

CONVERSATION = "web:c1"
TRACKER = f"tracker:{CONVERSATION}"
LIFE_S = 60


async def _commit(redis: Redis, event: str, version: int, lease: str = "", keep: int = 3) -> int:
    keys = [lease_key(CONVERSATION), TRACKER]
    arguments = [lease, version, LIFE_S, f"tracker after {event}", event, f"replies to {event}", keep]
    return int(await redis.register_script(script("commit"))(keys, arguments))


async def test_a_commit_writes_all_of_it_and_ends_with_its_life(redis_client: Redis) -> None:
    assert await _commit(redis_client, "m1", 0) == 1
    assert await redis_client.hgetall(TRACKER) == {
        "v": "1",
        "version": "1",
        "tracker": "tracker after m1",
        "events": '["m1"]',
        "replies:m1": "replies to m1",
    }
    assert 0 < await redis_client.ttl(TRACKER) <= LIFE_S


@pytest.mark.parametrize("version", [0, 2])
async def test_a_commit_on_another_version_writes_nothing(redis_client: Redis, version: int) -> None:
    await _commit(redis_client, "m1", 0)
    before = await redis_client.hgetall(TRACKER)
    assert await _commit(redis_client, "m2", version) == -1
    assert await redis_client.hgetall(TRACKER) == before


@pytest.mark.parametrize("holder", [None, "another"])
async def test_a_commit_without_its_lease_writes_nothing(redis_client: Redis, holder: str | None) -> None:
    if holder:
        await redis_client.set(lease_key(CONVERSATION), holder)
    assert await _commit(redis_client, "m1", 0, lease="mine") == 0
    assert await redis_client.exists(TRACKER) == 0


async def test_the_holder_of_the_lease_commits(redis_client: Redis) -> None:
    await redis_client.set(lease_key(CONVERSATION), "mine")
    assert await _commit(redis_client, "m1", 0, lease="mine") == 1


async def test_only_the_newest_replies_are_kept(redis_client: Redis) -> None:
    for version in range(5):
        await _commit(redis_client, f"m{version}", version)
    kept = {field for field in await redis_client.hkeys(TRACKER) if field.startswith("replies:")}
    assert kept == {"replies:m2", "replies:m3", "replies:m4"}
