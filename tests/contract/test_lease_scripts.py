"""The scripts that hand out, keep and give back a conversation."""

import json

import pytest
from redis.asyncio import Redis

from contracts.inbox import (
    DUE,
    STOPPED,
    SWEEP_LOCK,
    TURN_TTL_S,
    Accepted,
    inbox_key,
    lease_key,
    running_key,
    turn_key,
)
from services.worker.errors import LeaseLost
from services.worker.inbox import LONGEST_GAP_MS, Inbox
from tests.acceptance import accept
from tests.builders import arrival, message, stop

CONVERSATION = "web:c1"
LEASE_S = 15


@pytest.fixture
def inbox(redis_client: Redis) -> Inbox:
    return Inbox(redis_client, LEASE_S)


async def due_in_s(redis: Redis) -> float:
    seconds, micros = await redis.time()
    score = await redis.zscore(DUE, CONVERSATION)
    assert score is not None
    return score / 1000 - seconds - micros / 1e6


async def test_only_one_worker_gets_a_conversation(redis_client: Redis, inbox: Inbox) -> None:
    await accept(redis_client, arrival(message()))
    assert (await inbox.lease(CONVERSATION, "a")).state == "event"
    assert (await inbox.lease(CONVERSATION, "b")).state == "busy"


async def test_a_lease_begins_an_attempt_and_moves_the_due_time(redis_client: Redis, inbox: Inbox) -> None:
    event = message("hello")
    await accept(redis_client, arrival(event))
    first = await inbox.lease(CONVERSATION, "a")
    again = await inbox.lease(CONVERSATION, "a")
    assert (first.event, first.attempt, again.attempt) == (event, 1, 2)
    assert again.first_at == first.first_at
    assert LEASE_S - 1 < await due_in_s(redis_client) <= LEASE_S
    assert 0 < await redis_client.ttl(turn_key(event.event_id)) <= TURN_TTL_S


async def test_an_event_grows_old_by_what_passes_between_attempts(redis_client: Redis, inbox: Inbox) -> None:
    event = message()
    await accept(redis_client, arrival(event))
    assert (await inbox.lease(CONVERSATION, "a")).age_ms == 0
    for past_s, age_s in ((60, 60), (30, 90)):
        await redis_client.hincrby(turn_key(event.event_id), "last_at", -past_s * 1000)
        assert age_s <= (await inbox.lease(CONVERSATION, "a")).age_ms / 1000 < age_s + 5


async def test_a_clock_that_jumps_makes_no_event_old(redis_client: Redis, inbox: Inbox) -> None:
    event = message()
    await accept(redis_client, arrival(event))
    await inbox.lease(CONVERSATION, "a")
    for jump_s in (3600, -3600):
        await redis_client.hincrby(turn_key(event.event_id), "last_at", -jump_s * 1000)
        assert (await inbox.lease(CONVERSATION, "a")).age_ms <= LONGEST_GAP_MS


async def test_a_lease_of_a_clock_that_went_back_since_ends_in_its_time(
    redis_client: Redis, inbox: Inbox
) -> None:
    await accept(redis_client, arrival(message()))
    await inbox.lease(CONVERSATION, "dead worker")
    await redis_client.pexpire(lease_key(CONVERSATION), 3600_000)
    assert (await inbox.lease(CONVERSATION, "b")).state == "busy"
    assert await redis_client.pttl(lease_key(CONVERSATION)) <= LEASE_S * 1000


async def test_a_lock_of_a_clock_that_went_back_since_hinders_no_sweep(
    redis_client: Redis, inbox: Inbox
) -> None:
    await redis_client.zadd(DUE, {CONVERSATION: 1})
    seconds, _ = await redis_client.time()
    await redis_client.set(SWEEP_LOCK, (seconds + 3600) * 1000, ex=3600)
    assert await inbox.sweep(2, 32) == (CONVERSATION,)
    await redis_client.zadd(DUE, {CONVERSATION: 1})
    assert await inbox.sweep(2, 32) == ()


