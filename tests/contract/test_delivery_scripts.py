"""The scripts behind deliveries: a record that only the lease's holder writes, entries that appear once."""

import json

import pytest
from redis.asyncio import Redis

from contracts.inbox import lease_key, turn_key, web_key
from contracts.web import ENTRY_FIELD, STREAM_MAXLEN, PersonSaid
from services.gateway.web_stream import WebStream
from services.worker.deliver import TurnRecord
from services.worker.errors import LeaseLost
from services.worker.inbox import Inbox, Lease
from tests.acceptance import accept
from tests.builders import arrival, message

CONVERSATION = "web:c1"


@pytest.fixture
async def lease(redis_client: Redis) -> Lease:
    await accept(redis_client, arrival(message(event_id="e1")))
    return await Inbox(redis_client, 15).lease(CONVERSATION, "token")


async def entries(redis: Redis) -> list[str]:
    return [fields[ENTRY_FIELD] for _, fields in await redis.xrange(web_key(CONVERSATION))]


async def test_a_named_entry_appears_once_whoever_publishes_it(redis_client: Redis, lease: Lease) -> None:
    first = await (await TurnRecord.read(redis_client, lease)).publish("a reply", "reply:0")
    second = await (await TurnRecord.read(redis_client, lease)).publish("another reply", "reply:0")
    assert first == second
    assert await entries(redis_client) == ["a reply"]


async def test_a_reply_takes_the_place_of_its_deltas(redis_client: Redis, lease: Lease) -> None:
    record = await TurnRecord.read(redis_client, lease)
    passing = (await record.publish("a"), await record.publish("b"))
    assert await entries(redis_client) == ["a", "b"]
    await record.publish("ab", "reply:0", passing)
    assert await entries(redis_client) == ["ab"]
    assert await redis_client.ttl(web_key(CONVERSATION)) > 0


async def test_what_passes_drives_nothing_that_lasts_out_of_the_stream(
    redis_client: Redis, lease: Lease
) -> None:
    said = [f"line {number}" for number in range(STREAM_MAXLEN)]
    async with redis_client.pipeline() as lines:
        for line in said:
            lines.xadd(web_key(CONVERSATION), {ENTRY_FIELD: line})
        await lines.execute()
    record = await TurnRecord.read(redis_client, lease)
    passing = [await record.publish(delta) for delta in "ab"]
    await WebStream(redis_client).say(CONVERSATION, "e2", PersonSaid(event_id="e2", text="and", at=1))
    assert (await entries(redis_client))[: STREAM_MAXLEN + 2] == [*said, "a", "b"]
    await record.publish("ab", "reply:0", tuple(passing))
    left = await entries(redis_client)
    assert (left[0], left[-3], left[-1]) == ("line 1", f"line {STREAM_MAXLEN - 1}", "ab")


async def test_what_was_sent_is_known_to_the_next_attempt(redis_client: Redis, lease: Lease) -> None:
    record = await TurnRecord.read(redis_client, lease)
    await record.mark_sending(0)
    await record.mark_sending(1)
    await record.mark_sent(0, ("7", "8"))
    later = await TurnRecord.read(redis_client, lease)
    assert later.sent(0) == ("7", "8")
    assert (later.maybe_sent(0), later.maybe_sent(1), later.maybe_sent(2)) == (False, True, False)
    answered = json.loads(await redis_client.get("message:web:c1:8") or "{}")
    assert answered == {"event_id": "e1", "user": "p1"}
    assert await redis_client.ttl("message:web:c1:8") > 0


async def test_only_the_first_apology_is_begun(redis_client: Redis, lease: Lease) -> None:
    assert await (await TurnRecord.read(redis_client, lease)).begin_apology() is True
    assert await (await TurnRecord.read(redis_client, lease)).begin_apology() is False


async def test_who_lost_the_lease_writes_nothing(redis_client: Redis, lease: Lease) -> None:
    record = await TurnRecord.read(redis_client, lease)
    await redis_client.set(lease_key(CONVERSATION), "another")
    for write in (record.mark_sending(0), record.publish("late", "reply:0"), record.mark_error("late")):
        with pytest.raises(LeaseLost):
            await write
    assert await entries(redis_client) == []
    assert "sending:0" not in await redis_client.hgetall(turn_key("e1"))


async def test_a_full_redis_still_takes_the_answers_of_running_turns(
    redis_client: Redis, lease: Lease
) -> None:
    record = await TurnRecord.read(redis_client, lease)
    await redis_client.config_set("maxmemory", "1")
    try:
        await record.mark_sending(0)
        await record.publish("a reply", "reply:0")
    finally:
        await redis_client.config_set("maxmemory", "256mb")
    assert await entries(redis_client) == ["a reply"]
