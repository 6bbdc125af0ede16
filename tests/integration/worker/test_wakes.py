"""Wakes from a real queue reach the slots of a real Celery worker."""

import threading

from celery.contrib.testing.worker import start_worker

from services.worker.settings import WorkerSettings
from services.worker.tasks import add_tasks, create_celery, send_wake
from tests.redis_process import RedisProcess
from tests.waiting import until

WAKES = 40


def test_a_worker_whose_slots_were_all_at_work_takes_the_next_wake_soon(redis_process: RedisProcess) -> None:
    taken: list[str] = []

    def run(conversation_id: str) -> None:
        threading.Event().wait(0.005)
        taken.append(conversation_id)

    app = create_celery(WorkerSettings(redis_url=redis_process.url, worker_slots=2))
    add_tasks(app, run)
    for number in range(WAKES):
        send_wake(app, f"web:{number}")
    with start_worker(app, concurrency=2, pool="threads", perform_ping_check=False):
        # twenty times both slots were at work; waiting a second each time would take longer than this
        until(lambda: len(taken) == WAKES, "all are run", 12)
    assert sorted(taken) == sorted(f"web:{number}" for number in range(WAKES))
