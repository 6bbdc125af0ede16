"""The worker's side of the inbox: every change is one script, fenced by the lease's token."""

import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts import inbox as keys
from contracts.control import CONTROL_OR_NEWER, Control, NewerControl
from contracts.conversation import Conversation
from contracts.event import EVENT, EVENT_VERSION, Event, MessageSent, Person
from contracts.inbox import script
from contracts.task import QUEUE
from services.worker.errors import LeaseLost
from services.worker.fence import Hold, now
from services.worker.looks import EVERY_S, Looks
from services.worker.metrics import leased
from services.worker.times import Times

log = logging.getLogger(__name__)

NEWER_VERSION_MS = 30_000
"""How long an Event that only a newer worker understands is put off."""
SWEEP_LIMIT = 500
CLOCK_JUMP_MS = 60_000
"""A conversation due further ahead than this was scored by a clock that has jumped."""
LONGEST_GAP_MS = 5 * 60_000
"""What lies between two attempts counts as no more; a longer time is a clock's jump, or nobody worked."""
LONGEST_DEFER_S = 50
"""Less than what a jumped clock looks like."""

Waiting = Control | NewerControl | None
"""A control Event as it is found in the list; None for what nobody can read."""

_COUNTS = ("attempts", "first_at", "deferred", "age")


@dataclass(frozen=True)
class Lease:
    """What taking a lease came to."""

    state: Literal["busy", "idle", "newer", "control", "event"]
    conversation_id: str
    token: str
    event: Event | None = None
    attempt: int = 0
    first_at: int = 0
    """When the first attempt began, in Unix milliseconds."""
    deferred: int = 0
    """So many of the attempts found the platform's door closed, which is no fault of the Event's."""
    age_ms: int = 0
    """How long ago the first attempt began, whatever the clock did meanwhile."""
    times: Times = field(default_factory=Times)
    hold: Hold = field(default_factory=Hold)
    record: Mapping[str, str] = field(default_factory=dict)
    """The turn's record as the attempts before this one have left it."""


