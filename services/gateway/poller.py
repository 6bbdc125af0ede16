"""Telegram by long polling, for development: one poller a bot, under a lock, through the same intake."""

import asyncio
import logging
import uuid
from contextlib import suppress

from redis.exceptions import RedisError
from telegram import Bot, Update
from telegram.error import TelegramError

from contracts.inbox import Arrival
from foundation.http import Fault
from foundation.pausing import pause
from services.gateway.buttons import with_payloads
from services.gateway.channels import telegram
from services.gateway.errors import UNPARSED, TooFast, log_unparsed
from services.gateway.routes.wiring import Gateway

log = logging.getLogger(__name__)

POLL_S = 25
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
        updates = await self._bot.get_updates(self._offset, timeout=POLL_S, allowed_updates=UPDATES)
        for update in updates:
            try:
                arrivals = await with_payloads(self._arrivals(update), self._redis)
                await self._here.intake.take(arrivals)
            except UNPARSED as error:  # it would come for ever
                log_unparsed(error)
            except TooFast:
                log.warning("gateway.person.slowed")
            self._offset = update.update_id + 1

    def _arrivals(self, update: Update) -> list[Arrival]:
        username = self._here.bot_usernames.get(self._account, "")
        groups = self._here.groups.of("telegram", self._account)
        return telegram.parse(update.to_dict(), self._account, username, groups)

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
