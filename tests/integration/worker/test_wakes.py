"""Wakes from a real queue reach the slots of a real Celery worker."""

import subprocess
import sys
from pathlib import Path

from services.worker.settings import WorkerSettings
from services.worker.tasks import create_celery, send_wake
from tests.redis_process import RedisProcess
from tests.waiting import until

WAKES = 40
WORKER = """
import sys, threading
from services.worker.settings import WorkerSettings
from services.worker.tasks import add_tasks, create_celery

def run(conversation_id):
    threading.Event().wait(0.005)
    print(conversation_id, flush=True)

app = create_celery(WorkerSettings(redis_url=sys.argv[1], worker_slots=2))
add_tasks(app, run)
app.worker_main(["worker", "-l", "ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"])
"""


def test_a_worker_whose_slots_were_all_at_work_takes_the_next_wake_soon(
    redis_process: RedisProcess, tmp_path: Path
) -> None:
    app = create_celery(WorkerSettings(redis_url=redis_process.url))
    for number in range(WAKES):
        send_wake(app, f"web:{number}")
    lines = tmp_path / "taken"

    def taken() -> list[str]:
        return [line for line in lines.read_text().splitlines() if line.startswith("web:")]

    with lines.open("wb") as out:
        worker = subprocess.Popen([sys.executable, "-c", WORKER, redis_process.url], stdout=out)
    try:
        until(taken, "the worker is there", 60)
        # twenty times both slots were at work; waiting a second each time would take longer than this
        until(lambda: len(taken()) == WAKES, "all are run", 12)
    finally:
        worker.kill()
        worker.wait()
    assert sorted(taken()) == sorted(f"web:{number}" for number in range(WAKES))
