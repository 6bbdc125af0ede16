"""A conversation is run in order and to the end, whatever its turns do."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from contracts.event import MessageSent
from contracts.inbox import DEAD, DUE, inbox_key, lease_key, turn_key
from services.worker.channels.base import Outcome
from services.worker.conversation import Conversations
from services.worker.errors import RoomUnavailable, TurnFailed
from services.worker.inbox import Inbox, Lease
from services.worker.settings import WorkerSettings
from tests.acceptance import accept
from tests.builders import NOON, arrival, message, stop
from tests.redis_process import RedisProcess
from tests.waiting import auntil

CONVERSATION = "web:c1"


class Log:
    """Turns and apologies as they come; a turn does what `play` says."""

    def __init__(self, play: Callable[[Lease, asyncio.Event], object] | None = None) -> None:
        self.play = play
        self.turns: list[tuple[str, int]] = []
        self.apologies: list[str] = []

    async def run(self, lease: Lease, stop: asyncio.Event) -> Outcome:
        assert isinstance(lease.event, MessageSent)
        self.turns.append((lease.event.text, lease.attempt))
        if self.play and asyncio.iscoroutine(result := self.play(lease, stop)):
            return await result
        return "finished"

    async def apologize(self, lease: Lease, code: str) -> None:
        self.apologies.append(code)


async def delete(_: object) -> None:
    raise AssertionError("nothing is to be deleted")


async def rate(_: object) -> None:
    raise AssertionError("nothing is rated")


@pytest.fixture
def settings() -> WorkerSettings:
    return WorkerSettings(
        worker_lease_s=0.6, worker_retry_s=(0.01,), worker_control_poll_s=0.02, worker_attempts=3
    )


def conversations(redis: Redis, log: Log, settings: WorkerSettings) -> Conversations:
    return Conversations(
        Inbox(redis, settings.worker_lease_s), log.run, log.apologize, delete, rate, settings
    )


async def test_events_are_run_in_the_order_they_came(redis_client: Redis, settings: WorkerSettings) -> None:
    log = Log()
    await accept(redis_client, *(arrival(message(str(n))) for n in range(5)))
    assert await conversations(redis_client, log, settings).run(CONVERSATION) is False
    assert log.turns == [(str(n), 1) for n in range(5)]
    assert not await redis_client.exists(inbox_key(CONVERSATION), lease_key(CONVERSATION), DUE)


async def test_a_long_inbox_goes_back_into_the_queue(redis_client: Redis, settings: WorkerSettings) -> None:
    log = Log()
    await accept(redis_client, *(arrival(message(str(n))) for n in range(25)))
    assert await conversations(redis_client, log, settings).run(CONVERSATION) is True
    assert len(log.turns) == 20
    assert await conversations(redis_client, log, settings).run(CONVERSATION) is False
    assert [text for text, _ in log.turns] == [str(n) for n in range(25)]


async def test_a_failed_turn_is_tried_again_and_then_buried_with_one_apology(
    redis_client: Redis, settings: WorkerSettings
) -> None:
    def fail(lease: Lease, _: asyncio.Event) -> None:
        if lease.event and lease.event.event_id == "bad":
            raise RoomUnavailable("nlp is away")

    log = Log(fail)
    runner = conversations(redis_client, log, settings)
    await accept(redis_client, arrival(message("bad", event_id="bad")), arrival(message("good")))
    for _ in range(3):
        await runner.run(CONVERSATION)
    assert log.turns == [("bad", 1), ("bad", 2), ("bad", 3), ("good", 1)]
    assert log.apologies == ["room_unavailable"]
    assert await redis_client.xlen(DEAD) == 1


async def test_an_error_that_cannot_get_better_is_not_tried_again(
    redis_client: Redis, settings: WorkerSettings
) -> None:
    def fail(*_: object) -> None:
        raise TurnFailed("no such bot", code="bot_unknown")

    log = Log(fail)
    await accept(redis_client, arrival(message()))
    await conversations(redis_client, log, settings).run(CONVERSATION)
    assert (len(log.turns), log.apologies) == (1, ["bot_unknown"])


async def test_an_event_that_kills_workers_is_given_up(redis_client: Redis, settings: WorkerSettings) -> None:
    log = Log()
    runner = conversations(redis_client, log, settings)
    await accept(redis_client, arrival(message()))
    for dead_worker in ("a", "b", "c"):
        await runner.inbox.lease(CONVERSATION, dead_worker)
        await redis_client.delete(lease_key(CONVERSATION))
    await runner.run(CONVERSATION)
    assert (log.turns, log.apologies) == ([], ["attempts_exhausted"])


async def test_an_old_event_gets_its_first_attempt_but_no_late_second(
    redis_client: Redis, settings: WorkerSettings
) -> None:
    def fail(*_: object) -> None:
        raise RoomUnavailable("nlp is away")

    log = Log(fail)
    event = message(at=NOON - 10**9)
    await accept(redis_client, arrival(event))
    runner = conversations(redis_client, log, settings)
    await runner.run(CONVERSATION)
    await redis_client.hset(turn_key(event.event_id), "first_at", 1)
    await runner.run(CONVERSATION)
    assert (len(log.turns), log.apologies) == (1, ["attempts_exhausted"])


async def test_a_lease_is_kept_while_a_long_turn_runs(redis_client: Redis, settings: WorkerSettings) -> None:
    async def slow(*_: object) -> Outcome:
        await asyncio.sleep(settings.worker_lease_s * 3)
        return "finished"

    log = Log(slow)
    await accept(redis_client, arrival(message()))
    running = asyncio.create_task(conversations(redis_client, log, settings).run(CONVERSATION))
    await auntil(lambda: redis_client.exists(lease_key(CONVERSATION)), "the lease is taken")
    other = Log()
    for _ in range(10):
        await conversations(redis_client, other, settings).run(CONVERSATION)
        await asyncio.sleep(settings.worker_lease_s / 5)
    await running
    assert other.turns == []
    assert len(log.turns) == 1


async def test_a_turn_whose_lease_is_lost_ends_at_once(redis_client: Redis, settings: WorkerSettings) -> None:
    ended = asyncio.Event()

    async def endless(*_: object) -> Outcome:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "finished"

    log = Log(endless)
    await accept(redis_client, arrival(message()))
    running = asyncio.create_task(conversations(redis_client, log, settings).run(CONVERSATION))
    await auntil(lambda: redis_client.exists(lease_key(CONVERSATION)), "the lease is taken")
    await redis_client.set(lease_key(CONVERSATION), "another")
    assert await running is False
    assert ended.is_set()
    assert await redis_client.llen(inbox_key(CONVERSATION)) == 1


async def test_a_conversation_is_given_back_as_soon_as_redis_answers_again(
    tmp_path: Path, settings: WorkerSettings
) -> None:
    server = RedisProcess(tmp_path)
    server.start()
    redis = Redis.from_url(server.url, decode_responses=True, retry=Retry(NoBackoff(), 0))
    patient = settings.model_copy(update={"worker_lease_s": 60})

    async def lose_redis(*_: object) -> Outcome:
        server.kill()
        raise RedisConnectionError("killed under the turn")

    await accept(redis, arrival(message()))
    running = asyncio.create_task(conversations(redis, Log(lose_redis), patient).run(CONVERSATION))
    await auntil(lambda: asyncio.to_thread(server.is_dead), "the turn has killed Redis")
    server.start()
    assert await running is True  # work is left, and its lease is free long before its 60 s
    log = Log()
    await conversations(redis, log, patient).run(CONVERSATION)
    assert log.turns == [("hello", 2)]
    await redis.aclose()
    server.stop()


async def test_stop_reaches_the_running_turn_and_no_later_one(
    redis_client: Redis, settings: WorkerSettings
) -> None:
    async def until_stopped(lease: Lease, stop: asyncio.Event) -> Outcome:
        if lease.event and lease.event.at == NOON:
            await stop.wait()
            return "stopped"
        return "stopped" if stop.is_set() else "finished"

    first, second = message("long"), message("next", at=NOON + 100)
    await accept(redis_client, arrival(first), arrival(second))
    running = asyncio.create_task(conversations(redis_client, Log(until_stopped), settings).run(CONVERSATION))
    await auntil(lambda: redis_client.exists(lease_key(CONVERSATION)), "the lease is taken")
    await accept(redis_client, arrival(stop(at=NOON + 1)))
    await running
    outcomes = [await redis_client.hget(turn_key(e.event_id), "state") for e in (first, second)]
    assert outcomes == ["stopped", "finished"]


async def test_a_worker_that_shuts_down_hands_its_conversation_over(
    redis_client: Redis, settings: WorkerSettings
) -> None:
    async def endless(*_: object) -> Outcome:
        await asyncio.Event().wait()
        return "finished"

    await accept(redis_client, arrival(message()))
    running = asyncio.create_task(conversations(redis_client, Log(endless), settings).run(CONVERSATION))
    await auntil(lambda: redis_client.exists(lease_key(CONVERSATION)), "the lease is taken")
    running.cancel()
    await asyncio.wait({running})
    log = Log()
    await conversations(redis_client, log, settings).run(CONVERSATION)
    assert log.turns == [("hello", 2)]
