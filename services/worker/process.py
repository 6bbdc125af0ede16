"""One worker process: a single event loop runs all turns, and Celery's pool threads wait on it."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from foundation.pausing import cancel_all
from services.worker.conversation import Conversations
from services.worker.errors import WakeFailed
from services.worker.inbox import Inbox
from services.worker.metrics import RUNNING
from services.worker.settings import WorkerSettings
from services.worker.sweep import Sweep

log = logging.getLogger(__name__)

Wake = Callable[[str], None]
"""Puts a wake on the Celery queue; blocks, and raises WakeFailed."""
OpenConversations = Callable[[], AbstractAsyncContextManager[tuple[Inbox, Conversations]]]
"""Builds everything that lives on the event loop, and closes it again."""


class WorkerProcess:
    """Runs conversations, for the queue's wakes and for its own sweep."""

    def __init__(self, settings: WorkerSettings, open_conversations: OpenConversations, wake: Wake) -> None:
        self._settings = settings
        self._open = open_conversations
        self._send_wake = wake
        self._running: set[asyncio.Task[None]] = set()
        self._draining = asyncio.Event()
        self._ready: threading.Event = threading.Event()
        self._thread = threading.Thread(target=self._run_loop, name="turns")

    def start(self) -> None:
        """Begin to sweep; returns when the first conversation could run."""
        self._thread.start()
        while not self._ready.wait(0.1):
            if not self._thread.is_alive():
                raise SystemExit("the worker's event loop did not start: see the traceback above")

    def run(self, conversation_id: str) -> None:
        """Run a conversation and wait for it; call from a pool thread. A draining worker leaves it due."""
        if self._draining.is_set():
            return
        asyncio.run_coroutine_threadsafe(self._run_for_pool(conversation_id), self._loop).result()

    def drain(self) -> None:
        """Take nothing new. What still runs after the soft shutdown is left to other workers."""
        self._loop.call_soon_threadsafe(self._draining.set)

    def stop(self) -> None:
        """Drain, and wait until everything is closed."""
        if self._thread.is_alive():
            self.drain()
            self._thread.join()

    def _run_loop(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception:  # the outermost edge: a worker that cannot run turns must not look alive
            log.exception("worker.loop.crashed")
            signal.raise_signal(signal.SIGTERM)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with self._open() as (inbox, self._conversations):
            sweep = Sweep(inbox, self._settings, has_room=self._has_room, run=self._begin, wake=self._wake)
            self._ready.set()
            await sweep.run_until(self._draining)
            await self._finish_running()

    async def _finish_running(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=self._settings.worker_soft_shutdown_s)
        await cancel_all(self._running)

    async def _run_for_pool(self, conversation_id: str) -> None:
        if not self._draining.is_set():
            await asyncio.wait({self._begin(conversation_id)})

    def _has_room(self) -> bool:
        return len(self._running) < self._settings.worker_slots

    def _begin(self, conversation_id: str) -> asyncio.Task[None]:
        task = asyncio.create_task(self._run(conversation_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _run(self, conversation_id: str) -> None:
        with RUNNING.track_inprogress():
            try:
                more = await self._conversations.run(conversation_id)
            except Exception:  # the outermost edge: what is not acknowledged stays due
                log.exception("worker.conversation.crashed")
                return
        if more:
            await self._wake(conversation_id)

    async def _wake(self, conversation_id: str) -> None:
        try:
            await asyncio.to_thread(self._send_wake, conversation_id)
        except WakeFailed as error:  # the conversation stays due: a sweep will come to it
            log.warning("worker.wake.failed", extra={"error": str(error)})
