"""Builds the gateway: clients, intake, routes, and what runs beside the requests."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from telegram import Bot
from telegram.error import TelegramError

from foundation import tracing
from foundation.accounts import Account, load_accounts
from foundation.allowing import AllowList
from foundation.http import (
    PROBLEM_ANSWERS,
    CorrelationMiddleware,
    add_problem_answers,
    problem_of,
    problem_response,
)
from foundation.installs import install_secret
from foundation.pausing import Loop, cancel_all, kept_up, pause
from foundation.sealing import photo_secret
from foundation.words import language_of
from services.gateway.accounts import slack_accounts, telegram_accounts
from services.gateway.addresses import Addresses, AddressRate
from services.gateway.administration import TRIES_A_MINUTE, Administration
from services.gateway.backlog import Backlog
from services.gateway.errors import BadSignature, QueueDown, queue_down
from services.gateway.faces import Faces
from services.gateway.groups import Groups
from services.gateway.inbox import Inbox
from services.gateway.intake import Intake, Rate
from services.gateway.owner import Owners
from services.gateway.poller import Poller
from services.gateway.pressure import Pressure
from services.gateway.routes import admin, pages, slack_install, web, web_answers, webhooks, webhooks_slack
from services.gateway.routes.wiring import Gateway
from services.gateway.settings import GatewaySettings, channel_lines
from services.gateway.slack_api import SlackApi
from services.gateway.slack_install import InstallStates
from services.gateway.slack_installs import SlackInstalls
from services.gateway.slack_teams import SlackTeams
from services.gateway.slack_turns import SlackTurns
from services.gateway.slack_wiring import SlackEnd
from services.gateway.wake import Waker, create_celery
from services.gateway.web_stream import WebStream

log = logging.getLogger(__name__)


ASK_AGAIN_S = 5
MOST_CONNECTIONS = 50
"""To Redis, at a time; who needs one more waits a little, and is then told to come again."""


def create_app(settings: GatewaySettings) -> FastAPI:
    """The app; its clients are built when it starts and closed when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.gateway = await open_gateway(settings, stack)
            for line in channel_lines(settings):
                log.info("gateway.channel.configured", extra={"line": line})
            yield

    app = FastAPI(
        title="Switchboard",
        lifespan=lifespan,
        telemetry=tracing.TELEMETRY,
        max_body_size=web.MESSAGE_BYTES,
        docs_url=None,  # they would load scripts from elsewhere; /openapi.json is there
        redoc_url=None,
        responses=PROBLEM_ANSWERS,
    )
    add_problem_answers(app)
    app.add_exception_handler(RedisError, _queue_down)
    app.add_exception_handler(BadSignature, _bad_signature)
    app.add_middleware(CorrelationMiddleware)
    for routes in (webhooks, webhooks_slack, slack_install, web, web_answers, admin, pages):
        app.include_router(routes.router)
    app.mount("/static", StaticFiles(directory=pages.STATIC), name="static")
    return app


async def open_gateway(settings: GatewaySettings, stack: AsyncExitStack) -> Gateway:
    """Build every client, and start what runs beside the requests."""
    redis = create_redis(settings.redis_url, decode_responses=True)
    bytes_redis = create_redis(settings.redis_url, decode_responses=False)
    bearer = {"Authorization": f"Bearer {settings.internal_key()}"}
    http = httpx.AsyncClient(base_url=settings.face_url, headers=bearer, timeout=60)
    waker = Waker(create_celery(settings.redis_url))
    for close in (redis.aclose, bytes_redis.aclose, http.aclose):
        stack.push_async_callback(close)
    stack.callback(waker.close)
    pressure = Pressure(redis)
    intake = Intake(
        Inbox(redis, settings.gateway_wake_s),
        pressure,
        Rate(settings.gateway_person_rate),
        waker.wake,
        AllowList(settings.gateway_for),
    )
    stream = WebStream(redis)
    accounts = load_accounts(settings.switchboard_config, settings.variable)
    here = Gateway(
        settings=settings,
        redis=redis,
        bytes_redis=bytes_redis,
        intake=intake,
        pressure=pressure,
        backlog=Backlog(redis),
        stream=stream,
        owners=Owners(settings.cookie_key()),
        addresses=Addresses(settings.gateway_address_rate),
        administration=Administration(settings.admin_token.get_secret_value(), settings.cookie_key()),
        admin_tries=AddressRate(TRIES_A_MINUTE),
        faces=Faces(http, settings.face_gallery),
        telegram=telegram_accounts(settings, accounts),
        slack=create_slack(settings, accounts, redis, stack),
        groups=Groups(accounts),
        bot_usernames={},
        photo_secret=photo_secret(settings.secrets_dir),
    )
    await _start_loops(here, stack)
    return here


async def _start_loops(here: Gateway, stack: AsyncExitStack) -> None:
    done = asyncio.Event()
    loops: list[Loop] = [here.pressure.watch_until, here.stream.read_until]
    for name, account in here.telegram.items():
        bot = create_bot(here.settings, account)
        loops.append(partial(_learn_username, bot, name, here))
        if here.settings.telegram_mode == "polling":
            loops.append(Poller(bot, name, here).run_until)
    tasks = [asyncio.create_task(kept_up(loop, done)) for loop in loops]

    async def end() -> None:
        done.set()
        await cancel_all(tasks)

    stack.push_async_callback(end)


async def _learn_username(bot: Bot, account: str, here: Gateway, done: asyncio.Event) -> None:
    """In groups a bot must know its own name; a Telegram that is away is asked again."""
    while account not in here.bot_usernames:
        try:
            here.bot_usernames[account] = (await bot.get_me()).username or ""
        except TelegramError as error:
            log.warning("gateway.bot.unnamed", extra={"error": type(error).__name__})
            if not await pause(ASK_AGAIN_S, done):
                return


def create_bot(settings: GatewaySettings, account: Account) -> Bot:
    """A client of the Bot API."""
    return Bot(account.token.get_secret_value(), base_url=f"{settings.telegram_api_url}/bot")


def create_slack(
    settings: GatewaySettings, accounts: tuple[Account, ...], redis: Redis, stack: AsyncExitStack
) -> SlackEnd:
    """The gateway's end of Slack."""
    http = httpx.AsyncClient()
    stack.push_async_callback(http.aclose)
    installs = SlackInstalls(redis, install_secret(settings.secrets_dir))
    return SlackEnd(
        api=SlackApi(http, settings.slack_api_url),
        teams=SlackTeams(slack_accounts(settings, accounts), installs),
        turns=SlackTurns(redis, AllowList(settings.admins)),
        installs=installs,
        states=InstallStates(redis),
        language=language_of(settings.slack_locale),
    )


def create_redis(url: str, *, decode_responses: bool) -> Redis:
    """A client that gives up in time to answer 503 while the platform still waits."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        timeout=2,
        decode_responses=decode_responses,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=2,
        socket_timeout=5,
    )
    return Redis.from_pool(pool)


async def _bad_signature(request: Request, error: Exception) -> JSONResponse:
    fault = request.app.state.gateway.addresses.weigh(request, error)
    return problem_response(problem_of(fault), fault.retry_after_s)


async def _queue_down(request: Request, error: Exception) -> JSONResponse:
    return problem_response(problem_of(queue_down(error)), QueueDown.retry_after_s)
