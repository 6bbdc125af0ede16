"""Enqueues wakes with Celery, off the event loop. A lost wake loses nothing: `due` has it."""

import logging
from collections.abc import Sequence
from queue import SimpleQueue
from threading import Thread

from celery import Celery
from kombu import Producer
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from contracts.inbox import Arrival
from contracts.log import header_name
from contracts.task import QUEUE, RUN_CONVERSATION
from foundation.tracing import PARENT
from services.gateway.metrics import WAKES_FAILED

log = logging.getLogger(__name__)

MOST = 100
"""Wakes of one round trip."""


class Waker:
    """One thread that publishes: wakes that come while it does go out together, in one round trip."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._waiting: SimpleQueue[Arrival | None] = SimpleQueue()
        self._thread = Thread(target=self._publish_until_closed, name="wake")
        self._thread.start()

    def wake(self, arrival: Arrival) -> None:
        """Have one wake enqueued, soon; waits for nothing."""
        self._waiting.put(arrival)

    def close(self) -> None:
        """Let what waits go out, and end the thread."""
        self._waiting.put(None)
        self._thread.join()

    def _publish_until_closed(self) -> None:
        going = True
        while going:
            found = [self._waiting.get()]
            while len(found) < MOST and not self._waiting.empty():
                found.append(self._waiting.get())
            going = None not in found
            self._publish([arrival for arrival in found if arrival])

    def _publish(self, arrivals: Sequence[Arrival]) -> None:
        """Enqueue them; a failure is logged, for the sweep comes to the conversations anyway."""
        producers = self._celery.producer_pool
        try:
            with producers.acquire(block=True) as producer, producer.batch():  # type: ignore[attr-defined]
                for arrival in arrivals:
                    self._send(arrival, producer)
        except (KombuError, RedisError, OSError) as error:
            WAKES_FAILED.inc(len(arrivals))
            log.warning("gateway.wake.failed", extra={"error": type(error).__name__})
        except Exception:  # the outermost edge: nobody else takes what comes next out of the queue
            WAKES_FAILED.inc(len(arrivals))
            log.exception("gateway.wake.crashed")

    def _send(self, arrival: Arrival, producer: Producer) -> None:
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
            producer=producer,
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
        broker_pool_limit=1,
        broker_connection_timeout=2,
        broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 5},
    )
    return app
