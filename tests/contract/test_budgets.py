"""Budgets of the language model: never more admitted than allowed, each day and month anew."""

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from contracts.usage import Asker
from services.nlp.usage.budget import Budget, Call, Limit, Terms
from services.nlp.usage.refusals import Refusal

ANN = Asker(workspace="slack:T1", user="U1")
BOB = Asker(workspace="slack:T1", user="U2")


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self, *day: int) -> None:
        self.set(*(day or (2026, 11, 21, 12)))

    def set(self, *day: int) -> None:
        year, month, of_month, *hour = day
        self.now = datetime(year, month, of_month, *hour, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now


def budget(redis: Redis, *limits: Limit, clock: Clock | None = None) -> Budget:
    terms = Terms(limits=limits, answer_tokens=100, hold_s=60, report_days=90, prices={})
    return Budget(redis, terms, clock or Clock())


async def opened(budget: Budget, call_id: str, asker: Asker = ANN) -> Call | Refusal:
    return await budget.open(asker, "m", call_id, 0)


async def used(budget: Budget, call_id: str, tokens: int = 10, asker: Asker = ANN) -> bool:
    """Whether the call was admitted."""
    call = await opened(budget, call_id, asker)
    if isinstance(call, Refusal):
        return False
    async with call:
        call.tell(0, tokens)
    return True


async def test_of_many_requests_at_once_as_many_are_admitted_as_allowed(redis_client: Redis) -> None:
    limit = Limit("user", "day", requests=7)
    budgets = [budget(redis_client, limit) for _ in range(4)]
    calls = await asyncio.gather(*(opened(budgets[i % 4], str(i)) for i in range(100)))
    assert sum(isinstance(call, Call) for call in calls) == 7


async def test_of_many_requests_that_end_as_others_begin_none_is_admitted_too_many(
    redis_client: Redis,
) -> None:
    here = budget(redis_client, Limit("workspace", "month", requests=13))
    admitted = await asyncio.gather(*(used(here, str(i), asker=(ANN, BOB)[i % 2]) for i in range(80)))
    assert sum(admitted) == 13


async def test_running_answers_count_with_their_estimate(redis_client: Redis) -> None:
    here = budget(redis_client, Limit("user", "day", tokens=350))
    calls = await asyncio.gather(*(opened(here, str(i)) for i in range(50)))
    assert sum(isinstance(call, Call) for call in calls) == 4  # of 100 each: the fourth still finds 50


async def test_what_an_answer_came_to_replaces_its_estimate(redis_client: Redis) -> None:
    here = budget(redis_client, Limit("user", "day", tokens=100))
    assert [await used(here, str(i), tokens=30) for i in range(5)] == [True] * 4 + [False]


async def test_a_full_budget_takes_no_place_in_another(redis_client: Redis) -> None:
    limits = Limit("workspace", "day", requests=3), Limit("user", "day", requests=1)
    here = budget(redis_client, *limits)
    assert [await used(here, str(i)) for i in range(4)] == [True, False, False, False]
    assert await used(here, "b", asker=BOB)


async def test_the_workspace_is_full_for_who_has_asked_nothing(redis_client: Redis) -> None:
    here = budget(redis_client, Limit("workspace", "day", requests=1))
    assert await used(here, "a")
    refusal = await opened(here, "b", BOB)
    assert isinstance(refusal, Refusal)
    assert (refusal.whose, refusal.span) == ("workspace", "day")
    assert await used(here, "c", asker=Asker(workspace="slack:T2", user="U1"))


async def test_a_day_ends_at_midnight_and_a_month_with_its_last_day(redis_client: Redis) -> None:
    clock = Clock(2026, 12, 30, 23)
    limits = Limit("user", "month", requests=2), Limit("user", "day", requests=1)
    here = budget(redis_client, *limits, clock=clock)
    assert [await used(here, "1"), await used(here, "2")] == [True, False]
    clock.set(2026, 12, 31, 0)
    assert [await used(here, "3"), await used(here, "4")] == [True, False]
    refusal = await opened(here, "5")
    assert isinstance(refusal, Refusal)
    assert (refusal.span, refusal.opens) == ("month", datetime(2027, 1, 1, tzinfo=UTC))
    clock.set(2027, 1, 1)
    assert await used(here, "6")


async def test_what_began_before_midnight_is_of_the_day_before(redis_client: Redis) -> None:
    clock = Clock(2026, 11, 21, 23)
    here = budget(redis_client, Limit("user", "day", requests=1), clock=clock)
    late = await opened(here, "late")
    assert isinstance(late, Call)
    clock.set(2026, 11, 22)
    async with late:
        late.tell(1, 1)
    assert await used(here, "early")


async def test_a_call_that_never_ends_is_forgotten(redis_client: Redis) -> None:
    clock = Clock()
    here = budget(redis_client, Limit("user", "day", requests=1), clock=clock)
    assert isinstance(await opened(here, "killed"), Call)
    clock.now += 59
    assert isinstance(await opened(here, "other"), Refusal)
    clock.now += 1
    assert isinstance(await opened(here, "other"), Call)


async def test_the_same_call_again_takes_its_own_place(redis_client: Redis) -> None:
    here = budget(redis_client, Limit("user", "day", requests=1))
    assert isinstance(await opened(here, "e1:0"), Call)
    assert isinstance(await opened(here, "e1:0"), Call)


async def test_a_call_that_failed_unheard_is_free(redis_client: Redis) -> None:
    here = budget(redis_client, Limit("user", "day", requests=1))
    failed = await opened(here, "1")
    assert isinstance(failed, Call)
    with contextlib.suppress(ConnectionError):
        async with failed:
            raise ConnectionError
    assert await used(here, "2")


async def test_a_call_that_is_left_is_counted_by_what_was_heard(redis_client: Redis) -> None:
    here = budget(redis_client, Limit("user", "day", tokens=10))
    left = await opened(here, "1")
    assert isinstance(left, Call)
    with contextlib.suppress(asyncio.CancelledError):
        async with left:
            left.hear("六個中文字哦")
            left.hear("sixteen letters ")
            raise asyncio.CancelledError
    assert (await redis_client.hgetall("usage:used:2026-11-21:slack:T1:user:U1")) == {
        "requests": "1",
        "tokens": "10",
    }
    assert not await used(here, "2")


async def test_every_key_ends_some_day(redis_client: Redis) -> None:
    here = budget(redis_client, Limit("user", "month"), Limit("workspace", "day"))
    await used(here, "1")
    await opened(here, "2")
    keys = await redis_client.keys("*")
    assert len(keys) == 5
    assert all([await redis_client.ttl(key) > 0 for key in keys])


@pytest.mark.parametrize(
    ("words", "locale", "told"),
    [
        ("hello", None, "You have used up your requests to the language model for today. It opens again on"),
        (
            "hello",
            "zh-Hant-TW",
            "您今天的語言模型用量已用完。將於 2026-11-22 00:00 UTC 重新開放（12 ",
        ),
        ("hello", "zh", "您今天的语言模型用量已用完。将于 2026-11-22 00:00 UTC 重新开放（12 "),
        ("今天天氣怎麼樣", "en", "您今天的語言模型用量已用完。"),
        ("你好", None, "您今天的语言模型用量已用完。"),
        ("こんにちは世界", "ja", "You have used up"),
    ],
)
def test_a_refusal_is_in_the_persons_language(words: str, locale: str | None, told: str) -> None:
    clock = Clock()
    refusal = Refusal("user", "day", datetime(2026, 11, 21).date(), clock())
    assert refusal.text(words, locale).startswith(told)
