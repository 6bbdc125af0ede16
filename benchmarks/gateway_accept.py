"""What one gateway process takes in, beside the same server doing less, or what tutorials do."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import redis

from benchmarks.deliveries import CONNECTIONS, post, slack_posts, telegram_posts
from benchmarks.rows import Row
from contracts.task import QUEUE
from tests.fakes.telegram_server import TelegramServer
from tests.integration.gateway.room import GatewayRoom
from tests.payloads import TELEGRAM_TOKEN
from tests.redis_process import RedisProcess, free_port
from tests.waiting import until

ROUNDS = 9
MANY, FEW, SLOW = 4000, 1000, 300
"""Requests of a sample: of what is quick, of what enqueues behind the answer, and before it."""
EACH = 80
"""Messages of one person, in what is measured without wakes: an inbox takes a hundred."""
HALF_S = 1
_WHAT = f"{CONNECTIONS} connections, appendfsync always"


@dataclass
class Servers:
    """A durable Redis, a gateway in front of it, and the app of benchmarks/bare_webhooks.py."""

    redis: redis.Redis
    redis_url: str
    gateway: int
    """The port that it listens on."""
    bare: int


@dataclass
class Samples:
    """Figures of all rounds, by what was measured."""

    of: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        """One more round."""
        self.of.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> float:
        return median(self.of[name])


def rows() -> list[Row]:
    """All that is compared is measured in each round, one after the other."""
    samples = Samples()
    with _servers() as servers:
        _sample_rates(servers, Samples())  # the first one finds everything cold
        for _ in range(ROUNDS):
            _sample_rates(servers, samples)
            _sample_wakes(servers, samples)
        half = samples["telegram"] / 2
        for _ in range(ROUNDS):
            servers.redis.flushall()
            found = post(telegram_posts(int(HALF_S * half), 100), servers.gateway, half)
            samples.add("half p50", found["p50_ms"])
            samples.add("half p99", found["p99_ms"])
    return _rows(samples)


@contextmanager
def _servers() -> Iterator[Servers]:
    with tempfile.TemporaryDirectory() as name:
        store = RedisProcess(Path(name))
        telegram = TelegramServer(token=TELEGRAM_TOKEN)
        telegram.start()
        store.start()
        room = GatewayRoom(
            Path(name),
            store.url,
            TELEGRAM_API_URL=telegram.url,
            GATEWAY_PERSON_RATE=str(MANY),
            LOG_LEVEL="INFO",
        )
        port = free_port()
        command = [sys.executable, "-m", "benchmarks.bare_webhooks", str(port), store.url]
        with subprocess.Popen(command) as bare:
            try:
                room.start()
                until(lambda: _answers(port), "the bare app answers", 30)
                yield Servers(redis.Redis.from_url(store.url), store.url, room.port, port)
            finally:
                bare.terminate()
                room.close()
                telegram.stop()
                store.stop()


def _answers(port: int) -> bool:
    try:
        return httpx.post(f"http://127.0.0.1:{port}/nothing").is_success
    except httpx.TransportError:
        return False


def _sample_rates(servers: Servers, samples: Samples) -> None:
    for name, path, count in (
        ("nothing", "/nothing", MANY),
        ("bare", "/bare", MANY),
        ("tutorial", "/tutorial", SLOW),
    ):
        servers.redis.flushall()
        found = post(telegram_posts(count, count // EACH, path), servers.bare)
        samples.add(name, found["rate"])
    for name, posts in (
        ("telegram", telegram_posts(MANY, MANY // EACH)),
        ("slack", slack_posts(MANY, MANY // EACH)),
    ):
        servers.redis.flushall()
        found = post(posts, servers.gateway)
        samples.add(name, found["rate"])
        samples.add("load generator", 100 * found["busy"])


def _sample_wakes(servers: Servers, samples: Samples) -> None:
    """From the first request on until all wakes are in the queue, each of a conversation of its own."""
    servers.redis.flushall()
    found = post(telegram_posts(FEW, FEW), servers.gateway)
    until(lambda: servers.redis.llen(QUEUE) == FEW, "all wakes are published", 60, 0.002)
    samples.add("idle", found["rate"])
    samples.add("wakes", FEW / (time.time() - found["begun"]))
    servers.redis.flushall()
    command = [sys.executable, "-m", "benchmarks.apply_async_loop", servers.redis_url, str(SLOW)]
    loop = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    samples.add("apply_async", float(loop.stdout))


def _rows(found: Samples) -> list[Row]:
    bare, tutorial, loop = found["bare"], found["tutorial"], found["apply_async"]
    reads, tutors, alone = (
        "bare FastAPI that parses it",
        "FastAPI + apply_async",
        "apply_async alone in a loop",
    )
    took = f"Telegram webhooks accepted durably, {_WHAT}"
    return [
        Row(took, found["telegram"], "req/s", bare, reads, round(0.75 * bare), True),
        Row(
            f"{took}, beside tutorials",
            found["telegram"],
            "req/s",
            tutorial,
            tutors,
            round(10 * tutorial),
            True,
        ),
        Row(f"Slack webhooks accepted durably, {_WHAT}", found["slack"], "req/s", bare, reads),
        Row(f"{took}, every conversation idle", found["idle"], "req/s", bare, reads),
        Row("accept latency at half of that load, p50", found["half p50"], "ms"),
        Row("accept latency at half of that load, p99", found["half p99"], "ms", None, "", 25),
        Row(
            "wakes published behind the answers, all idle",
            found["wakes"],
            "/s",
            loop,
            alone,
            round(0.9 * loop),
            True,
        ),
        Row("an endpoint that does nothing: what can be measured at all", found["nothing"], "req/s"),
        Row("the load generator's share of a core while webhooks are accepted", found["load generator"], "%"),
    ]
