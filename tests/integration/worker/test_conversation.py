"""A conversation is run in order and to the end, whatever its turns do."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from contracts.control import Control, DeleteRequested, StopRequested
from contracts.event import MessageSent, Person
from contracts.inbox import (
    DEAD,
    DUE,
    Arrival,
    control_key,
    inbox_key,
    lease_key,
    running_key,
    turn_key,
)
from foundation.pausing import cancel_all
from services.worker.channels.base import Outcome
from services.worker.conversation import Conversations
from services.worker.ending import Ending
from services.worker.errors import (
    ChannelAway,
    ChannelFailed,
    RateLimited,
    RoomAway,
    RoomUnavailable,
    TurnFailed,
)
from services.worker.inbox import Inbox, Lease
from services.worker.obeying import Obey
from services.worker.settings import WorkerSettings
from tests.acceptance import accept
from tests.builders import NOON, arrival, message, stop
from tests.redis_process import RedisProcess
from tests.waiting import auntil

CONVERSATION = "web:c1"


class Log:
    """Turns and apologies as they come; a turn does what `play` says."""

    def __init__(self, play: Callable[[Lease, Ending], object] | None = None) -> None:
        self.play = play
        self.turns: list[tuple[str, int]] = []
        self.apologies: list[str] = []

    async def run(self, lease: Lease, ending: Ending) -> Outcome:
        assert isinstance(lease.event, MessageSent)
        self.turns.append((lease.event.text, lease.attempt))
        if self.play and asyncio.iscoroutine(result := self.play(lease, ending)):
            return await result
        return "finished"

    async def apologize(self, lease: Lease, code: str) -> None:
        self.apologies.append(code)


async def nothing_to_obey(control: Control) -> None:
    assert isinstance(control, StopRequested)


@pytest.fixture
def settings() -> WorkerSettings:
    return WorkerSettings(
        worker_lease_s=0.6, worker_retry_s=(0.01,), worker_control_poll_s=0.02, worker_attempts=3
    )


def conversations(
    redis: Redis, log: Log, settings: WorkerSettings, obey: Obey = nothing_to_obey
) -> Conversations:
    inbox = Inbox(redis, settings.worker_lease_s, settings.worker_control_poll_s)
    return Conversations(inbox, log.run, log.apologize, obey, settings)


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
    def fail(lease: Lease, _: Ending) -> None:
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


async def test_an_answer_that_the_platform_will_not_take_yet_is_not_given_up_before_its_time(
    redis_client: Redis, settings: WorkerSettings
) -> None:
    def fail(*_: object) -> None:
        raise RateLimited(130)

    log, event = Log(fail), message()
    await accept(redis_client, arrival(event))
    runner = conversations(redis_client, log, settings)
    for _ in range(settings.worker_attempts + 2):
        await runner.run(CONVERSATION)
        assert not await redis_client.exists(lease_key(CONVERSATION))
    assert (len(log.turns), log.apologies) == (settings.worker_attempts + 2, [])
    await redis_client.hset(turn_key(event.event_id), "age", 16 * 60_000)
    await runner.run(CONVERSATION)
    assert log.apologies == ["attempts_exhausted"]


@pytest.mark.parametrize("away", [RoomAway("nlp is away"), ChannelAway("Telegram is away")])
async def test_an_event_waits_without_blame_for_who_cannot_be_reached(
    redis_client: Redis, settings: WorkerSettings, away: TurnFailed
) -> None:
    tries = settings.worker_attempts + 3

    def fail(lease: Lease, _: Ending) -> None:
        if lease.attempt <= tries:
            raise away

    log = Log(fail)
    await accept(redis_client, arrival(message()))
    runner = conversations(redis_client, log, settings)
    waits: list[float] = []
    for _ in range(tries):
        await runner.run(CONVERSATION)
        seconds, microseconds = await redis_client.time()
        due_ms = await redis_client.zscore(DUE, CONVERSATION) or 0
        waits.append(due_ms / 1000 - seconds - microseconds / 1e6)
    assert waits == pytest.approx([1, 2, 4, 8, 10, 10], abs=0.5)
    await runner.run(CONVERSATION)
    assert (log.turns[-1], log.apologies) == (("hello", tries + 1), [])
    assert not await redis_client.exists(inbox_key(CONVERSATION), DEAD)


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
    await redis_client.hset(turn_key(event.event_id), "age", 16 * 60_000)
    await runner.run(CONVERSATION)
    assert (len(log.turns), log.apologies) == (1, ["attempts_exhausted"])


@pytest.mark.alone  # a machine that stands still for two thirds of the lease loses it rightly
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
    async def until_stopped(lease: Lease, ending: Ending) -> Outcome:
        if lease.event and lease.event.at == NOON:
            await ending.wait()
            return "stopped"
        return "stopped" if ending.is_asked else "finished"

    first, second = message("long"), message("next", at=NOON + 100)
    await accept(redis_client, arrival(first), arrival(second))
    running = asyncio.create_task(conversations(redis_client, Log(until_stopped), settings).run(CONVERSATION))
    await auntil(lambda: redis_client.exists(lease_key(CONVERSATION)), "the lease is taken")
    await accept(redis_client, arrival(stop(at=NOON + 1)))
    await running
    outcomes = [await redis_client.hget(turn_key(e.event_id), "state") for e in (first, second)]
    assert outcomes == ["stopped", "finished"]


async def test_a_stop_of_one_answer_stops_no_other(redis_client: Redis, settings: WorkerSettings) -> None:
    first, second = message("first"), message("second")

    async def play(lease: Lease, ending: Ending) -> Outcome:
        if lease.event == first:
            await accept(redis_client, arrival(stop(at=NOON + 5, target=second.event_id)))
            await auntil(lambda: settled(redis_client), "the stop is dealt with")
        else:
            await accept(redis_client, arrival(stop(at=NOON - 5, target=second.event_id)))
            await ending.wait()
        return "stopped" if ending.is_asked else "finished"

    await accept(redis_client, arrival(first), arrival(second))
    await conversations(redis_client, Log(play), settings).run(CONVERSATION)
    states = [await redis_client.hget(turn_key(event.event_id), "state") for event in (first, second)]
    assert states == ["finished", "stopped"]


async def settled(redis: Redis) -> bool:
    return not await redis.exists(control_key(CONVERSATION))


@pytest.mark.parametrize(("admins", "outcome"), [("", "finished"), ("web@p2", "stopped")])
async def test_nobody_stops_the_answer_to_another_but_an_admin(
    redis_client: Redis, settings: WorkerSettings, admins: str, outcome: str
) -> None:
    event, chosen = message(), settings.model_copy(update={"admins": admins})

    async def play(lease: Lease, ending: Ending) -> Outcome:
        await auntil(lambda: settled(redis_client), "the stop is dealt with")
        return "stopped" if ending.is_asked else "finished"

    theirs = stop().model_copy(update={"user": Person(id="p2")})
    await accept(redis_client, arrival(event), arrival(theirs))
    await conversations(redis_client, Log(play), chosen).run(CONVERSATION)
    assert await redis_client.hget(turn_key(event.event_id), "state") == outcome


async def test_a_worker_that_shuts_down_hands_its_conversation_over(
    redis_client: Redis, settings: WorkerSettings
) -> None:
    async def endless(*_: object) -> Outcome:
        await asyncio.Event().wait()
        return "finished"

    await accept(redis_client, arrival(message()))
    running = asyncio.create_task(conversations(redis_client, Log(endless), settings).run(CONVERSATION))
    await auntil(lambda: redis_client.exists(lease_key(CONVERSATION)), "the lease is taken")
    await cancel_all([running])
    log = Log()
    await conversations(redis_client, log, settings).run(CONVERSATION)
    assert log.turns == [("hello", 2)]


async def test_who_deletes_the_answer_that_is_being_written_ends_its_turn(
    redis_client: Redis, settings: WorkerSettings
) -> None:
    event, reasons = message("long"), []

    async def play(lease: Lease, ending: Ending) -> Outcome:
        await ending.wait()
        reasons.append(ending.reason)
        return "stopped"

    async def obey(control: Control) -> str | None:
        assert isinstance(control, DeleteRequested)
        return event.event_id if control.message_id == "mine" else None

    await accept(redis_client, arrival(event))
    runner = conversations(redis_client, Log(play), settings, obey)
    running = asyncio.create_task(runner.run(CONVERSATION))
    await auntil(lambda: redis_client.exists(lease_key(CONVERSATION)), "the lease is taken")
    for number, message_id in enumerate(("another", "mine")):
        facts = {"event_id": f"d{number}", "conversation_id": CONVERSATION, "at": NOON, "user": event.user}
        wanted = DeleteRequested(**facts, message_id=message_id)
        await accept(redis_client, Arrival(event=wanted, claims=(wanted.event_id,)))
    await asyncio.wait_for(running, 5)
    assert reasons == ["deleted"]


@pytest.mark.parametrize(("newer", "outcome"), [("wait", "finished"), ("supersede", "stopped")])
async def test_a_newer_message_waits_or_ends_the_turn_by_setting(
    redis_client: Redis, settings: WorkerSettings, newer: Literal["wait", "supersede"], outcome: str
) -> None:
    first, second = message("first"), message("second")

    async def play(lease: Lease, ending: Ending) -> Outcome:
        if lease.event == second:
            return "finished"
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), 0.2 if newer == "wait" else 5)
        assert ending.reason in (None, "superseded")
        return "stopped" if ending.is_asked else "finished"

    log, chosen = Log(play), settings.model_copy(update={"worker_newer_message": newer})
    await accept(redis_client, arrival(first), arrival(second))
    await conversations(redis_client, log, chosen).run(CONVERSATION)
    assert log.turns == [("first", 1), ("second", 1)]
    states = [await redis_client.hget(turn_key(event.event_id), "state") for event in (first, second)]
    assert states == [outcome, "finished"]


async def test_nobody_elses_message_ends_a_turn(redis_client: Redis, settings: WorkerSettings) -> None:
    inbox, mine = Inbox(redis_client, 1, look_every_s=0.02), message("mine")
    theirs = message("theirs").model_copy(update={"user": Person(id="p2")})
    await accept(redis_client, arrival(mine), arrival(theirs))
    waiting = asyncio.create_task(inbox.newer(mine))
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    await accept(redis_client, arrival(message("mine again")))
    assert await asyncio.wait_for(waiting, 5)


MOON = {"v": 3, "kind": "moon_landed", "event_id": "m1", "crew": ["Neil", "Buzz"]}
"""A control Event of a version to come."""


@pytest.mark.parametrize(("age_s", "kept"), [(0, True), (16 * 60, False)])
async def test_a_control_event_of_a_newer_version_waits_for_a_newer_worker(
    redis_client: Redis, settings: WorkerSettings, age_s: int, kept: bool
) -> None:
    obeyed: list[str] = []

    async def obey(control: Control) -> None:
        obeyed.append(control.kind)

    newer = MOON | {"at": int((time.time() - age_s) * 1000)}
    await redis_client.rpush(control_key(CONVERSATION), json.dumps(newer), "nothing that anybody can read")
    await accept(redis_client, arrival(message()), arrival(stop()))
    log = Log()
    await conversations(redis_client, log, settings, obey).run(CONVERSATION)
    assert (obeyed, log.turns) == (["stop_requested"], [("hello", 1)])
    left = await redis_client.lrange(control_key(CONVERSATION), 0, -1)
    assert [json.loads(text) for text in left] == ([newer] if kept else [])
    assert bool(await redis_client.zscore(DUE, CONVERSATION)) == kept


def deletion(at_ms: int) -> Arrival:
    wanted = DeleteRequested(
        event_id="d1", conversation_id=CONVERSATION, at=at_ms, user=Person(id="p1"), message_id="1"
    )
    return Arrival(event=wanted, claims=(wanted.event_id,))


async def run_through(runner: Conversations, redis: Redis) -> None:
    """Run the conversation, as sweeps would, until nothing is left of it."""

    async def is_over() -> bool:
        await runner.run(CONVERSATION)
        return not await redis.exists(control_key(CONVERSATION), inbox_key(CONVERSATION))

    await auntil(is_over, "nothing is left")


@pytest.mark.parametrize("troubles", [0, 3])
async def test_what_cannot_be_obeyed_now_waits_while_a_stop_is_heard_and_is_obeyed_later(
    redis_client: Redis, settings: WorkerSettings, troubles: int
) -> None:
    tried: list[str] = []

    async def obey(control: Control) -> None:
        tried.append(control.kind)
        if control.kind == "delete_requested" and tried.count("delete_requested") <= troubles:
            raise ChannelFailed("later")

    async def play(lease: Lease, ending: Ending) -> Outcome:
        await ending.wait()
        return "stopped"

    log = Log(play)
    await accept(redis_client, arrival(message()), deletion(int(time.time() * 1000)), arrival(stop()))
    await run_through(conversations(redis_client, log, settings, obey), redis_client)
    assert log.turns == [("hello", 1)]
    assert tried.count("delete_requested") == troubles + 1
    assert tried.count("stop_requested") == 1
    assert await redis_client.zscore(DUE, CONVERSATION) is None


async def test_what_cannot_be_obeyed_for_too_long_is_dropped(
    redis_client: Redis, settings: WorkerSettings, caplog: pytest.LogCaptureFixture
) -> None:
    async def obey(control: Control) -> None:
        raise ChannelFailed("never")

    await accept(redis_client, deletion(at_ms=1))
    assert not await conversations(redis_client, Log(), settings, obey).run(CONVERSATION)
    assert not await redis_client.exists(control_key(CONVERSATION))
    assert "worker.control.dropped" in caplog.messages


async def test_where_a_persons_turn_runs_is_known_while_it_runs(
    redis_client: Redis, settings: WorkerSettings
) -> None:
    place = running_key("slack", "T1", "C1", "p1")
    noted: list[tuple[str, float]] = []

    async def look(*_: object) -> Outcome:
        noted.extend(await redis_client.zrange(place, 0, -1, withscores=True))
        assert 0 < await redis_client.ttl(place) <= settings.worker_turn_s + 1
        return "finished"

    began = time.time() * 1000
    thread = "slack:T1:C1:1790000000.000100"
    await accept(redis_client, arrival(message(conversation_id=thread)))
    await conversations(redis_client, Log(look), settings).run(thread)
    [(conversation, started)] = noted
    assert conversation == thread
    assert began - 1 <= started <= time.time() * 1000
    assert not await redis_client.exists(place)
