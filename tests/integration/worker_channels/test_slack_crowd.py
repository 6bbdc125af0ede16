"""Many answers at once in one Slack workspace, at limits that are Slack's but for shorter minutes."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from contracts.event import MessageSent, Person
from contracts.reply import Reply
from services.worker.channels.slack import SlackChannel
from services.worker.channels.slack_rates import SlackRates
from services.worker.pacer import Pacer
from tests.fakes.delivery import MemoryDelivery
from tests.fakes.slack_limits import SlackLimits
from tests.fakes.slack_server import SlackServer
from tests.integration.worker_channels.conftest import opened, slack_clients

pytestmark = pytest.mark.alone

MINUTE_S = 3
ROOMS = 12


@pytest.fixture
async def channel(slack: SlackServer, redis_client: Redis) -> AsyncIterator[SlackChannel]:
    rates = SlackRates(minute_s=MINUTE_S)
    async with opened(SlackChannel(slack_clients(slack), Pacer(redis_client), rates=rates)) as channel:
        yield channel


def place(number: int) -> tuple[str, str]:
    return f"C{number % ROOMS}", f"1790000000.{number:06d}"


def final(number: int) -> str:
    return f"Answer number {number}: " + "and so on " * 20 + "to the end."


async def answer(channel: SlackChannel, number: int, writing_s: float) -> float:
    """One conversation's streamed answer; gives the seconds that its final text had to wait."""
    chat, thread = place(number)
    event = MessageSent(
        event_id=f"e{number}",
        conversation_id=f"slack:T1:{chat}:{thread}",
        at=1,
        user=Person(id=f"U{number}"),
        text="hi",
    )
    sink = channel.sink(event, MemoryDelivery())
    await sink.open()
    words = final(number).split(" ")
    began, said = time.monotonic(), 0
    while said < len(words):
        due = int((time.monotonic() - began) / writing_s * len(words)) + 1
        for word in words[said : min(due, len(words))]:
            await sink.append(0, word if word == words[0] else f" {word}")
        said = max(said, due)
        await asyncio.sleep(writing_s / len(words))
    ended = time.monotonic()
    await sink.finish(0, Reply(text=final(number)))
    waited = time.monotonic() - ended
    await sink.close("finished")
    return waited


def showings(slack: SlackServer) -> Counter[str]:
    """How often each answer that is no stream was shown before its final text."""
    threads = {m["ts"]: m["thread_ts"] for room in range(ROOMS) for m in slack.messages(f"C{room}")}
    calls = [*slack.called("chat.postMessage"), *slack.called("chat.update")]
    growing = [call for call in calls if "to the end." not in str(call["blocks"])]
    return Counter(call.get("thread_ts") or threads[call["ts"]] for call in growing)


def fairness(counts: Counter[str]) -> float:
    """Jain's index: 1 where all got the same, 1/n where one got all."""
    return counts.total() ** 2 / (len(counts) * sum(count**2 for count in counts.values()))


async def test_sixty_answers_at_once_all_arrive_and_degrade_evenly(
    slack: SlackServer, channel: SlackChannel
) -> None:
    slack.limits = SlackLimits(MINUTE_S)
    waited = await asyncio.gather(*(answer(channel, number, 4) for number in range(60)))
    for number in range(60):
        assert slack.texts(*place(number)) == [final(number)]
    assert slack.streams == {}
    assert len(slack.called("chat.startStream")) == 20
    assert slack.limits.impatient == []
    by_workspace = slack.limits.refused.total() - slack.limits.refused["chat.postMessage"]
    assert by_workspace <= 6, "the pacer keeps to the limits by itself, but for the odd call"
    counts = showings(slack)
    assert len(counts) == 40, "none starves"
    assert fairness(counts) > 0.7
    assert counts.total() > 60
    assert max(waited) < 40 / 50 * MINUTE_S + 4


async def test_a_workspace_that_grants_less_is_obeyed_and_loses_no_text(
    slack: SlackServer, channel: SlackChannel
) -> None:
    less = {"chat.update": 25, "chat.appendStream": 30, "chat.stopStream": 15}
    slack.limits = SlackLimits(MINUTE_S, counts=less)
    await asyncio.gather(*(answer(channel, number, 1.5) for number in range(26)))
    for number in range(26):
        assert slack.texts(*place(number)) == [final(number)]
    assert slack.limits.refused
    assert slack.limits.impatient == []
