"""The dead letters as a retry needs them: an Event that failed for good, with what it said."""

from typing import Any

from redis.asyncio import Redis

from contracts.event import EVENT, Event, RegenerationRequested
from contracts.inbox import DEAD, turn_key


class Letters:
    """Finds letters as bury.lua has noted them; acknowledge.lua removes those that were answered."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def find(self, event_id: str, conversation_id: str) -> Event | None:
        """The Event of that id, if it failed for good, in this conversation, and was not retried since."""
        letter_id = await self._redis.hget(turn_key(event_id), "letter")
        if not letter_id:
            return None
        found: Any = await self._redis.xrange(DEAD, letter_id, letter_id)
        for _, fields in found:
            event = EVENT.validate_json(fields["event"])
            # a button's payload is in the hands of who presses it
            return event if event.conversation_id == conversation_id else None
        return None

    async def is_moot(self, event: RegenerationRequested) -> bool:
        """Whether what failed was answered after the person had asked for it again: by another try at it."""
        answered = await self._redis.hget(turn_key(event.target), "answered")
        return answered is not None and event.at < int(answered)
