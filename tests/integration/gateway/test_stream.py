"""The one reader behind all pages that listen."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from contracts.inbox import web_key
from contracts.web import ENTRY_FIELD, PersonSaid
from services.gateway.web_stream import Entry, WebStream

CONVERSATION = "web:c1"


@pytest.fixture
async def stream(redis_client: Redis) -> AsyncIterator[WebStream]:
    """A stream whose reader runs."""
    stream, done = WebStream(redis_client), asyncio.Event()
    reader = asyncio.create_task(stream.read_until(done))
    yield stream
    done.set()
    await reader


async def write(redis: Redis, *texts: str) -> list[str]:
    """Append entries; gives their ids."""
    return [await redis.xadd(web_key(CONVERSATION), {ENTRY_FIELD: text}) for text in texts]


async def hear(entries: AsyncIterator[Entry], count: int) -> list[str]:
    async with asyncio.timeout(10):
        return [(await anext(entries))[1] for _ in range(count)]


async def test_what_only_a_newer_version_understands_is_left_out_of_the_history(redis_client: Redis) -> None:
    said = PersonSaid(event_id="e1", text="hello", at=1)
    first, last = await write(
        redis_client, said.model_dump_json(), '{"v": 3, "type": "sung", "event_id": "e1"}'
    )
    stream = WebStream(redis_client)
    assert await stream.history(CONVERSATION) == ([(first, said)], last)
    assert await stream.reply(CONVERSATION, last) is None


async def test_who_comes_back_during_a_read_misses_nothing(redis_client: Redis, stream: WebStream) -> None:
    first, *_ = await write(redis_client, "1", "2")
    before = stream.follow(CONVERSATION, "0-0")
    assert await hear(before, 2) == ["1", "2"]
    await before.aclose()  # type: ignore[attr-defined]
    after = stream.follow(CONVERSATION, first)  # the reader now waits for what follows "2"
    heard = asyncio.create_task(hear(after, 2))
    await write(redis_client, "3")
    assert await heard == ["2", "3"]


async def test_a_slow_listener_does_not_hold_up_another(redis_client: Redis, stream: WebStream) -> None:
    slow, quick = stream.follow(CONVERSATION, "0-0"), stream.follow(CONVERSATION, "0-0")
    await write(redis_client, "1")
    assert await hear(slow, 1) == ["1"]
    await write(redis_client, *map(str, range(2, 50)))
    assert await hear(quick, 49) == [str(number) for number in range(1, 50)]
    assert await hear(slow, 48) == [str(number) for number in range(2, 50)]
