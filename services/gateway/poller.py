"""Telegram by long polling, for development: one poller a bot, under a lock, through the same intake."""

import asyncio
import logging
import uuid
from contextlib import suppress
from functools import partial
from typing import Any

from redis.exceptions import RedisError
from telegram import Bot
from telegram.error import TelegramError

from contracts.inbox import Arrival
from foundation.http import Fault
from foundation.pausing import pause
from services.gateway.channels import telegram
from services.gateway.routes.deliveries import parsed, take
from services.gateway.routes.wiring import Gateway

log = logging.getLogger(__name__)

POLL_S = 25
ANSWER_S = 5
"""How much later than that an answer may come."""
LOCK_S = 40
AGAIN_S = 2
UPDATES = ["message", "callback_query", "stopped_message_generation"]


class Poller:
    """Fetches one bot's Updates; an offset moves only when everything before it is accepted."""

    def __init__(self, bot: Bot, account: str, here: Gateway) -> None:
        self._bot = bot
        self._account = account
        self._here = here
        self._redis = here.redis
        self._mark = uuid.uuid4().hex
        self._lock = f"poller:{account}"
        self._offset = 0

    async def run_until(self, done: asyncio.Event) -> None:
        """Poll as long as the lock is ours, and leave it to the next gateway at the end."""
        try:
            while not done.is_set():
                await self._poll_or_pause(done)
        finally:
            await self._release_lock()

    async def _poll_or_pause(self, done: asyncio.Event) -> None:
        try:
            if await self._holds_lock():
                await self._poll()
                return
        except (TelegramError, RedisError, Fault) as error:
            log.warning("gateway.poll.failed", extra={"error": type(error).__name__})
        await pause(AGAIN_S, done)

    async def _poll(self) -> None:
        for update in await self._updates():
            await take(self._here, parsed(partial(self._arrivals, update)) or [])
            self._offset = update["update_id"] + 1

    async def _updates(self) -> list[dict[str, Any]]:
        """As a webhook would bring them."""
        # get_updates fails on what its own objects cannot hold, and logs it, words and all; under this name,
        # which is as good to Telegram, the library does not know its own method, and gives what came
        wanted = {"offset": self._offset, "timeout": POLL_S, "allowed_updates": UPDATES}
        found: Any = await self._bot.do_api_request(
            "GetUpdates", api_kwargs=wanted, read_timeout=POLL_S + ANSWER_S
        )
        return list(found)

    def _arrivals(self, update: dict[str, Any]) -> list[Arrival]:
        username = self._here.bot_usernames.get(self._account, "")
        groups = self._here.groups.of("telegram", self._account)
        return telegram.parse(update, self._account, username, groups)

    async def _holds_lock(self) -> bool:
        if await self._redis.set(self._lock, self._mark, nx=True, ex=LOCK_S):
            return True
        if await self._redis.get(self._lock) != self._mark:
            return False
        return bool(await self._redis.expire(self._lock, LOCK_S))

    async def _release_lock(self) -> None:
        with suppress(RedisError):
            if await self._redis.get(self._lock) == self._mark:
                await self._redis.delete(self._lock)
