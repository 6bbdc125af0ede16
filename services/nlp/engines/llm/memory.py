"""`memory:{conversation}` in Redis: a summary of what is no longer shown to the model."""

import logging
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.inbox import script
from services.nlp.actions.base import TrackerEvent
from services.nlp.engines.llm.history import Exchange, restarted_at
from services.nlp.errors import StoreDown
from services.nlp.rewinding import is_forgotten

log = logging.getLogger(__name__)

MEMORY_VERSION = "1"
MAX_CHARS = 4000
"""A longer summary is cut."""


@dataclass(frozen=True)
class Summary:
    """What came before, in few words."""

    text: str = ""
    upto: str = ""
    """The id of the last Event that is in it; "" where there is no summary."""
    at: float = 0.0
    """That Event's time, in Unix seconds."""

    def rest(self, turns: list[Exchange]) -> list[Exchange]:
        """The turns that are not in it."""
        for place, turn in enumerate(turns):
            if self.upto and turn.event_id == self.upto:
                return turns[place + 1 :]
        return [turn for turn in turns if turn.at > self.at]  # the last one is cut from the tracker


class Memory:
    """Reads and writes summaries. Its faults are logged and cost no answer."""

    def __init__(self, redis: Redis, days: int) -> None:
        self._redis = redis
        self._life_s = days * 24 * 3600
        self._remember = redis.register_script(script("remember"))

    async def recall(self, conversation_id: str, events: list[TrackerEvent]) -> Summary:
        """The conversation's summary; one of what is forgotten, or was taken back, is deleted."""
        try:
            kept = await self._redis.hmget(_key(conversation_id), ["v", "summary", "upto", "at"])
            version, text, upto, at = (str(value or "") for value in kept)
            if version != MEMORY_VERSION:  # none, or a newer one, which stays as it is
                return Summary()
            summary = Summary(text, upto, float(at))
            if restarted_at(events) > summary.at or is_forgotten(summary.at, events):
                await self._redis.delete(_key(conversation_id))
                return Summary()
        except RedisError as error:
            log.warning("nlp.memory.unreadable", extra={"reason": type(error).__name__})
            return Summary()
        return summary

    async def forget(self, conversation_id: str, at: float) -> None:
        """Drop a summary that may tell of what was said at this time, in Unix seconds. Raises StoreDown."""
        try:
            upto = await self._redis.hget(_key(conversation_id), "at")
            if upto is not None and float(upto) >= at:
                await self._redis.delete(_key(conversation_id))
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error

    async def remember(
        self, conversation_id: str, read: Summary, new: Summary, life_s: int | None = None
    ) -> bool:
        """Put `new` in the place of `read`; False where another turn or replica was first."""
        life = life_s or self._life_s
        fields: list[str | int | float] = [MEMORY_VERSION, new.upto, new.at, new.text[:MAX_CHARS]]
        return bool(await self._remember([_key(conversation_id)], [read.upto, life, *fields]))


def _key(conversation_id: str) -> str:
    return f"memory:{conversation_id}"
