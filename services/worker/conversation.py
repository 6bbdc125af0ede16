"""Runs one conversation under its lease: Event after Event, in order, each to its end."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cached_property

from redis.exceptions import RedisError

from contracts.control import Control, NewerControl, StopRequested
from contracts.event import Event
from foundation import tracing
from foundation.allowing import AllowList
from foundation.correlation import correlated
from foundation.pausing import pause, unless
from services.worker import fence
from services.worker.beside import Later, beside
from services.worker.channels.base import Outcome
from services.worker.ending import Ending
from services.worker.errors import ChannelFailed, LeaseLost, TurnFailed, WorkerError
from services.worker.inbox import Inbox, Lease, Waiting
from services.worker.metrics import ATTEMPTS_FAILED, BURIED, LEASES_LOST, began, ended
from services.worker.obeying import Obey, Obeying
from services.worker.settings import WorkerSettings
from services.worker.times import now_ms

log = logging.getLogger(__name__)

MAX_EVENTS = 20
MAX_SECONDS = 10
"""After so much, the conversation queues up again behind the others."""

GIVE_BACK_EVERY_S = 0.3
LONGEST_AWAY_S = 10.0
"""While somebody cannot be reached it is tried again after 1, 2, 4, 8 s, and then so often."""

RunTurn = Callable[[Lease, Ending], Awaitable[Outcome]]
Apologize = Callable[[Lease, str], Awaitable[None]]


@dataclass(frozen=True)
class Conversations:
    """What it takes to run any conversation."""

    inbox: Inbox
    run_turn: RunTurn
    apologize: Apologize
    obey: Obey
    settings: WorkerSettings

    @cached_property
    def _controls(self) -> Obeying:
        return Obeying(self.inbox, self.obey, self.settings)

    async def run(self, conversation_id: str) -> bool:
        """Take the lease and work until nothing is left; True when work is left for another wake.

        Never raises what Redis or a turn may raise: what is not acknowledged stays due.
        """
        token = uuid.uuid4().hex
        woken, start = now_ms(), time.monotonic()
        with correlated(conversation_id=conversation_id, channel=_channel_of(conversation_id)):
            try:
                for _ in range(MAX_EVENTS):
                    lease = await self.inbox.lease(conversation_id, token)
                    if lease.state in ("busy", "idle", "newer"):
                        return False
                    lease.times.woken = woken
                    if not await self._serve(lease):
                        return False
                    if time.monotonic() - start > MAX_SECONDS:
                        break
                return await self.inbox.release(lease)
            except LeaseLost:
                LEASES_LOST.inc()
                log.warning("worker.lease.lost")
            except RedisError as error:
                log.warning("worker.redis.failed", extra={"error": type(error).__name__})
                return await self._give_back(Lease("event", conversation_id, token))
        return False

    async def _give_back(self, lease: Lease) -> bool:
        """Release what a fault of Redis may have left leased, as soon as it answers; its time is short."""
        deadline = time.monotonic() + self.settings.worker_lease_s
        while time.monotonic() < deadline:
            await asyncio.sleep(GIVE_BACK_EVERY_S)
            try:
                return await self.inbox.release(lease)
            except RedisError:
                continue
        return False

    async def _serve(self, lease: Lease) -> bool:
        """One Event or a batch of control Events; False when the lease was given back."""
        if lease.state == "control":
            return await self._controls.alone(lease)
        assert lease.event
        ids = {"event_id": lease.event.event_id, "attempt": str(lease.attempt)}
        known = {"trace_id": tracing.trace_id(lease.event.trace)} if lease.event.trace else {}
        spanned = tracing.span("turn", "consumer", lease.event.trace, **ids)
        with correlated(**ids, **known), spanned, fence.held(lease.hold):
            try:
                return await self._attempt(lease)
            except asyncio.CancelledError:  # shutting down: the next worker may begin at once
                await asyncio.shield(self.inbox.release(lease))
                raise

    async def _attempt(self, lease: Lease) -> bool:
        if self._given_up(lease):
            return await self._give_up(lease, "attempts_exhausted")
        assert lease.event
        if lease.attempt == 1:
            began(lease.event.at, lease.times)
        try:
            outcome = await self._turn(lease)
        except (TurnFailed, TimeoutError) as error:
            return await self._after_failure(lease, error)
        is_left = await self.inbox.acknowledge(lease, outcome)
        ended(_channel(lease), lease.event.at, lease.times)
        log.info("worker.turn.finished", extra={"outcome": outcome})
        return is_left

    async def _turn(self, lease: Lease) -> Outcome:
        assert lease.event
        ending = Ending()
        life_s = self.settings.worker_turn_s
        async with self._kept(lease, *self._listening(lease, ending)), self.inbox.running(lease.event):
            async with asyncio.timeout(life_s):
                return await self.run_turn(lease, ending)

    async def _after_failure(self, lease: Lease, error: Exception) -> bool:
        code = error.code if isinstance(error, WorkerError) else "turn_timeout"
        retryable = isinstance(error, TurnFailed) and error.retryable
        ATTEMPTS_FAILED.labels(_channel(lease)).inc()
        log.warning("worker.turn.failed", extra={"code": code, "retryable": retryable})
        wait_s = _blameless_wait_s(lease, error)
        if wait_s:
            await self.inbox.defer(lease, wait_s)
            return False
        if not retryable or _counted(lease) >= self.settings.worker_attempts:
            return await self._give_up(lease, code)
        await self.inbox.release(lease, self.settings.retry_s(_counted(lease)))
        return False

    def _given_up(self, lease: Lease) -> bool:
        is_old = lease.age_ms / 1000 > self.settings.worker_give_up_s
        return _counted(lease) > self.settings.worker_attempts or is_old

    async def _give_up(self, lease: Lease, code: str) -> bool:
        async with self._kept(lease):
            await self.apologize(lease, code)
        await self.inbox.bury(lease, code)
        BURIED.labels(_channel(lease)).inc()
        log.error("worker.event.buried", extra={"code": code})
        return True

    def _kept(self, lease: Lease, *more: Later) -> AbstractAsyncContextManager[None]:
        """Renews the lease all the while; the work inside is cancelled when it is lost."""
        every_s, renewed = self.settings.worker_lease_s / 3, time.monotonic()

        async def renew(done: asyncio.Event) -> None:
            nonlocal renewed
            is_on = True
            while is_on:
                try:
                    await self.inbox.renew(lease)
                    renewed = time.monotonic()
                except RedisError:
                    if time.monotonic() - renewed > self.settings.worker_lease_s:
                        raise LeaseLost from None
                is_on = await pause(every_s, done)

        return beside(Later(every_s, renew), *more)

    def _listening(self, lease: Lease, ending: Ending) -> list[Later]:
        """Has the turn end when that is asked for, and obeys other control Events."""
        assert lease.event
        event, place = lease.event, lease.conversation_id
        put_off: set[str] = set()

        async def listen(done: asyncio.Event) -> None:
            while controls := await unless(done, self.inbox.next_controls(place, len(put_off))):
                await self._hear(lease, ending, controls, put_off)

        async def supersede(done: asyncio.Event) -> None:
            if await unless(done, self.inbox.newer(event)):
                ending.ask("superseded")

        both = (listen, supersede) if self.settings.worker_newer_message == "supersede" else (listen,)
        return [Later(self.settings.worker_control_poll_s, work) for work in both]

    async def _hear(
        self, lease: Lease, ending: Ending, controls: tuple[Waiting, ...], put_off: set[str]
    ) -> None:
        assert lease.event
        if any(c and self._stops(c, lease.event) for c in controls):
            ending.ask()
            await self.inbox.note_stop(lease)
        if lease.event.event_id in await self._controls.all(lease, controls, put_off):
            ending.ask("deleted")

    def _stops(self, control: Control | NewerControl, event: Event) -> bool:
        """Whether it ends this turn: it is meant, and comes from the person who is answered or an admin."""
        if not isinstance(control, StopRequested) or not _is_meant(event, control):
            return False
        return control.user.id == event.user.id or AllowList(self.settings.admins).allows(control)


def _is_meant(event: Event, stop: StopRequested) -> bool:
    """Whether the stop is about this Event's turn."""
    return stop.at >= event.at if stop.target is None else stop.target == event.event_id


def _channel(lease: Lease) -> str:
    return _channel_of(lease.conversation_id)


def _channel_of(conversation_id: str) -> str:
    return conversation_id.split(":")[0]


def _blameless_wait_s(lease: Lease, error: Exception) -> float:
    """How long the Event waits for who is away or wants no call now; 0: it may itself be at fault."""
    if isinstance(error, TurnFailed) and error.is_away:
        return min(LONGEST_AWAY_S, 2.0**lease.deferred)
    return error.retry_after_s if isinstance(error, ChannelFailed) else 0


def _counted(lease: Lease) -> int:
    """The attempts that count against the Event."""
    return lease.attempt - lease.deferred
