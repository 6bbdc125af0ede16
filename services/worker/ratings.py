"""Counts what people think of the bot's messages."""

import logging
import time
from collections.abc import Callable

from redis.asyncio import Redis

from contracts.control import FeedbackGiven
from contracts.conversation import Conversation
from contracts.inbox import script
from contracts.usage import RATED_TTL_S, Asker, day_of, rated_key, ratings_key

log = logging.getLogger(__name__)


class Ratings:
    """One verdict for each person and message; the newest counts, and none is kept with its words."""

    def __init__(self, redis: Redis, days: int, clock: Callable[[], float] = time.time) -> None:
        self._life_s = days * 24 * 3600
        self._mark_s = min(RATED_TTL_S, self._life_s)
        """No verdict is taken back from a day that is forgotten."""
        self._clock = clock
        self._rate = redis.register_script(script("rate"))

    async def count(self, given: FeedbackGiven) -> None:
        """Idempotent: the same verdict again changes nothing."""
        asker = Asker.of(given)
        chat = Conversation.parse(given.conversation_id).chat
        keys = [rated_key(asker, chat, given.message_id), ratings_key(day_of(self._clock()))]
        verdict = "helpful" if given.helpful else "unhelpful"
        await self._rate(keys, [verdict, asker.workspace, self._mark_s, self._life_s])
        log.info("worker.message.rated", extra={"workspace": asker.workspace, "helpful": given.helpful})
