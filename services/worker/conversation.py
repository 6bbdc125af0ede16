"""Runs one conversation under its lease: Event after Event, in order, each to its end."""

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from contracts.control import Control, DeleteRequested, FeedbackGiven, StopRequested
from foundation.correlation import correlated
from foundation.pausing import pause
from services.worker.channels.base import Outcome
from services.worker.errors import LeaseLost, TurnFailed, WorkerError
from services.worker.inbox import Inbox, Lease
from services.worker.settings import WorkerSettings

log = logging.getLogger(__name__)

MAX_EVENTS = 20
MAX_SECONDS = 10
"""After so much, the conversation queues up again behind the others."""

GIVE_BACK_EVERY_S = 0.3

RunTurn = Callable[[Lease, asyncio.Event], Awaitable[Outcome]]
Apologize = Callable[[Lease, str], Awaitable[None]]
Delete = Callable[[DeleteRequested], Awaitable[None]]
Rate = Callable[[FeedbackGiven], Awaitable[None]]


@dataclass(frozen=True)
class Conversations:
    """What it takes to run any conversation."""

    inbox: Inbox
    run_turn: RunTurn
    apologize: Apologize
    delete: Delete
    rate: Rate
    settings: WorkerSettings

    async def run(self, conversation_id: str) -> bool:
        """Take the lease and work until nothing is left; True when work is left for another wake.

        Never raises what Redis or a turn may raise: what is not acknowledged stays due.
        """
        token = uuid.uuid4().hex
        began = time.monotonic()
        with correlated(conversation_id=conversation_id, channel=conversation_id.split(":")[0]):
            try:
                for _ in range(MAX_EVENTS):
                    lease = await self.inbox.lease(conversation_id, token)
                    if lease.state in ("busy", "idle", "newer"):
                        return False
                    if not await self._serve(lease):
                        return False
                    if time.monotonic() - began > MAX_SECONDS:
                        break
                return await self.inbox.release(lease)
            except LeaseLost:
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
            await self._obey(lease, await self.inbox.controls(lease.conversation_id))
            return True
        assert lease.event
        with correlated(event_id=lease.event.event_id, attempt=str(lease.attempt)):
            try:
                return await self._attempt(lease)
            except asyncio.CancelledError:  # shutting down: the next worker may begin at once
                await asyncio.shield(self.inbox.release(lease))
                raise

    async def _attempt(self, lease: Lease) -> bool:
        if self._given_up(lease):
            return await self._give_up(lease, "attempts_exhausted")
        try:
            outcome = await self._turn(lease)
        except (TurnFailed, TimeoutError) as error:
            return await self._after_failure(lease, error)
        await self.inbox.acknowledge(lease, outcome)
        log.info("worker.turn.finished", extra={"outcome": outcome})
        return True

    async def _turn(self, lease: Lease) -> Outcome:
        stop = asyncio.Event()
        async with self._kept(lease), self._listening(lease, stop):
            async with asyncio.timeout(self.settings.worker_turn_s):
                return await self.run_turn(lease, stop)

    async def _after_failure(self, lease: Lease, error: Exception) -> bool:
        code = error.code if isinstance(error, WorkerError) else "turn_timeout"
        retryable = isinstance(error, TurnFailed) and error.retryable
        log.warning("worker.turn.failed", extra={"code": code, "retryable": retryable})
        if not retryable or lease.attempt >= self.settings.worker_attempts:
            return await self._give_up(lease, code)
        await self.inbox.release(lease, self.settings.retry_s(lease.attempt))
        return False

    def _given_up(self, lease: Lease) -> bool:
        age_s = time.time() - lease.first_at / 1000
        tried = lease.attempt > 1
        return lease.attempt > self.settings.worker_attempts or (
            tried and age_s > self.settings.worker_give_up_s
        )

    async def _give_up(self, lease: Lease, code: str) -> bool:
        async with self._kept(lease):
            await self.apologize(lease, code)
        await self.inbox.bury(lease, code)
        log.error("worker.event.buried", extra={"code": code})
        return True

    async def _obey(self, lease: Lease, controls: tuple[Control, ...]) -> None:
        for control in controls:
            if isinstance(control, DeleteRequested):
                await self.delete(control)
            elif isinstance(control, FeedbackGiven):
                await self.rate(control)
            log.info("worker.control.obeyed", extra={"kind": control.kind})
        await self.inbox.settle(lease, len(controls))

    @asynccontextmanager
    async def _kept(self, lease: Lease) -> AsyncIterator[None]:
        """Renews the lease all the while; the work inside is cancelled when it is lost."""

        async def renew(done: asyncio.Event) -> None:
            renewed = time.monotonic()
            while await pause(self.settings.worker_lease_s / 3, done):
                try:
                    await self.inbox.renew(lease)
                    renewed = time.monotonic()
                except RedisError:
                    if time.monotonic() - renewed > self.settings.worker_lease_s:
                        raise LeaseLost from None

        async with _beside(renew):
            yield

    @asynccontextmanager
    async def _listening(self, lease: Lease, stop: asyncio.Event) -> AsyncIterator[None]:
        """Sets `stop` when the person asks for it, and obeys other control Events."""
        assert lease.event
        began_at = lease.event.at

        async def listen(done: asyncio.Event) -> None:
            while await pause(self.settings.worker_control_poll_s, done):
                try:
                    controls = await self.inbox.controls(lease.conversation_id)
                except RedisError:
                    continue
                if any(isinstance(c, StopRequested) and c.at >= began_at for c in controls):
                    stop.set()
                if controls:
                    await self._obey(lease, controls)

        async with _beside(listen):
            yield


@asynccontextmanager
async def _beside(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Runs work beside the block until the block is done; what the work raises ends the block."""
    done = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work(done))
            try:
                yield
            finally:
                done.set()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
