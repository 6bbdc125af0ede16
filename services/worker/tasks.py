"""Celery: brings wakes to worker processes. The inbox is the truth; a lost or doubled wake is harmless."""

from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.bootsteps import StartStopStep
from celery.signals import task_postrun
from celery.worker.consumer import Tasks
from kombu import Queue
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from contracts.task import QUEUE, RUN_CONVERSATION
from services.worker.errors import WakeFailed
from services.worker.settings import WorkerSettings

FULL_S = 0.01
"""How often a worker whose slots are all at work looks for a free one."""


class RunCrashed(Exception):
    """A bug's exception, by its type alone: its text may quote what a person wrote."""


def create_celery(settings: WorkerSettings) -> Celery:
    """The Celery app: JSON only, no results, no acknowledgements, nothing prefetched."""
    app = Celery("switchboard", broker=settings.redis_url)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_default_queue=QUEUE,
        task_queues=[Queue(QUEUE, no_ack=True)],
        worker_disable_prefetch=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_concurrency=settings.worker_slots,
        worker_pool="threads",
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_keepalive": True,
            "socket_connect_timeout": 5,
            "socket_timeout": 30,
            "health_check_interval": 10,
        },
        broker_pool_limit=4,
    )
    app.steps["consumer"].add(Unacknowledged)
    app.steps["consumer"].add(LookingOut)
    return app


class Unacknowledged(StartStopStep):
    """No book is kept of the wakes under way: it costs more than they do, and `due` knows what is left.

    `no_ack` alone keeps none, but Celery still acknowledges: one round trip more for each wake, and a note in
    memory that nothing takes away.
    """

    requires = (Tasks,)

    def start(self, parent: Any) -> None:
        parent.task_consumer.channel.basic_ack = _left_out


class LookingOut(StartStopStep):
    """A slot that becomes free takes the next wake soon.

    While all slots are at work, kombu listens to no queue, and Celery's loop turns once a second: only then
    would it see that one is free.
    """

    requires = (Tasks,)

    def start(self, parent: Any) -> None:
        self._hub = parent.hub
        self._qos = parent.task_consumer.channel.qos
        self._is_waiting = False
        task_postrun.connect(self._freed, weak=False, dispatch_uid="switchboard.slot.freed")

    def stop(self, parent: Any) -> None:
        task_postrun.disconnect(dispatch_uid="switchboard.slot.freed")

    def _freed(self, **_: object) -> None:
        """In a pool's thread; its slot counts as free a moment later."""
        self._hub.call_soon(self._look)

    def _look(self) -> None:
        """The loop turns now, and asks Redis if a slot is free by now; else it is to turn again soon."""
        if not self._is_waiting and not self._qos.can_consume():
            self._is_waiting = True
            self._hub.call_later(FULL_S, self._look_again)

    def _look_again(self) -> None:
        self._is_waiting = False
        self._look()


def _left_out(delivery_tag: str, multiple: bool = False) -> None:
    """In place of an acknowledgement."""


def add_tasks(app: Celery, run: Callable[[str], None]) -> None:
    """The one task: run a conversation, and keep this pool thread until it is run."""

    @app.task(name=RUN_CONVERSATION)
    def run_conversation(conversation_id: str) -> None:
        try:
            run(conversation_id)
        except Exception as error:  # the outermost edge: Celery, and its spans, tell what an error says
            raise RunCrashed(type(error).__name__) from None


def send_wake(app: Celery, conversation_id: str) -> None:
    """Enqueue a wake, once; raises WakeFailed."""
    try:
        app.send_task(RUN_CONVERSATION, [conversation_id], queue=QUEUE, retry=False, ignore_result=True)
    except (KombuError, RedisError, OSError) as error:
        raise WakeFailed(type(error).__name__) from error
