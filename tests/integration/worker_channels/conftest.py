"""Stand-ins for the platforms, and channels that speak to them at the real pace."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

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
    """One that shows what grows by updates."""
    async with opened(SlackChannel(slack_clients(slack), Pacer(redis_client), "update")) as channel:
        yield channel


@pytest.fixture
async def streaming_channel(slack: SlackServer, redis_client: Redis) -> AsyncIterator[SlackChannel]:
    """One that uses Slack's own streams."""
    async with opened(SlackChannel(slack_clients(slack), Pacer(redis_client))) as channel:
        yield channel


@asynccontextmanager
async def opened(channel: SlackChannel) -> AsyncIterator[SlackChannel]:
    """The channel, closed in the end."""
    yield channel
    await channel.aclose()


def slack_clients(slack: SlackServer) -> SlackClients:
    """The client of the stand-in's one workspace."""
    return SlackClients({"default": create_client(slack_server.TOKEN, slack.api_url)})