async def test_an_empty_conversation_is_idle_and_no_longer_due(redis_client: Redis, inbox: Inbox) -> None:
    await redis_client.zadd(DUE, {CONVERSATION: 1})
    assert (await inbox.lease(CONVERSATION, "a")).state == "idle"
    assert await redis_client.zscore(DUE, CONVERSATION) is None
    assert not await redis_client.exists(lease_key(CONVERSATION))


async def test_an_event_of_a_newer_version_is_put_off_and_kept(redis_client: Redis, inbox: Inbox) -> None:
    newer = message().model_dump_json().replace('"v":1', '"v":99')
    await redis_client.rpush(inbox_key(CONVERSATION), newer)
    assert (await inbox.lease(CONVERSATION, "a")).state == "newer"
    assert await redis_client.llen(inbox_key(CONVERSATION)) == 1
    assert 29 < await due_in_s(redis_client) <= 30
    assert not await redis_client.exists(lease_key(CONVERSATION))


async def test_acknowledging_removes_the_event_and_leaves_a_stub(redis_client: Redis, inbox: Inbox) -> None:
    event = message()
    await accept(redis_client, arrival(event))
    lease = await inbox.lease(CONVERSATION, "a")
    await redis_client.hset(turn_key(event.event_id), "sent:0", '["7"]')
    await inbox.acknowledge(lease, "finished")
    record = await redis_client.hgetall(turn_key(event.event_id))
    assert json.loads(record.pop("times"))["accepted"] == event.at
    assert record == {"v": "1", "attempts": "1", "first_at": str(lease.first_at), "state": "finished"}
    assert await redis_client.zscore(DUE, CONVERSATION) is None
    assert await inbox.release(lease) is False


async def test_nobody_acknowledges_without_the_lease(redis_client: Redis, inbox: Inbox) -> None:
    await accept(redis_client, arrival(message()))
    lease = await inbox.lease(CONVERSATION, "a")
    await redis_client.set(lease_key(CONVERSATION), "b")
    with pytest.raises(LeaseLost):
        await inbox.acknowledge(lease, "finished")
    with pytest.raises(LeaseLost):
        await inbox.bury(lease, "error")
    with pytest.raises(LeaseLost):
        await inbox.renew(lease)
    assert await inbox.release(lease) is False
    assert await redis_client.llen(inbox_key(CONVERSATION)) == 1


async def test_a_released_conversation_is_due_after_the_delay(redis_client: Redis, inbox: Inbox) -> None:
    await accept(redis_client, arrival(message()))
    lease = await inbox.lease(CONVERSATION, "a")
    assert await inbox.release(lease, 5) is True
    assert 4 < await due_in_s(redis_client) <= 5
    assert (await inbox.lease(CONVERSATION, "b")).state == "event"


async def test_an_attempt_before_a_closed_door_does_not_count(redis_client: Redis, inbox: Inbox) -> None:
    await accept(redis_client, arrival(message()))
    for number in range(3):
        lease = await inbox.lease(CONVERSATION, "a")
        assert (lease.attempt, lease.deferred) == (number + 1, number)
        await inbox.defer(lease, 4000)
        assert 45 < await due_in_s(redis_client) < 60  # the sweep takes more for a clock that has jumped


async def test_a_message_that_comes_during_the_last_ack_is_not_forgotten(
    redis_client: Redis, inbox: Inbox
) -> None:
    await accept(redis_client, arrival(message()))
    lease = await inbox.lease(CONVERSATION, "a")
    before, behind = arrival(message()), arrival(message())
    await accept(redis_client, before)
    assert await inbox.acknowledge(lease, "finished") is True
    last = await inbox.lease(CONVERSATION, "a")
    assert await inbox.acknowledge(last, "finished") is False
    assert await accept(redis_client, behind) == [Accepted.IDLE]  # whoever wakes for it finds no lease
    assert (await inbox.lease(CONVERSATION, "b")).event == behind.event


