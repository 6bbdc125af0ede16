"""Enqueues wakes with Celery, off the event loop. A lost wake loses nothing: `due` has it."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from celery import Celery
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from contracts.inbox import Arrival
from contracts.log import header_name
from contracts.task import QUEUE, RUN_CONVERSATION
from foundation.tracing import PARENT
from services.gateway.metrics import WAKES_FAILED

log = logging.getLogger(__name__)


class Waker:
    """Two threads that publish; waiting wakes stand in their queue."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._threads = ThreadPoolExecutor(2, "wake")

    async def wake(self, arrival: Arrival) -> None:
        """Enqueue one wake; a failure is logged, for the sweep comes to the conversation anyway."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._threads, self._send, arrival)
        except (KombuError, RedisError, OSError) as error:
            WAKES_FAILED.inc()
            log.warning("gateway.wake.failed", extra={"error": type(error).__name__})

    def close(self) -> None:
        """Let what waits go out, and end the threads."""
        self._threads.shutdown()

    def _send(self, arrival: Arrival) -> None:
        event = arrival.event
        headers = {
            header_name("conversation_id"): event.conversation_id,
            header_name("event_id"): event.event_id,
            header_name("channel"): event.conversation_id.split(":")[0],
        }
        if event.trace:  # Celery's instrumentation takes it from here
            headers[PARENT] = event.trace
        self._celery.send_task(
            RUN_CONVERSATION,
            [event.conversation_id],
            queue=QUEUE,
            headers=headers,
            retry=False,
            ignore_result=True,
        )


def create_celery(redis_url: str) -> Celery:
    """A Celery app that only sends."""
    app = Celery("switchboard-gateway", broker=redis_url)
    app.conf.update(
        task_serializer="json",
        task_ignore_result=True,
        task_default_queue=QUEUE,
        broker_pool_limit=2,
        broker_connection_timeout=2,
        broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 5},
    )
    return app
