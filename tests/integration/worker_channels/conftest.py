"""Stand-ins for the platforms, and channels that speak to them at the real pace."""

from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from services.worker.channels.slack import SlackChannel, create_client
from services.worker.channels.slack_clients import SlackClients
from services.worker.channels.telegram import TelegramChannel, create_bot
from services.worker.pacer import Pacer
from tests.fakes import slack_server, telegram_server
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    server = TelegramServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    server = SlackServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def telegram_channel(telegram: TelegramServer, redis_client: Redis) -> AsyncIterator[TelegramChannel]:
    bots = {"default": create_bot(telegram_server.TOKEN, telegram.url)}
    channel = TelegramChannel(bots, Pacer(redis_client), redis_client)
    yield channel
    await channel.aclose()


@pytest.fixture
async def slack_channel(slack: SlackServer, redis_client: Redis) -> AsyncIterator[SlackChannel]:
    clients = {"default": create_client(slack_server.TOKEN, slack.api_url)}
    channel = SlackChannel(SlackClients(clients), Pacer(redis_client))
    yield channel
    await channel.aclose()