async def test_a_dead_letter_keeps_event_and_error(redis_client: Redis, inbox: Inbox) -> None:
    event = message()
    await accept(redis_client, arrival(event))
    await inbox.bury(await inbox.lease(CONVERSATION, "a"), "model_timeout")
    [(_, letter)] = await redis_client.xrange("dead")
    assert letter == {"event": event.model_dump_json(), "error": "model_timeout"}
    assert (await redis_client.hget(turn_key(event.event_id), "state")) == "dead"
    assert await redis_client.llen(inbox_key(CONVERSATION)) == 0


async def test_nothing_runs_any_more_where_the_event_is_buried(redis_client: Redis, inbox: Inbox) -> None:
    event = message()
    await accept(redis_client, arrival(event))
    running = running_key("web", "", "c1", event.user.id)
    lease = await inbox.lease(CONVERSATION, "a")  # of a worker that dies; the attempts are used up then
    assert await redis_client.zcard(running) == 1
    await inbox.bury(lease, "attempts_exhausted")
    assert await redis_client.zcard(running) == 0


async def test_control_events_are_seen_until_they_are_settled(redis_client: Redis, inbox: Inbox) -> None:
    request = stop()
    await accept(redis_client, arrival(request))
    lease = await inbox.lease(CONVERSATION, "a")
    assert lease.state == "control"
    assert await inbox.controls(CONVERSATION) == (request,)
    await inbox.settle(lease, 1)
    assert await inbox.controls(CONVERSATION) == ()
    assert await redis_client.zscore(DUE, CONVERSATION) is None


async def test_a_sweep_claims_what_is_due_once(redis_client: Redis, inbox: Inbox) -> None:
    await redis_client.zadd(DUE, {"web:past": 1, "web:jumped": 9e12, "web:later": 9e12})
    seconds, _ = await redis_client.time()
    await redis_client.zadd(DUE, {"web:later": (seconds + 20) * 1000})
    assert set(await inbox.sweep(2, 100)) == {"web:past", "web:jumped"}
    assert await inbox.sweep(2, 100) == ()
    assert 0 < await redis_client.pttl("sweep") <= 1500


async def test_no_sweep_while_the_celery_list_is_long(redis_client: Redis, inbox: Inbox) -> None:
    await redis_client.zadd(DUE, {"web:past": 1})
    await redis_client.rpush("turns", *("wake" for _ in range(9)))
    assert await inbox.sweep(2, 8) == ()
    assert await inbox.sweep(2, 9) == ("web:past",)


async def test_a_full_redis_takes_nothing_in_and_still_drains(redis_client: Redis, inbox: Inbox) -> None:
    await accept(redis_client, arrival(message()))
    await redis_client.config_set("maxmemory", "1")
    try:
        with pytest.raises(Exception, match=r"OOM|maxmemory"):
            await accept(redis_client, arrival(message()))
        assert await inbox.sweep(2, 100) == ()
        lease = await inbox.lease(CONVERSATION, "a")
        await inbox.renew(lease)
        await inbox.note_stop(lease)
        await inbox.acknowledge(lease, "finished")
    finally:
        await redis_client.config_set("maxmemory", "256mb")
    assert await redis_client.llen(inbox_key(CONVERSATION)) == 0


async def test_who_has_lost_the_lease_notes_no_stop(redis_client: Redis, inbox: Inbox) -> None:
    event = message()
    await accept(redis_client, arrival(event))
    lost = await inbox.lease(CONVERSATION, "a")
    await redis_client.set(lease_key(CONVERSATION), "b")
    with pytest.raises(LeaseLost):
        await inbox.note_stop(lost)
    assert not await redis_client.hexists(turn_key(event.event_id), STOPPED)
