"""The record of one turn's messages in Redis: what makes a takeover edit instead of post again."""

import json
from collections.abc import Mapping

from redis.asyncio import Redis

from contracts import inbox as keys
from contracts.conversation import Conversation
from contracts.web import ENTRY_FIELD, PASSING_MAXLEN, STREAM_MAXLEN, STREAM_TTL_S
from services.worker.errors import LeaseLost
from services.worker.inbox import Lease
from services.worker.times import now_ms

ASKED = "asked"
"""The field of a retry's record that names the Event which nlp was asked about."""


class TurnRecord:
    """`turn:{event}` as its lease's holder reads and writes it: a Delivery for the channels.

    Fields: `sending:{index}` before a first send, `sent:{index}` (message ids) after it, `partial` (text by
    index) when an attempt failed in mid-answer, `failed:{attempt}` (Unix ms and code) when it failed at all.
    """

    def __init__(self, redis: Redis, lease: Lease, fields: dict[str, str]) -> None:
        assert lease.event
        self._event = lease.event
        self._lease = lease
        self._fields = fields
        self._record = redis.register_script(keys.script("record"))
        self._publish = redis.register_script(keys.script("publish"))
        self._keys = [keys.lease_key(lease.conversation_id), keys.turn_key(lease.event.event_id)]

    @classmethod
    def of(cls, redis: Redis, lease: Lease) -> "TurnRecord":
        """The record as it was when the lease was taken."""
        return cls(redis, lease, dict(lease.record))

    @classmethod
    async def read(cls, redis: Redis, lease: Lease) -> "TurnRecord":
        """The record as earlier attempts have left it."""
        assert lease.event
        fields = await redis.hgetall(keys.turn_key(lease.event.event_id))
        return cls(redis, lease, {str(name): str(value) for name, value in fields.items()})

    @property
    def attempt(self) -> int:
        return self._lease.attempt

    def sent(self, index: int) -> tuple[str, ...] | None:
        known = self._fields.get(f"sent:{index}")
        return None if known is None else tuple(json.loads(known))

    def maybe_sent(self, index: int) -> bool:
        return f"sending:{index}" in self._fields and f"sent:{index}" not in self._fields

    async def mark_sending(self, index: int) -> None:
        await self._write(f"sending:{index}", "1")

    async def mark_sent(self, index: int, message_ids: tuple[str, ...]) -> None:
        conversation = Conversation.parse(self._event.conversation_id)
        places = [keys.message_key(conversation.channel, conversation.chat, i) for i in message_ids]
        await self._write(f"sent:{index}", json.dumps(message_ids), *places)

    async def mark_asked(self, event_id: str) -> None:
        """The turn answers another Event than its own, one that failed: nlp knows the answer by that one."""
        await self._write(ASKED, event_id)

    async def mark_error(self, code: str) -> None:
        """Why the last attempt failed, for `switchboard trace`."""
        await self._write("error", code)

    async def mark_failure(self, code: str) -> None:
        """When and why this attempt failed, for `switchboard trace`."""
        await self._write(f"failed:{self.attempt}", f"{now_ms()} {code}")

    @property
    def failures(self) -> tuple[tuple[int, int, str], ...]:
        """The attempts that failed, oldest first: number, Unix ms, code."""
        return failures_in(self._fields)

    @property
    def partial(self) -> dict[int, str]:
        """What the last attempt that failed had shown of replies that came to no end."""
        return {int(index): text for index, text in json.loads(self._fields.get("partial", "{}")).items()}

    @property
    def is_stopped(self) -> bool:
        """Whether a person has stopped the turn in an earlier attempt, which could not show it."""
        return keys.STOPPED in self._fields

    async def mark_partial(self, partial: Mapping[int, str]) -> None:
        """Keep what stays visible of an attempt that failed, until the turn is over."""
        if partial:
            await self._write("partial", json.dumps(partial))

    async def begin_apology(self) -> bool:
        """Mark the one apology before it is sent; False when it was marked already."""
        if "apology" in self._fields:
            return False
        await self._write("apology", "1")
        return True

    async def publish(self, entry: str, name: str = "", replaces: tuple[str, ...] = ()) -> str:
        longest = STREAM_MAXLEN if name else STREAM_MAXLEN + PASSING_MAXLEN
        limits = (keys.TURN_TTL_S, STREAM_TTL_S, longest)
        places = [*self._keys, keys.web_key(self._event.conversation_id)]
        arguments: list[str | int] = [self._lease.token, name, *limits, ENTRY_FIELD, entry, *replaces]
        entry_id = await self._publish(places, arguments)
        if entry_id is None:
            raise LeaseLost
        return str(entry_id)

    async def _write(self, field: str, value: str, *message_keys: str) -> None:
        asked = json.dumps({"event_id": self._event.event_id, "user": self._event.user.id})
        arguments: list[str | int] = [self._lease.token, keys.TURN_TTL_S, asked, field, value]
        if not await self._record(keys=[*self._keys, *message_keys], args=arguments):
            raise LeaseLost
        self._fields[field] = value


def failures_in(record: Mapping[str, str]) -> tuple[tuple[int, int, str], ...]:
    """The failed attempts of a turn's record, oldest first: number, Unix ms, code."""
    found = []
    for name, value in record.items():
        if name.startswith("failed:"):
            at, _, code = value.partition(" ")
            found.append((int(name.removeprefix("failed:")), int(at), code))
    return tuple(sorted(found))
