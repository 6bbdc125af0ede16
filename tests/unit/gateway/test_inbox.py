"""Arrivals that come together share a call of the accept script, and its fate."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway

from contracts.event import MessageSent, Person
from contracts.inbox import Accepted, Arrival
from services.gateway.errors import QueueDown
from services.gateway.inbox import AT_ONCE, MOST, Inbox


class SlowRedis:
    """Knows one script, whose calls are answered when the test says so."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[str], asyncio.Future[None]]] = []

    def register_script(self, text: str) -> Any:
        return self._call

    async def _call(self, keys: Sequence[str], args: Sequence[Any]) -> list[int]:
        conversations = list(args[3::5])
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.calls.append((conversations, over))
        await over
        return [Accepted.QUEUED] * len(conversations)

    def sizes(self) -> list[int]:
        """How many arrivals each call has brought."""
        return [len(conversations) for conversations, _ in self.calls]


@pytest.fixture
def redis() -> SlowRedis:
    return SlowRedis()


@pytest.fixture
def inbox(redis: SlowRedis) -> Inbox:
    return Inbox(redis, 3)  # type: ignore[arg-type]


def arrival(number: int) -> Arrival:
    """One of a conversation of its own."""
    name = f"telegram:default:{number}"
    return Arrival(
        event=MessageSent(event_id=name, conversation_id=name, at=1, user=Person(id="1"), text="hello"),
        claims=(name,),
    )


async def come(inbox: Inbox, numbers: range) -> list[asyncio.Task[Accepted]]:
    """They arrive in one tick; what they cause has begun."""
    tasks = [asyncio.create_task(inbox.accept(arrival(number))) for number in numbers]
    for _ in range(4):
        await asyncio.sleep(0)
    return tasks


async def test_arrivals_of_one_tick_share_a_call(inbox: Inbox, redis: SlowRedis) -> None:
    tasks = await come(inbox, range(5))
    assert redis.sizes() == [5]
    redis.calls[0][1].set_result(None)
    assert await asyncio.gather(*tasks) == [Accepted.QUEUED] * 5


async def test_what_comes_while_calls_are_in_flight_goes_together_with_the_next(
    inbox: Inbox, redis: SlowRedis
) -> None:
    tasks = []
    for number in range(AT_ONCE + 3):
        tasks += await come(inbox, range(number, number + 1))
    assert redis.sizes() == [1] * AT_ONCE
    redis.calls[0][1].set_result(None)
    assert await tasks[0] is Accepted.QUEUED
    await asyncio.sleep(0)
    assert redis.calls[AT_ONCE][0] == [f"telegram:default:{number}" for number in range(AT_ONCE, AT_ONCE + 3)]


async def test_a_call_brings_so_many_and_no_more(inbox: Inbox, redis: SlowRedis) -> None:
    await come(inbox, range(MOST + 1))
    assert redis.sizes() == [MOST, 1]


async def test_who_waits_behind_a_call_that_fails_is_told_at_once_and_who_comes_later_is_tried(
    inbox: Inbox, redis: SlowRedis
) -> None:
    tasks = []
    for number in range(AT_ONCE + 2):
        tasks += await come(inbox, range(number, number + 1))
    redis.calls[0][1].set_exception(RedisAway())
    for task in (tasks[0], *tasks[AT_ONCE:]):
        with pytest.raises(QueueDown):
            await task
    assert not tasks[1].done()
    await come(inbox, range(9, 10))
    assert redis.calls[-1][0] == ["telegram:default:9"]


async def test_a_bug_in_a_call_leaves_nobody_waiting(inbox: Inbox, redis: SlowRedis) -> None:
    tasks = await come(inbox, range(2))
    redis.calls[0][1].set_exception(AttributeError("a bug of the client's"))
    async with asyncio.timeout(5):
        for task in tasks:
            with pytest.raises(AttributeError):
                await task
