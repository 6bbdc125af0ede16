"""Conversations of this API: trackers of their own, one request of a sender after the other."""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError, RedisError

from contracts.reply import Reply
from services.nlp.actions.base import ActionFailed, ActionRejected, TrackerEvent
from services.nlp.dialogue.conversing import answer, begin, hear
from services.nlp.dialogue.deciding import Choice
from services.nlp.dialogue.events import (
    LISTEN,
    action_executed,
    action_rejected,
    bot_uttered,
)
from services.nlp.dialogue.performing import perform
from services.nlp.dialogue.stage import Stage
from services.nlp.dialogue.tracker import Tracker
from services.nlp.errors import StoreDown
from services.nlp.live import LiveBot
from services.nlp.nlu.parse import Parse
from services.nlp.rasa_api.errors import ActionNotRun, SenderBusy
from services.nlp.store import Store, Stored

LOCK_S = 60
"""A lock whose process has died ends after so long."""
RENEW_S = 20
WAIT_S = 30
CHANNEL = "rest"


@dataclass
class Talk:
    """One conversation while a request works on it."""

    live: LiveBot
    stage: Stage
    stored: Stored

    @property
    def tracker(self) -> Tracker:
        """The conversation so far."""
        return self.stage.tracker

    async def say(
        self, parse: Parse, channel: str = CHANNEL, metadata: dict[str, Any] | None = None
    ) -> AsyncGenerator[Reply, None]:
        """What the bot answers to a message."""
        for reply in await begin(self.stage):
            yield reply
        for reply in await hear(self.stage, parse, channel, uuid.uuid4().hex, metadata):
            yield reply
        async for reply in answer(self.stage, self.live.model.dialogue):
            yield reply
        self._listen()

    async def run(self, action: str, policy: str, confidence: float) -> list[Reply]:
        """Run one action; raises ActionNotRun."""
        try:
            outcome = await perform(self.stage, action)
        except ActionRejected:
            self.tracker.update(action_rejected(action))
            return []
        except ActionFailed as error:
            raise ActionNotRun(str(error)) from error
        self.tracker.update(action_executed(action, policy, confidence))
        self.tracker.update(*(bot_uttered(reply.text) for reply in outcome.replies), *outcome.events)
        return outcome.replies

    def choice(self) -> Choice:
        """What the policies would do next."""
        return self.live.model.dialogue.choose(self.tracker)

    def replace(self, events: list[TrackerEvent]) -> None:
        """Become these events."""
        bot, sender = self.live.bot, self.tracker.sender_id
        self.stage.tracker = Tracker.of(bot, events, sender)

    def _listen(self) -> None:
        if self.tracker.events[-1]["event"] != "action" or self.tracker.action != LISTEN:
            self.tracker.update(action_executed(LISTEN))


class Talks:
    """Reads, locks and writes them."""

    def __init__(self, redis: Redis, store: Store) -> None:
        self._redis = redis
        self._store = store
        self._releasing: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self, live: LiveBot, sender: str) -> AsyncIterator[Talk]:
        """The sender's conversation, alone; written when the block ends without an error.

        Raises SenderBusy when the sender's other requests take too long.
        """
        key = f"rasa:{live.bot.name}:{sender}"
        lock = self._redis.lock(f"lock:{key}", timeout=LOCK_S, blocking_timeout=WAIT_S, sleep=0.01)
        try:
            if not await lock.acquire():
                raise SenderBusy
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error
        renewing = asyncio.create_task(_renew(lock))
        try:
            talk = await self._read(live, sender, key)
            yield talk
            events = talk.tracker.trimmed(talk.stored.texts)
            life_s = live.bot.tracker_life_s
            await self._store.commit(key, uuid.uuid4().hex, talk.stored, events, (), None, life_s)
        finally:
            renewing.cancel()
            # a client that leaves cancels this request again and again, the release must happen all the same
            releasing = asyncio.create_task(_release(lock))
            self._releasing.add(releasing)
            releasing.add_done_callback(self._releasing.discard)
            await asyncio.shield(releasing)

    async def look(self, live: LiveBot, sender: str) -> Talk:
        """The sender's conversation, only to be read."""
        return await self._read(live, sender, f"rasa:{live.bot.name}:{sender}")

    async def _read(self, live: LiveBot, sender: str, key: str) -> Talk:
        stored = await self._store.read(key, "")
        tracker = Tracker.of(live.bot, stored.events, sender)
        tracker.channel = tracker.channel or CHANNEL
        return Talk(live, live.stage(tracker), stored)


async def _renew(lock: Lock) -> None:
    with suppress(LockError, RedisError):  # the write notices whom it has overtaken
        while True:
            await asyncio.sleep(RENEW_S)
            await lock.reacquire()


async def _release(lock: Lock) -> None:
    with suppress(LockError, RedisError):  # it has run out by itself, or will
        await lock.release()
