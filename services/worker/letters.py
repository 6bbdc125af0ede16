"""The dead letters as a retry needs them: an Event that failed for good, with what it said."""

from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from contracts.event import EVENT, Event
from contracts.inbox import DEAD, turn_key


@dataclass(frozen=True)
class Letter:
    """One Event that failed for good."""

    id: str
    event: Event


class Letters:
    """Finds letters by the Event's id, as bury.lua has noted it in the Event's record."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def find(self, event_id: str, conversation_id: str) -> Letter | None:
        """The Event's letter; None where it did not fail, was retried, or is of another conversation."""
        letter_id = await self._redis.hget(turn_key(event_id), "letter")
        if not letter_id:
            return None
        found: Any = await self._redis.xrange(DEAD, letter_id, letter_id)
        for found_id, fields in found:
            event = EVENT.validate_json(fields["event"])
            # a button's payload is in the hands of who presses it
            return Letter(found_id, event) if event.conversation_id == conversation_id else None
        return None

    async def drop(self, letter: Letter) -> None:
        """It was answered after all."""
        await self._redis.xdel(DEAD, letter.id)
