"""What the worker counts while it runs conversations, and where it can be read."""

import httpx
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from services.worker import metrics
from services.worker.channels.base import Outcome
from services.worker.conversation import Conversations
from services.worker.ending import Ending
from services.worker.errors import RoomUnavailable
from services.worker.inbox import Inbox, Lease
from services.worker.pacer import Limit, Pacer
from services.worker.settings import WorkerSettings
from services.worker.times import now_ms
from tests.acceptance import accept
from tests.builders import arrival, message
from tests.redis_process import free_port

CONVERSATION = "web:c1"


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"switchboard_{name}", labels) or 0


class Counted:
    """How much the numbers have grown since this was made."""

    def __init__(self, *names: str, **labels: str) -> None:
        self._labels = labels
        self._before = {name: counted(name, **labels) for name in names}

    def grown(self) -> list[float]:
        return [counted(name, **self._labels) - before for name, before in self._before.items()]


def conversations(redis: Redis, fails: list[str]) -> Conversations:
    async def run(lease: Lease, ending: Ending) -> Outcome:
        with lease.times.nlp:
            if fails:
                raise RoomUnavailable(fails.pop())
        return "finished"

    async def nothing(*_: object) -> None:
        return None

    settings = WorkerSettings(worker_retry_s=(0.01,))
    return Conversations(Inbox(redis, 15), run, nothing, nothing, settings)


async def test_a_turn_is_counted_with_its_wait_and_stages(redis_client: Redis) -> None:
    turn = Counted("turn_seconds_count", channel="web")
    wait = Counted("inbox_wait_seconds_count", "inbox_wait_seconds_sum")
    nlp = Counted("stage_seconds_count", stage="nlp")
    leases = Counted("leases_total", state="event")
    failed = Counted("attempts_failed_total", channel="web")
    await accept(redis_client, arrival(message(at=now_ms() - 2000)))
    runner = conversations(redis_client, fails=["nlp is away"])
    for _ in range(2):
        await runner.run(CONVERSATION)
    assert [counter.grown() for counter in (turn, nlp, leases, failed)] == [[1], [1], [2], [1]]
    waits, seconds = wait.grown()
    assert waits == 1, "only the first attempt ends the wait"
    assert 2 <= seconds < 60


async def test_a_wait_for_the_rate_limit_is_counted_and_a_refusal_too(redis_client: Redis) -> None:
    counters = Counted("pacer_wait_seconds_count", "pacer_refused_total", "pacer_penalties_total")
    pacer, limit = Pacer(redis_client), Limit("hash:scope", 300)
    assert [await pacer.take(limit), await pacer.take(limit)] == [True, True]
    await pacer.penalize(limit, 60)
    assert not await pacer.take(limit, max_wait_s=0)
    assert counters.grown() == [1, 1, 1]


def test_each_worker_of_a_host_answers_on_a_port_of_its_own() -> None:
    port = free_port()
    first, second = metrics.serve("127.0.0.1", port), metrics.serve("127.0.0.1", port)
    assert port <= first < second
    for one in (first, second):
        text = httpx.get(f"http://127.0.0.1:{one}/metrics", trust_env=False).text
        assert "switchboard_conversations_running 0.0" in text
