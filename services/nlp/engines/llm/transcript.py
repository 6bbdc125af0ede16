"""A turn's rounds so far: kept for a short while where the worker has to do something in between."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.reply import Reply
from services.nlp.actions.base import TrackerEvent
from services.nlp.engines.llm.heard import Heard
from services.nlp.engines.llm.parts import Message, ToolCall
from services.nlp.engines.llm.tools.running import CALL_PREFIX, MAX_CALLS, UNKNOWN, Ran
from services.nlp.errors import StoreDown

LIFE_S = 15 * 60
"""Longer than a turn is ever tried."""

MAX_KEPT = 2 * MAX_CALLS
"""Of more calls in one answer nothing is kept: each leaves a trace, and many would push the person's own
words out of the tracker."""


@dataclass
class Transcript:
    """What was asked, called and said in one turn; the photo that it may be about is not in it."""

    rounds: int = 0
    """So many times the model was asked."""
    said: str = ""
    """What the person was shown of the answer."""
    messages: list[Message] = field(default_factory=list)
    """Behind those that the turn began with."""
    traces: list[TrackerEvent] = field(default_factory=list)
    shown: Reply | None = None
    listed: Reply | None = None
    """The newest list to choose from."""
    opened: tuple[TrackerEvent, ...] = ()
    """What keeps it open in the tracker."""

    def waiting(self) -> list[ToolCall]:
        """The calls that have no result yet."""
        answered = {message.call_id for message in self.messages if message.call_id}
        return [call for message in self.messages for call in message.calls if call.id not in answered]

    def hear(self, heard: Heard, gap: str) -> None:
        """One answer of the model more: its words."""
        self.rounds += 1
        self.said += (gap if self.said and heard.text else "") + heard.text

    def call(self, heard: Heard, posts: int) -> None:
        """The calls of that answer, under ids of our own: `posts` times the turn was posted before."""
        # nine letters and digits, as Mistral's servers want them; servers' own may be empty, or double
        calls = tuple(
            ToolCall(f"c{posts:02d}{self.rounds:02d}{place:04d}", _name(call.name), call.arguments)
            for place, call in enumerate(heard.calls[:MAX_KEPT])
        )
        self.messages.append(Message("assistant", heard.text, calls=calls))

    def settle(self, ran: Iterable[Ran]) -> None:
        """What came of calls that need nothing more."""
        for one in ran:
            self.messages.append(Message("tool", one.outcome.told, call_id=one.call.id))
            self.traces.append(one.trace)
            self.shown = one.outcome.shown or self.shown
            if one.outcome.listed:
                self.listed, self.opened = one.outcome.listed, one.outcome.events


class Transcripts:
    """`rounds:{event}` in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def recall(self, event_id: str, results: Iterable[str]) -> Transcript:
        """The rounds of this Event's turn, where one of these results was asked for by a tool.

        Empty where they are gone, and the turn begins anew. Raises StoreDown.
        """
        if not any(call_id.startswith(CALL_PREFIX) for call_id in results):
            return Transcript()
        try:
            text = await self._redis.get(_key(event_id))
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error
        return _TRANSCRIPT.validate_json(text) if text else Transcript()

    async def keep(self, event_id: str, transcript: Transcript) -> None:
        """Until the worker posts the turn again. Raises StoreDown."""
        try:
            await self._redis.set(_key(event_id), _TRANSCRIPT.dump_json(transcript), ex=LIFE_S)
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error


_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")
_TRANSCRIPT = TypeAdapter(Transcript)


def _name(name: str) -> str:
    """As servers take a name back, whatever the model has made up."""
    return _NOT_IN_NAMES.sub("_", name)[:64] or UNKNOWN


def _key(event_id: str) -> str:
    return f"rounds:{event_id}"
