"""Slack's clients by workspace: those of the settings, and those of workspaces that installed the app."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.exceptions import RedisError
from slack_sdk.web.async_client import AsyncWebClient

from contracts.account import DEFAULT_ACCOUNT
from contracts.install import INSTALLS, LOOK_EVERY_S
from foundation.installs import open_install
from foundation.pausing import cancel_all, pause
from foundation.sealing import Unsealable

log = logging.getLogger(__name__)


class SlackClients:
    """One client a workspace; a team that installed the app comes before the unnamed account."""

    def __init__(
        self,
        own: Mapping[str, AsyncWebClient],
        create: Callable[[str], AsyncWebClient] | None = None,
    ) -> None:
        self._own = own
        self._create = create
        self._sealed: dict[str, str] = {}
        self._installed: dict[str, AsyncWebClient] = {}
        self._parted: list[AsyncWebClient] = []
        """Clients of tokens that are gone; a turn may still hold one."""

    def find(self, team: str) -> AsyncWebClient | None:
        """The team's client; None where nobody gave us a token for it."""
        named = self._own.get(team) or self._installed.get(team)
        return named or self._own.get(DEFAULT_ACCOUNT) or self._own.get("")

    def keep(self, sealed: Mapping[str, str], secret: str) -> None:
        """These are the installs now, sealed as they lie in Redis."""
        for team in [team for team in self._sealed if sealed.get(team) != self._sealed[team]]:
            del self._sealed[team]
            if team in self._installed:
                self._parted.append(self._installed.pop(team))
        for team in sealed.keys() - self._sealed.keys():
            self._sealed[team] = sealed[team]
            self._add(team, sealed[team], secret)

    async def aclose(self) -> None:
        """Close every client's connections."""
        for client in (*self._own.values(), *self._installed.values(), *self._parted):
            if client.session:
                await client.session.close()

    def _add(self, team: str, sealed: str, secret: str) -> None:
        try:
            install = open_install(sealed, secret, team)
        except Unsealable:
            log.error("worker.slack_install.unreadable", extra={"team": team})
            return
        if self._create:
            self._installed[team] = self._create(install.token)


@asynccontextmanager
async def kept_up(redis: Redis, secret: str, clients: SlackClients) -> AsyncIterator[None]:
    """Keeps the clients up with what the gateway wrote: an install needs no restart."""
    done = asyncio.Event()
    await _look(redis, secret, clients)

    async def look_until_done() -> None:
        while await pause(LOOK_EVERY_S, done):
            await _look(redis, secret, clients)

    task = asyncio.create_task(look_until_done())
    try:
        yield
    finally:
        done.set()
        await cancel_all([task])


async def _look(redis: Redis, secret: str, clients: SlackClients) -> None:
    """Take over what is installed now; a Redis that is away leaves the clients as they are."""
    try:
        sealed = await redis.hgetall(INSTALLS)
    except RedisError as error:
        log.warning("worker.slack_installs.unread", extra={"error": type(error).__name__})
        return
    clients.keep({str(team): str(text) for team, text in sealed.items()}, secret)
