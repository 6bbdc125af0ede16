"""The web's stream in Redis, when a turn is taken up again."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from contracts.event import PhotoRef
from contracts.inbox import photo_key, web_key
from contracts.reply import Reply
from contracts.web import ENTRY_FIELD, PersonSaid
from foundation.sealing import seal
from services.gateway.web_stream import WebStream
from services.worker.channels.web import LEFT_OVER_PAGE, WebChannel, WebSink
from services.worker.deliver import TurnRecord
from services.worker.errors import PhotoGone
from services.worker.inbox import Inbox, Lease
from tests.acceptance import accept
from tests.builders import arrival, message
from tests.redis_process import RedisProcess
from tests.waiting import auntil

CONVERSATION = "web:c1"
Entry = tuple[str, str]
"""Type and text."""


SECRET, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.fixture
async def channel(redis_process: RedisProcess) -> AsyncIterator[WebChannel]:
    channel = WebChannel(Redis.from_url(redis_process.url), SECRET)
    yield channel
    await channel.aclose()


@pytest.fixture
async def lease(redis_client: Redis) -> Lease:
    """Of an Event whose line a person has said, after an earlier turn."""
    event = message(event_id="e2")
    for entry in ({"type": "delta", "event_id": "e1", "text": "old"}, {"type": "done", "event_id": "e1"}):
        await redis_client.xadd(web_key(CONVERSATION), _fields(entry))
    await WebStream(redis_client).say(CONVERSATION, "e2", PersonSaid(event_id="e2", text="and", at=1))
    await accept(redis_client, arrival(event))
    return await Inbox(redis_client, 15).lease(CONVERSATION, "token")


def _fields(entry: dict[str, Any]) -> dict[str, str]:
    return {ENTRY_FIELD: json.dumps(entry)}


async def entries(redis: Redis) -> list[Entry]:
    found = [json.loads(fields[ENTRY_FIELD]) for _, fields in await redis.xrange(web_key(CONVERSATION))]
    return [(e["type"], e.get("text") or e.get("reply", {}).get("text", "")) for e in found]


async def sink_of(channel: WebChannel, redis: Redis, lease: Lease) -> WebSink:
    assert lease.event
    return channel.sink(lease.event, await TurnRecord.read(redis, lease))


async def test_what_a_killed_attempt_has_left_of_a_growing_text_is_gone_when_the_next_one_begins(
    redis_client: Redis, channel: WebChannel, lease: Lease
) -> None:
    before = [("delta", "old"), ("done", ""), ("said", "and")]
    killed = await sink_of(channel, redis_client, lease)
    await killed.open()
    await killed.append(0, "Once upon")

    async def shown() -> bool:
        return ("delta", "Once upon") in await entries(redis_client)

    await auntil(shown, "the first words")
    killed.leave()
    taken = await sink_of(channel, redis_client, replace(lease, attempt=2))
    await taken.open()
    assert await entries(redis_client) == [*before, ("typing", "")]
    await taken.finish(0, Reply(text="Once upon a time"))
    assert await entries(redis_client) == [*before, ("reply", "Once upon a time")]


async def test_it_is_gone_however_much_it_was(redis_client: Redis, channel: WebChannel, lease: Lease) -> None:
    delta = _fields({"type": "delta", "event_id": "e2", "attempt": 1, "text": "a"})
    async with redis_client.pipeline() as pipe:
        for _ in range(LEFT_OVER_PAGE + 1):
            pipe.xadd(web_key(CONVERSATION), delta)
        await pipe.execute()
    await (await sink_of(channel, redis_client, replace(lease, attempt=2))).open()
    assert [text for _, text in await entries(redis_client)] == ["old", "", "and", ""]


@pytest.mark.parametrize("streams", [True, False])
async def test_it_is_gone_where_no_typing_sign_comes_first(
    redis_client: Redis, channel: WebChannel, lease: Lease, streams: bool
) -> None:
    delta = _fields({"type": "delta", "event_id": "e2", "attempt": 1, "text": "a"})
    await redis_client.xadd(web_key(CONVERSATION), delta)
    taken = await sink_of(channel, redis_client, replace(lease, attempt=2))
    if streams:
        await taken.append(0, "b")
        await taken.append(0, "c")
    await taken.finish(0, Reply(text="bc"))
    assert [text for _, text in await entries(redis_client)] == ["old", "", "and", "bc"]


@pytest.mark.parametrize(("secret", "place"), [(OTHER, CONVERSATION), (SECRET, "web:c2")])
async def test_an_upload_that_cannot_be_opened_is_gone(
    channel: WebChannel, redis_client: Redis, secret: str, place: str
) -> None:
    photo = PhotoRef(source="upload", id="f1")
    await redis_client.set(photo_key("f1"), seal(b"jpeg", SECRET, CONVERSATION))
    assert await channel.fetch(message(), photo) == b"jpeg"
    await redis_client.set(photo_key("f1"), seal(b"jpeg", secret, place))
    with pytest.raises(PhotoGone):
        await channel.fetch(message(), photo)
