"""Builds the worker: clients, channels, conversations, and the Celery app that wakes it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import aiohttp
import httpx
from celery import Celery
from celery.signals import worker_shutting_down
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from contracts.account import DEFAULT_ACCOUNT
from foundation.accounts import load_accounts
from foundation.allowing import AllowList
from foundation.installs import install_secret
from foundation.sealing import photo_secret
from services.worker.channels.base import Channel
from services.worker.channels.slack import SlackChannel, create_client
from services.worker.channels.slack_clients import SlackClients, kept_up
from services.worker.channels.slack_people import SlackPeople
from services.worker.channels.telegram import TelegramChannel, create_bot
from services.worker.channels.web import WebChannel
from services.worker.clients.face import FaceClient
from services.worker.clients.nlp import NlpClient
from services.worker.controls import Controls
from services.worker.conversation import Conversations
from services.worker.inbox import Inbox
from services.worker.pacer import Pacer
from services.worker.process import WorkerProcess
from services.worker.ratings import Ratings
from services.worker.settings import WorkerSettings
from services.worker.tasks import add_tasks, create_celery, send_wake
from services.worker.turns import Turns

MOST_CONNECTIONS = 1000
"""To Redis, at a time: every stream may ask for a place in the same moment, and must not be refused."""

IDLE_S = 4
"""A connection rests so long at most: nlp closes its end after five seconds."""


def create_worker(settings: WorkerSettings) -> tuple[Celery, WorkerProcess]:
    """The Celery app to start, and the process to start before it and to stop after it."""
    celery = create_celery(settings)
    process = WorkerProcess(settings, partial(open_conversations, settings), partial(send_wake, celery))
    add_tasks(celery, process.run)
    worker_shutting_down.connect(lambda **_: process.drain(), weak=False)
    return celery, process


@asynccontextmanager
async def open_conversations(settings: WorkerSettings) -> AsyncIterator[tuple[Inbox, Conversations]]:
    """Everything that lives on the event loop."""
    async with AsyncExitStack() as stack:
        redis = create_redis(settings.redis_url, decode_responses=True)
        stack.push_async_callback(redis.aclose)
        slack = create_slack_clients(settings)
        await stack.enter_async_context(kept_up(redis, install_secret(settings.secrets_dir), slack))
        channels = create_channels(settings, redis, slack)
        for channel in channels.values():
            stack.push_async_callback(channel.aclose)
        nlp = await stack.enter_async_context(create_nlp_session(settings))
        face = await stack.enter_async_context(create_http(settings, settings.face_url))
        inbox = Inbox(redis, settings.worker_lease_s, settings.worker_control_poll_s, settings.worker_turn_s)
        thinking = NlpClient(nlp)
        turns = Turns(redis, channels, thinking, FaceClient(face))
        ratings = Ratings(redis, settings.usage_days)
        controls = Controls(redis, channels, ratings, thinking.forget, AllowList(settings.admins))
        yield inbox, Conversations(inbox, turns.run, turns.apologize, controls.obey, settings)


def create_channels(settings: WorkerSettings, redis: Redis, slack: SlackClients) -> Mapping[str, Channel]:
    """Every channel, with the accounts of `.env` and of `switchboard.yml`."""
    tokens = _tokens(settings, "telegram", settings.telegram_bot_token)
    bots = {name: create_bot(token, settings.telegram_api_url) for name, token in tokens.items()}
    pacer = Pacer(redis)
    web_redis = create_redis(settings.redis_url, decode_responses=False)
    return {
        "telegram": TelegramChannel(bots, pacer, redis, settings.telegram_streaming),
        "slack": SlackChannel(
            slack,
            pacer,
            settings.slack_streaming,
            settings.slack_prompts,
            people=SlackPeople(redis),
        ),
        "web": WebChannel(web_redis, photo_secret(settings.secrets_dir)),
    }


def create_slack_clients(settings: WorkerSettings) -> SlackClients:
    """The clients of the workspaces whose tokens the settings have; installed ones join them later."""
    create = partial(create_client, api_url=settings.slack_api_url)
    tokens = _tokens(settings, "slack", settings.slack_bot_token)
    return SlackClients({name: create(token) for name, token in tokens.items()}, create)


def _tokens(settings: WorkerSettings, channel: str, own: SecretStr) -> Mapping[str, str]:
    """The channel's tokens, by the account's name."""
    listed = load_accounts(settings.switchboard_config, settings.variable)
    tokens = {account.name: account.token for account in listed if account.channel == channel}
    named = {DEFAULT_ACCOUNT: own} | tokens
    return {name: token.get_secret_value() for name, token in named.items() if token}


def create_redis(url: str, *, decode_responses: bool) -> Redis:
    """A client that never repeats a command by itself: our scripts must not run twice unnoticed."""
    return Redis.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        decode_responses=decode_responses,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=5,
        socket_timeout=10,
    )


def create_nlp_session(settings: WorkerSettings) -> aiohttp.ClientSession:
    """A client of nlp, with the token between rooms: every turn goes through it, so it is the cheaper one."""
    return aiohttp.ClientSession(
        settings.nlp_url,
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S),
        headers={"Authorization": f"Bearer {settings.internal_key()}"},
        skip_auto_headers=("Accept-Encoding", "User-Agent"),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=60),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def create_http(settings: WorkerSettings, base_url: str) -> httpx.AsyncClient:
    """A client of another room, with the token between rooms."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"Authorization": f"Bearer {settings.internal_key()}"},
        timeout=httpx.Timeout(60, connect=5, pool=None),
        limits=httpx.Limits(max_connections=None),
    )
