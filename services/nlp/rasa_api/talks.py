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
from services.nlp.dialogue.conversing import answer, begin, hear, note
from services.nlp.dialogue.deciding import Choice
from services.nlp.dialogue.events import (
    LISTEN,
    action_executed,
    action_rejected,
)
from services.nlp.dialogue.performing import perform
from services.nlp.dialogue.stage import Stage
from services.nlp.dialogue.tracker import Tracker
from services.nlp.live import LiveBot
from services.nlp.nlu.parse import Parse
from services.nlp.rasa_api.errors import ActionNotRun, SenderBusy
from services.nlp.store import Hold, Store, Stored, stored_of

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
        return note(self.stage, outcome)

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
        lock = _TalkLock(self._redis, self._store, key)
        if not await lock.acquire():
            raise SenderBusy
        renewing = asyncio.create_task(_renew(lock))
        is_given_back = False
        try:
            talk = _talk(live, sender, stored_of(*lock.found))
            yield talk
            await self._write(talk, key, lock)
            is_given_back = True
        finally:
            renewing.cancel()
            if not is_given_back:
                # a client that leaves cancels again and again, the release must happen all the same
                releasing = asyncio.create_task(_release(lock))
                self._releasing.add(releasing)
                releasing.add_done_callback(self._releasing.discard)
                await asyncio.shield(releasing)

    async def look(self, live: LiveBot, sender: str) -> Talk:
        """The sender's conversation, only to be read."""
        return _talk(live, sender, await self._store.read(f"rasa:{live.bot.name}:{sender}", ""))

    async def look_at_channel(self, live: LiveBot, conversation_id: str) -> Talk:
        """A channel's conversation, only to be read: it is the workers' to write."""
        return _talk(live, conversation_id, await self._store.read(conversation_id, ""))

    async def _write(self, talk: Talk, key: str, lock: "_TalkLock") -> None:
        events = talk.tracker.trimmed(talk.stored.texts)
        event_id, life_s = uuid.uuid4().hex, talk.live.bot.tracker_life_s
        await self._store.commit(key, event_id, talk.stored, events, (), None, life_s, lock.hold)


class _TalkLock(Lock):
    """Redis' own lock, whose conversation is read as it is taken: one round trip for both."""

    def __init__(self, redis: Redis, store: Store, conversation_id: str) -> None:
        name = f"lock:{conversation_id}"
        super().__init__(redis, name, timeout=LOCK_S, blocking_timeout=WAIT_S, sleep=0.01)
        self._store = store
        self._conversation_id = conversation_id
        self.hold: Hold | None = None
        self.found: list[Any] = []
        """The conversation's fields."""

    async def do_acquire(self, token: str | bytes) -> bool:
        hold = Hold(str(self.name), token)
        found = await self._store.take(self._conversation_id, hold, LOCK_S)
        if found is None:
            return False
        self.hold, self.found = hold, found
        return True


def _talk(live: LiveBot, sender: str, stored: Stored) -> Talk:
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
