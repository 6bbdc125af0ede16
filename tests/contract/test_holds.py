"""take.lua and unlock.lua: a conversation of Rasa's API is one caller's at a time."""

import pytest
from redis.asyncio import Redis

from services.nlp.errors import TrackerConflict
from services.nlp.store import Hold, Store, Stored, stored_of

CONVERSATION = "rasa:bot:ada"
LOCK = f"lock:{CONVERSATION}"
MINE, ANOTHERS = Hold(LOCK, "mine"), Hold(LOCK, "another's")
EVENTS = [{"event": "pause", "timestamp": 1.0}]
LIFE_S = 60


@pytest.fixture
def store(redis_client: Redis) -> Store:
    return Store(redis_client, 1)


async def _commit(store: Store, read: Stored, hold: Hold) -> None:
    await store.commit(CONVERSATION, "m1", read, EVENTS, (), None, hold=hold)


async def test_who_takes_a_conversation_reads_it_and_keeps_others_out(
    redis_client: Redis, store: Store
) -> None:
    assert await store.take(CONVERSATION, MINE, LIFE_S) == [None, None]
    assert await store.take(CONVERSATION, ANOTHERS, LIFE_S) is None
    assert await redis_client.get(LOCK) == "mine"
    assert LIFE_S - 5 < await redis_client.ttl(LOCK) <= LIFE_S


async def test_a_commit_gives_the_conversation_to_the_next_as_it_was_written(store: Store) -> None:
    assert await store.take(CONVERSATION, MINE, LIFE_S)
    await _commit(store, Stored(), MINE)
    found = await store.take(CONVERSATION, ANOTHERS, LIFE_S)
    assert found
    stored = stored_of(*found)
    assert (stored.version, stored.events) == (1, EVENTS)


async def test_a_commit_that_is_refused_gives_the_conversation_back_too(store: Store) -> None:
    assert await store.take(CONVERSATION, MINE, LIFE_S)
    with pytest.raises(TrackerConflict):
        await _commit(store, Stored(version=7), MINE)
    assert await store.take(CONVERSATION, ANOTHERS, LIFE_S) == [None, None]


async def test_a_commit_leaves_another_holders_lock_alone(redis_client: Redis, store: Store) -> None:
    assert await store.take(CONVERSATION, ANOTHERS, LIFE_S)
    await _commit(store, Stored(), MINE)
    assert await redis_client.get(LOCK) == "another's"