class Inbox:
    """Leases, acknowledgements and the sweep."""

    def __init__(
        self, redis: Redis, lease_s: float, look_every_s: float = EVERY_S, turn_s: float = 600
    ) -> None:
        """look_every_s: how often it is looked at what people want of the turns that run; turn_s: how long
        one may run."""
        self.redis = redis
        self._looks = Looks(redis, look_every_s)
        self._lease_ms = int(lease_s * 1000)
        self._running_s = int(turn_s) + 1
        self._scripts = {
            name: redis.register_script(script(name))
            for name in ("lease", "renew", "acknowledge", "bury", "record", "settle", "release", "sweep")
        }

    async def lease(self, conversation_id: str, token: str) -> Lease:
        """Take or keep the lease and begin an attempt at the oldest Event."""
        limits = [self._lease_ms, keys.TURN_TTL_S, EVENT_VERSION, NEWER_VERSION_MS, LONGEST_GAP_MS]
        running = (_running_key(conversation_id, ""), self._running_s)
        hold = self._hold()
        state, *rest = await self._run("lease", conversation_id, token, *limits, *running)
        leased(state).inc()
        if state != "event":
            return Lease(state, conversation_id, token)
        event, fields = rest
        record = dict(zip(fields[::2], fields[1::2], strict=True))
        attempt, first_at, deferred, age_ms = (int(record.get(name, 0)) for name in _COUNTS)
        oldest = EVENT.validate_json(event)
        counts = (attempt, first_at, deferred, age_ms)
        return Lease(state, conversation_id, token, oldest, *counts, hold=hold, record=record)

    async def renew(self, lease: Lease) -> None:
        """Keep the lease for its full length from now on."""
        hold = self._hold()
        if not await self._run("renew", lease.conversation_id, lease.token, self._lease_ms):
            raise LeaseLost
        lease.hold.until = hold.until

    def _hold(self) -> Hold:
        """What a lease is that is taken now."""
        return Hold(now() + self._lease_ms / 1000)

    async def acknowledge(self, lease: Lease, outcome: str) -> bool:
        """The turn is over: remove its Event and what belonged to it.

        True when work is left; else the lease is given back.
        """
        event = _event(lease)
        left = await self._run(
            "acknowledge",
            lease.conversation_id,
            lease.token,
            event.event_id,
            outcome,
            keys.TURN_TTL_S,
            lease.times.told(event),
            more_keys=(
                keys.turn_key(event.event_id),
                keys.DEAD,
                _running_key(event.conversation_id, event.user.id),
                *_belongings(event),
            ),
        )
        if left < 0:
            raise LeaseLost
        return bool(left)

    async def bury(self, lease: Lease, error: str) -> None:
        """Move the Event to the dead letters."""
        event = _event(lease)
        left = await self._run(
            "bury",
            lease.conversation_id,
            lease.token,
            event.event_id,
            error,
            keys.TURN_TTL_S,
            more_keys=(
                keys.turn_key(event.event_id),
                keys.DEAD,
                _running_key(event.conversation_id, event.user.id),
                *_belongings(event),
            ),
        )
        if left < 0:
            raise LeaseLost

    async def release(self, lease: Lease, delay_s: float = 0) -> bool:
        """Give the lease back; True when work is left, due after the delay."""
        left = await self._run("release", lease.conversation_id, lease.token, int(delay_s * 1000))
        return bool(left == 1)

    async def defer(self, lease: Lease, delay_s: float) -> None:
        """Give the lease back for so long at least, without blame for the Event.

        A longer delay than the sweep believes comes in parts: the conversation is tried meanwhile.
        """
        turn = keys.turn_key(_event(lease).event_id)
        delay_ms = int(min(delay_s, LONGEST_DEFER_S) * 1000)
        await self._run("release", lease.conversation_id, lease.token, delay_ms, more_keys=(turn,))

    async def controls(self, conversation_id: str) -> tuple[Waiting, ...]:
        """The control Events that are not dealt with yet, oldest first."""
        found: Any = await self.redis.lrange(keys.control_key(conversation_id), 0, -1)
        return tuple(map(_control, found))

    async def next_controls(self, conversation_id: str, known: int) -> tuple[Waiting, ...]:
        """The same, as soon as there are more than so many."""
        return tuple(map(_control, await self._looks.longer(keys.control_key(conversation_id), known)))

    async def note_stop(self, lease: Lease) -> None:
        """Write into the turn's record that a person has stopped it: no later attempt answers after all.

        Raises LeaseLost: then the turn is another worker's, or over.
        """
        places = [keys.lease_key(lease.conversation_id), keys.turn_key(_event(lease).event_id)]
        if not await self._scripts["record"](places, [lease.token, keys.TURN_TTL_S, "", keys.STOPPED, 1]):
            raise LeaseLost

    async def newer(self, event: Event) -> bool:
        """True as soon as this person has written again while their Event, the oldest, is being answered."""
        waiting = ["itself"]
        while not any(_is_message_of(event.user, fact) for fact in waiting[1:]):
            waiting = await self._looks.longer(keys.inbox_key(event.conversation_id), len(waiting))
        return True

    @asynccontextmanager
    async def running(self, event: Event) -> AsyncIterator[None]:
        """The block is this person's turn. Its lease has noted where it runs, for those who can tell only who
        they are, and its acknowledgement ends that; so does a fault in the block."""
        try:
            yield
        except BaseException:
            with suppress(RedisError):  # it expires
                await self.redis.zrem(
                    _running_key(event.conversation_id, event.user.id), event.conversation_id
                )
            raise

    async def settle(self, lease: Lease, count: int, put_off: Sequence[Control | NewerControl] = ()) -> None:
        """Remove the first control Events: they are dealt with, but for those of them that are put off."""
        later = [control.model_dump_json() for control in put_off]
        if not await self._run("settle", lease.conversation_id, lease.token, count, *later):
            raise LeaseLost

    async def sweep(self, interval_s: float, longest_list: int) -> tuple[str, ...]:
        """Claim the conversations whose time has come; nobody else gets them for a lease's length."""
        lock_ms = int(interval_s * 750)
        arguments = [lock_ms, SWEEP_LIMIT, self._lease_ms, CLOCK_JUMP_MS, longest_list]
        claimed = await self._scripts["sweep"]([keys.DUE, keys.SWEEP_LOCK, QUEUE], arguments)
        return tuple(claimed)

    async def _run(
        self, name: str, conversation_id: str, *arguments: Any, more_keys: tuple[str, ...] = ()
    ) -> Any:
        places = (
            keys.lease_key(conversation_id),
            keys.DUE,
            keys.inbox_key(conversation_id),
            keys.control_key(conversation_id),
        )
        return await self._scripts[name]([*places, *more_keys], [conversation_id, *arguments])


MESSAGE = MessageSent.model_fields["kind"].default


def _is_message_of(person: Person, text: str) -> bool:
    fact = json.loads(text)
    return bool(fact["kind"] == MESSAGE and fact["user"]["id"] == person.id)


def _control(text: str) -> Waiting:
    try:
        return CONTROL_OR_NEWER.validate_json(text)
    except ValidationError:
        log.warning("worker.control.unknown")
        return None


def _running_key(conversation_id: str, user: str) -> str:
    place = Conversation.parse(conversation_id)
    return keys.running_key(place.channel, place.account, place.chat, user)


def _event(lease: Lease) -> Event:
    if lease.event is None:
        raise ValueError("this lease holds no Event")
    return lease.event


def _belongings(event: Event) -> tuple[str, ...]:
    photo = event.photo if isinstance(event, MessageSent) else None
    return (keys.photo_key(photo.id),) if photo and photo.source == "upload" else ()
