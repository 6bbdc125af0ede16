"""A web conversation's stream in Redis: the person's own lines in, everything out."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.inbox import CLAIM_TTL_S, script, web_key
from contracts.web import (
    ENTRY_FIELD,
    PASSING_MAXLEN,
    STREAM_MAXLEN,
    STREAM_TTL_S,
    WEB_ENTRY,
    AnswerAsked,
    BotReplied,
    PersonSaid,
    ReplyRated,
    WebEntry,
)
from foundation.pausing import pause
from services.gateway.metrics import LISTENERS

log = logging.getLogger(__name__)

Entry = tuple[str, str]
"""A stream entry's id and its WebEntry as JSON."""
Line = PersonSaid | AnswerAsked | ReplyRated
"""What the person's own doing leaves in the stream."""
LASTING = ("said", "asked", "reply", "rated", "done")
_BLOCK_MS = 100
"""How long a read waits; so long a page waits at most until it is part of the next one."""


class WebStream:
    """Writes lines, reads history, and follows all conversations that pages listen to with one reader."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._say = redis.register_script(script("said"))
        self._queues: dict[str, set[asyncio.Queue[Entry]]] = defaultdict(set)
        self._positions: dict[str, str] = {}

    async def say(self, conversation_id: str, event_id: str, line: Line) -> None:
        """Append what the person said or asked, once for each Event."""
        keys = [web_key(conversation_id), f"seen:said:{event_id}"]
        arguments: list[str | int] = [
            CLAIM_TTL_S,
            STREAM_TTL_S,
            STREAM_MAXLEN + PASSING_MAXLEN,
            ENTRY_FIELD,
            line.model_dump_json(),
        ]
        await self._say(keys, arguments)

    async def history(self, conversation_id: str) -> tuple[list[tuple[str, WebEntry]], str]:
        """Lines, replies and ends of turns, and the id to listen on from."""
        found = await self._range(conversation_id, "-", "+")
        entries = [(entry_id, _known(text)) for entry_id, text in found]
        lasting = [(entry_id, entry) for entry_id, entry in entries if entry and entry.type in LASTING]
        return lasting, entries[-1][0] if entries else "0-0"

    async def reply(self, conversation_id: str, entry_id: str) -> BotReplied | None:
        """The bot's reply that has this entry id; None where it is gone or was none."""
        for _, text in await self._range(conversation_id, entry_id, entry_id):
            entry = _known(text)
            return entry if isinstance(entry, BotReplied) else None
        return None

    async def follow(self, conversation_id: str, after: str) -> AsyncGenerator[Entry, None]:
        """Every entry behind `after`, as it comes, for ever."""
        last = _number(after)
        with self._listening(conversation_id, after) as (queue, read_to):
            for entry_id, entry in await self._missed(conversation_id, after, read_to):
                last = _number(entry_id)
                yield entry_id, entry
            while True:
                entry_id, entry = await queue.get()
                if _number(entry_id) > last:
                    last = _number(entry_id)
                    yield entry_id, entry

    async def read_until(self, done: asyncio.Event) -> None:
        """The one reader: hands new entries to whoever listens."""
        while not done.is_set():
            if not self._positions:
                await pause(_BLOCK_MS / 1000, done)
                continue
            try:
                await self._read()
            except RedisError as error:
                log.warning("gateway.stream.unreadable", extra={"error": type(error).__name__})
                await pause(0.5, done)

    async def _read(self) -> None:
        places: dict[Any, Any] = {web_key(c): place for c, place in self._positions.items()}
        found: Any = await self._redis.xread(places, block=_BLOCK_MS)
        for key, entries in found:
            conversation = key.removeprefix(web_key(""))
            if self._positions.get(conversation) != places[key]:
                continue  # everybody left meanwhile, or somebody came who listens from elsewhere
            for entry_id, fields in entries:
                self._positions[conversation] = entry_id
                for queue in self._queues.get(conversation, ()):
                    queue.put_nowait((entry_id, fields[ENTRY_FIELD]))

    async def _missed(self, conversation_id: str, after: str, read_to: str) -> list[Entry]:
        """What the reader has handed out to others before this listener came."""
        if _number(read_to) <= _number(after):
            return []
        return await self._range(conversation_id, f"({after}", read_to)

    async def _range(self, conversation_id: str, first: str, last: str) -> list[Entry]:
        found: Any = await self._redis.xrange(web_key(conversation_id), first, last)
        return [(entry_id, fields[ENTRY_FIELD]) for entry_id, fields in found]

    @contextmanager
    def _listening(self, conversation_id: str, after: str) -> Iterator[tuple[asyncio.Queue[Entry], str]]:
        queue: asyncio.Queue[Entry] = asyncio.Queue()
        self._queues[conversation_id].add(queue)
        read_to = self._positions.setdefault(conversation_id, after)
        LISTENERS.inc()
        try:
            yield queue, read_to
        finally:
            LISTENERS.dec()
            self._queues[conversation_id].discard(queue)
            if not self._queues[conversation_id]:
                del self._queues[conversation_id], self._positions[conversation_id]


def _known(text: str) -> WebEntry | None:
    """The entry; None where a newer worker wrote one of a kind that is not known here."""
    try:
        return WEB_ENTRY.validate_json(text)
    except ValidationError:
        return None


def _number(entry_id: str) -> tuple[int, int]:
    """A stream entry's id as something that compares; raises ValueError where it is none."""
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence or 0)
