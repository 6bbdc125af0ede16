"""What a turn did before it waited for the worker: done once, however often the turn is posted."""

from dataclasses import dataclass, field

from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.reply import Reply
from services.nlp.actions.base import TrackerEvent
from services.nlp.errors import StoreDown

LIFE_S = 15 * 60
"""Longer than a turn is ever tried."""


@dataclass(frozen=True)
class Begun:
    """A session's beginning, the message heard, and the actions done, with what they did and said."""

    events: list[TrackerEvent] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    is_answering: bool = False
    """Whether actions that answer are among them: the dialogue engine has taken the turn."""


class Pauses:
    """`begun:{conversation}:{event}` in Redis, of turns that wait."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, conversation_id: str, event_id: str, version: int, begun: Begun) -> None:
        """Until the worker posts the turn again; `version` is the tracker's. Raises StoreDown."""
        text = _KEPT.dump_json((version, begun))
        try:
            await self._redis.set(_key(conversation_id, event_id), text, ex=LIFE_S)
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error

    async def recall(self, conversation_id: str, event_id: str, version: int) -> Begun | None:
        """None where nothing is kept, or the tracker has changed since. Raises StoreDown."""
        try:
            text = await self._redis.get(_key(conversation_id, event_id))
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error
        began_at, begun = _KEPT.validate_json(text) if text else (None, None)
        return begun if began_at == version else None


_KEPT: TypeAdapter[tuple[int, Begun]] = TypeAdapter(tuple[int, Begun])


def _key(conversation_id: str, event_id: str) -> str:
    return f"begun:{conversation_id}:{event_id}"
