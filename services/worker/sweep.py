"""The sweep: finds conversations whose time has come, and proves that this worker works."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError

from foundation.pausing import pause
from services.worker.inbox import Inbox
from services.worker.metrics import SWEPT
from services.worker.settings import WorkerSettings

log = logging.getLogger(__name__)

LISTS_PER_SLOT = 4
"""No more wakes while the Celery list holds so many for each slot of this worker."""


class Sweep:
    """One tick every `worker_sweep_s`, under a lock that all workers share."""

    def __init__(
        self,
        inbox: Inbox,
        settings: WorkerSettings,
        *,
        has_room: Callable[[], bool],
        run: Callable[[str], object],
        wake: Callable[[str], Awaitable[None]],
    ) -> None:
        self._inbox = inbox
        self._settings = settings
        self._has_room = has_room
        self._run = run
        self._wake = wake

    async def run_until(self, done: asyncio.Event) -> None:
        """Tick until it is set; a Redis that is away is waited for."""
        going = True
        while going:
            try:
                await self._tick()
            except RedisError as error:
                log.warning("worker.sweep.failed", extra={"error": type(error).__name__})
            going = await pause(self._settings.worker_sweep_s, done)

    async def _tick(self) -> None:
        longest_list = LISTS_PER_SLOT * self._settings.worker_slots
        claimed = await self._inbox.sweep(self._settings.worker_sweep_s, longest_list)
        self._beat()
        for conversation_id in claimed:
            SWEPT.inc()
            # an idle worker needs no queue, which may be full or have lost its consumer
            if self._has_room():
                self._run(conversation_id)
            else:
                await self._wake(conversation_id)

    def _beat(self) -> None:
        path = self._settings.worker_heartbeat_file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
