"""Trackers in Redis, written with their replies in one compare-and-set, fenced by the lease."""

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.inbox import lease_key, script
from contracts.reply import Reply
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.texts import Texts
from services.nlp.errors import LeaseLost, StoreDown, TrackerConflict, TrackerNewer

KEPT_DELETIONS = 50
"""Of so many deleted answers it is noted that they were; the words themselves go with the next turn."""
KEPT_REPLIES = 20
"""Of so many Events the replies are kept, to be replayed."""
TRACKER_VERSION = 2
_HEAD = f'{{"v": {TRACKER_VERSION}, "events": '
"""How a tracker is written; behind it come its events and a brace."""
_REPLIES = TypeAdapter(tuple[Reply, ...])


@dataclass(frozen=True)
class Stored:
    """A conversation as it was read."""

    version: int = 0
    events: list[TrackerEvent] = field(default_factory=list)
    replies: tuple[Reply, ...] | None = None
    """What the Event was answered before; None when it was not."""
    texts: Texts = field(default_factory=Texts)
    """The events as they were written."""


@dataclass(frozen=True)
class Hold:
    """One caller's lock on a conversation."""

    key: str
    token: str | bytes


class Store:
    """`tracker:{conversation}`: version, tracker events, and the last Events' replies."""

    def __init__(self, redis: Redis, tracker_days: int) -> None:
        self._redis = redis
        self._ttl_s = tracker_days * 24 * 3600
        self._take = redis.register_script(script("take"))
        self._forget = redis.register_script(script("forget"))
        self._commit = redis.register_script(script("commit"))
        self._commit_and_unlock = redis.register_script(script("unlock") + script("commit"))

    async def read(self, conversation_id: str, event_id: str) -> Stored:
        """The conversation, and the replies to this Event if it was answered already."""
        fields = ["version", "tracker", f"replies:{event_id}", "deleted"]
        try:
            found: list[Any] = await self._redis.hmget(_key(conversation_id), fields)
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error
        return stored_of(*found)

    async def forget(self, conversation_id: str, event_id: str) -> bool:
        """Note that the answer to this Event was deleted; False where there is no such conversation."""
        try:
            return bool(await self._forget([_key(conversation_id)], [event_id, KEPT_DELETIONS]))
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error

    async def take(self, conversation_id: str, hold: Hold, life_s: int) -> list[Any] | None:
        """Lock the conversation for so long: what `stored_of` reads; None while another has it."""
        try:
            found: list[Any] | None = await self._take(
                [hold.key, _key(conversation_id)], [hold.token, life_s * 1000]
            )
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error
        return found

    async def commit(
        self,
        conversation_id: str,
        event_id: str,
        read: Stored,
        events: list[TrackerEvent],
        replies: tuple[Reply, ...],
        lease: str | None,
        life_s: int | None = None,
        hold: Hold | None = None,
    ) -> None:
        """Write all of it or nothing, to be kept `life_s`; `hold` ends in either case.

        Raises LeaseLost or TrackerConflict.
        """
        keys = [lease_key(conversation_id), _key(conversation_id)]
        arguments: list[str | int | bytes] = [
            lease or "",
            read.version,
            life_s or self._ttl_s,
            f"{_HEAD}{read.texts.listed(events)}}}",
            event_id,
            _REPLIES.dump_json(replies),
            KEPT_REPLIES,
        ]
        try:
            if hold:
                answer = await self._commit_and_unlock([*keys, hold.key], [*arguments, hold.token])
            else:
                answer = await self._commit(keys, arguments)
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error
        if answer == 0:
            raise LeaseLost
        if answer < 0:
            raise TrackerConflict


def stored_of(
    version: str | None, events: str | None, replies: str | None = None, deleted: str | None = None
) -> Stored:
    """The conversation of a tracker's fields, without what deleted answers said; raises TrackerNewer."""
    texts = Texts()
    known = _events(events or "[]", texts)
    return Stored(
        version=int(version or 0),
        events=_without(set(json.loads(deleted)), known) if deleted else known,
        replies=None if replies is None else _REPLIES.validate_json(replies),
        texts=texts,
    )


def _events(text: str, texts: Texts) -> list[TrackerEvent]:
    """The tracker's events, of this version or the one before; raises TrackerNewer."""
    if text.startswith(_HEAD):
        return texts.read(text, len(_HEAD))
    content = json.loads(text)
    if isinstance(content, list):
        return [_modern(event) for event in content]
    if content["v"] != TRACKER_VERSION:
        raise TrackerNewer
    events: list[TrackerEvent] = content["events"]
    return events


def _without(deleted: set[str], events: list[TrackerEvent]) -> list[TrackerEvent]:
    """The events, those of deleted answers without their words: that something was said still counts."""
    kept: list[TrackerEvent] = []
    is_deleted = False
    for event in events:
        if event["event"] == "user":
            is_deleted = event.get("message_id") in deleted
        is_told = event["event"] == "bot" and is_deleted and (event.get("text") or event.get("data"))
        kept.append({**event, "text": "", "data": {}} if is_told else event)
    return kept


def _modern(event: TrackerEvent) -> TrackerEvent:
    """Version 1 kept of a message only the intent's name and the entities' values, and no times."""
    if event["event"] != "user":
        return {**event, "timestamp": 0.0}
    intent = {"name": event["intent"], "confidence": 1.0}
    parse = {"text": event["text"], "intent": intent, "entities": event["entities"], "intent_ranking": []}
    return {"event": "user", "text": event["text"], "parse_data": parse, "timestamp": 0.0}


def _key(conversation_id: str) -> str:
    return f"tracker:{conversation_id}"
