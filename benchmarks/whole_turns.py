"""Whole turns: signed webhook in, answer at the platform; how many with one worker process, and how fast."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles

import httpx
import psutil
import redis

from benchmarks.noop_tasks import QUEUE, TASK, noop_app
from benchmarks.rows import Row
from benchmarks.turn_stack import SLOTS, Crowd, turn_stack
from contracts.event import MessageSent, Person
from contracts.turn import TurnRequest
from tests.e2e.stack import Stack
from tests.waiting import until

ROUNDS = 5
TURNS = 400
TASKS = 1000
ALONE = 60
"""Turns one after the other, a round."""
_WARM = 100
_CELERY = "Celery's own no-op tasks"


def rows() -> list[Row]:
    """One worker beside Celery alone, turn and turn about."""
    with turn_stack() as stack, _celery(stack):
        return asyncio.run(_one_worker(stack))


@contextmanager
def _celery(stack: Stack) -> Iterator[None]:
    """A worker of Celery's own beside ours, on the same Redis; it rests while ours works."""
    command = [sys.executable, "-m", "benchmarks.noop_tasks", stack.redis.url, str(SLOTS)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _noop_rate(stack, _WARM)
            yield
        finally:
            process.terminate()


async def _one_worker(stack: Stack) -> list[Row]:
    rates, tasks, spent, late, thought = [], [], [], [], []
    async with Crowd(stack) as crowd:
        await crowd.rate(_WARM)
        for _ in range(ROUNDS):
            tasks.append(await asyncio.to_thread(_noop_rate, stack, TASKS))
            before = _spent_ms(stack)
            rates.append(await crowd.rate(TURNS))
            spent.append((_spent_ms(stack) - before) / TURNS)
            late += [1000 * await crowd.talk() for _ in range(ALONE)]
            thought += await _thought_ms(stack)
    baseline = median(tasks)
    overhead = [whole - median(thought) for whole in late]
    own = "less what nlp takes of it"
    return [
        Row("whole turns, one worker process", median(rates), "/s", baseline, _CELERY, _goal(baseline), True),
        Row("CPU of all rooms for a whole turn", median(spent), "ms"),
        Row(f"a turn on an idle stack, {own}, p50", median(overhead), "ms", median(thought), "nlp", 15),
        Row(f"a turn on an idle stack, {own}, p99", quantiles(overhead, n=100)[-1], "ms", None, "", 40),
    ]


def _goal(baseline: float) -> float:
    return round(max(150, 0.25 * baseline))


def _noop_rate(stack: Stack, tasks: int) -> float:
    """Tasks a second from the first that is sent to the last that is taken."""
    app = noop_app(stack.redis.url, SLOTS)
    with redis.Redis(port=stack.redis.port) as client, app.connection_for_write() as connection:
        began = time.monotonic()
        for _ in range(tasks):
            app.send_task(TASK, queue=QUEUE, connection=connection)
        until(lambda: not (client.llen(QUEUE) or client.hlen("unacked")), "all tasks are run", 60, 0.005)
        return tasks / (time.monotonic() - began)


async def _thought_ms(stack: Stack) -> list[float]:
    """What nlp takes for the same turns, asked by itself."""
    token = (stack.folder / "secrets" / "internal_token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    times = []
    async with httpx.AsyncClient(base_url=stack.environment["NLP_URL"], headers=headers) as client:
        for number in range(ALONE):
            place = f"telegram:b0:{time.monotonic_ns()}"
            event = MessageSent(
                event_id=f"{place}:{number}", conversation_id=place, at=1, user=Person(id="p"), text="hello"
            )
            body = TurnRequest(event=event).model_dump_json()
            began = time.monotonic()
            (await client.post("/turns", content=body)).raise_for_status()
            times.append(1000 * (time.monotonic() - began))
    return times


def _spent_ms(stack: Stack) -> float:
    """CPU time of the rooms and Redis."""
    running = [room.process for room in stack.rooms.values() if room.process and room.process.poll() is None]
    times = [psutil.Process(one.pid).cpu_times() for one in (*running, stack.redis.process) if one]
    return 1000 * sum(float(spent.user + spent.system) for spent in times)
