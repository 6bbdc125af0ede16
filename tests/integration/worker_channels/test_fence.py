"""A worker that stood still while another took its turn over says nothing when it goes on."""

import time

import pytest
from redis.asyncio import Redis

from contracts.control import Control
from contracts.event import MessageSent
from contracts.reply import Reply
from services.worker.channels.base import Channel, Outcome
from services.worker.channels.slack import SlackChannel
from services.worker.channels.telegram import TelegramChannel, create_bot
from services.worker.conversation import Conversations
from services.worker.deliver import TurnRecord
from services.worker.ending import Ending
from services.worker.inbox import Inbox, Lease
from services.worker.pacer import Limit, Pacer
from services.worker.settings import WorkerSettings
from tests.acceptance import accept
from tests.builders import arrival, message
from tests.fakes import telegram_server
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.integration.worker_channels.conftest import slack_clients

LEASE_S = 0.4


class StandingPacer(Pacer):
    """Gives a place, and then lets the whole process stand still, where it is told to."""

    stands = False

    async def take(self, *limits: Limit, max_wait_s: float = 120) -> bool:
        is_given = await super().take(*limits, max_wait_s=max_wait_s)
        if self.stands and is_given:
            self.stands = False
            time.sleep(2 * LEASE_S)  # noqa: ASYNC251 - the event loop is to stand still, too
        return is_given


class Worker:
    """Says back what it hears, on a channel with such a pacer."""

    def __init__(self, redis: Redis, channel: Channel) -> None:
        settings = WorkerSettings(worker_lease_s=LEASE_S)
        inbox = Inbox(redis, LEASE_S)
        self._channel = channel
        self._work = Conversations(inbox, self._answer, self._apologize, self._obey, settings)

    async def answers(self, conversation_id: str) -> None:
        """Somebody says hello, and a wake comes."""
        await accept(self._work.inbox.redis, arrival(message(conversation_id=conversation_id)))
        await self.run(conversation_id)

    async def run(self, conversation_id: str) -> None:
        """What a wake does."""
        await self._work.run(conversation_id)

    async def _answer(self, lease: Lease, _: Ending) -> Outcome:
        assert isinstance(lease.event, MessageSent)
        sink = self._channel.sink(lease.event, TurnRecord.of(self._work.inbox.redis, lease))
        await sink.finish(0, Reply(text=lease.event.text))
        return "finished"

    async def _apologize(self, lease: Lease, code: str) -> None:
        raise AssertionError(code)

    async def _obey(self, control: Control) -> None:
        raise AssertionError(control.kind)


@pytest.mark.parametrize("platform", ["telegram", "slack"])
async def test_what_another_worker_answers_is_not_said_again(
    platform: str, telegram: TelegramServer, slack: SlackServer, redis_client: Redis
) -> None:
    pacer = StandingPacer(redis_client)
    channel: Channel
    if platform == "telegram":
        bots = {"default": create_bot(telegram_server.TOKEN, telegram.url)}
        channel, warm, place = TelegramChannel(bots, pacer, redis_client), "1001", "1002"
    else:
        channel, warm, place = SlackChannel(slack_clients(slack), pacer, "update"), "D1", "D2"
    conversation, worker = f"{platform}:default:{place}", Worker(redis_client, channel)
    await worker.answers(
        f"{platform}:default:{warm}"
    )  # opens the connection: what comes next goes out at once
    pacer.stands = True
    await worker.answers(conversation)

    def shown() -> list[str]:
        return telegram.texts(place) if platform == "telegram" else slack.texts(place)

    assert (pacer.stands, shown()) == (False, [])
    await worker.run(conversation)  # by now it is another's turn
    assert shown() == ["hello"]
    await channel.aclose()
