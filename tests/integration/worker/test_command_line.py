"""`switchboard dead` and `switchboard trace` on a real Redis."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import Result
from redis.asyncio import Redis
from typer import Typer
from typer.testing import CliRunner

from contracts.inbox import DEAD, DUE, inbox_key, turn_key
from services.worker.deliver import TurnRecord
from services.worker.inbox import Inbox
from services.worker.times import now_ms
from switchboard.trace import app as trace_app
from switchboard.worker import app as worker_app
from tests.acceptance import accept
from tests.builders import arrival, message
from tests.redis_process import RedisProcess

WORDS = "what the person wrote"
LONG_ID = "web:33b29221-61b4-8556-ac26-74fbe6e4f312:bf1fca0b218f771cdf2d6397fb855238"
"""As the page makes them."""


@pytest.fixture
async def traced(redis_client: Redis) -> str:
    """An event that was answered at its second attempt."""
    accepted = now_ms()
    event = message(WORDS, event_id="e2", at=accepted)
    await accept(redis_client, arrival(event))
    inbox = Inbox(redis_client, 15)
    failed = await inbox.lease("web:c1", "a")
    record = await TurnRecord.read(redis_client, failed)
    await record.mark_partial({0: WORDS})
    await record.mark_failure("room_unavailable")
    await inbox.release(failed)
    lease = await inbox.lease("web:c1", "b")
    times, record = lease.times, await TurnRecord.read(redis_client, lease)
    times.failures, times.woken, times.first, times.sent = record.failures, times.leased, now_ms(), now_ms()
    times.nlp.seconds, times.delivery.seconds = 0.02, 0.005
    await inbox.acknowledge(lease, "finished")
    return "e2"


@pytest.fixture
async def letter(redis_client: Redis) -> str:
    """The id of a dead letter."""
    await accept(redis_client, arrival(message(WORDS, event_id=LONG_ID)))
    inbox = Inbox(redis_client, 15)
    lease = await inbox.lease("web:c1", "a")
    await inbox.bury(lease, "model_timeout")
    await inbox.release(lease)
    return str((await redis_client.xrange(DEAD))[0][0])


def switchboard(redis: RedisProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "REDIS_URL": redis.url, "COLUMNS": "80"}
    command = [sys.executable, "-m", "switchboard", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def trace(redis: RedisProcess, *arguments: str) -> Result:
    """The same for `trace`, without a process of its own."""
    return run(trace_app, redis.url, "trace", *arguments)


def run(of: Typer, redis_url: str, *arguments: str) -> Result:
    """A command of that part of the command line, in this process."""
    return CliRunner().invoke(of, arguments, env={"REDIS_URL": redis_url, "COLUMNS": "200"})


def test_the_list_says_what_failed_and_no_word_of_it(redis_process: RedisProcess, letter: str) -> None:
    listed = switchboard(redis_process, "dead", "list")
    assert listed.returncode == 0, listed.stderr
    assert all(part in listed.stdout for part in (letter, "web:c1", LONG_ID, "model_timeout"))
    assert WORDS not in listed.stdout
    assert WORDS in run(worker_app, redis_process.url, "dead", "show", letter).output


async def test_a_letter_of_a_newer_version_is_listed_all_the_same(
    redis_process: RedisProcess, redis_client: Redis
) -> None:
    newer = {"v": 99, "kind": "thought", "event_id": "e9", "conversation_id": "web:c9", "said": WORDS}
    await redis_client.xadd(DEAD, {"event": json.dumps(newer), "error": "version_newer"})
    found = run(worker_app, redis_process.url, "dead", "list")
    assert (found.exit_code, "web:c9" in found.output, WORDS in found.output) == (0, True, False)


@pytest.mark.parametrize(("of", "command"), [(worker_app, "dead list"), (trace_app, "trace e1")])
def test_a_redis_that_is_away_is_told_in_a_sentence(of: Typer, command: str) -> None:
    found = run(of, f"redis://:{WORDS.split()[0]}@127.0.0.1:1/0", *command.split())
    assert found.exit_code == 1
    assert found.output.startswith("Redis at 127.0.0.1:1 does not answer (ConnectionError): ")
    assert WORDS.split()[0] not in found.output


async def test_a_retried_letter_gets_a_fresh_start(
    redis_process: RedisProcess, redis_client: Redis, letter: str
) -> None:
    assert run(worker_app, redis_process.url, "dead", "retry", letter).exit_code == 0
    assert await redis_client.llen(inbox_key("web:c1")) == 1
    assert await redis_client.zscore(DUE, "web:c1") is not None
    assert await redis_client.xlen(DEAD) == 0
    assert (await Inbox(redis_client, 15).lease("web:c1", "b")).attempt == 1


async def test_a_dropped_letter_is_gone(
    redis_process: RedisProcess, redis_client: Redis, letter: str
) -> None:
    assert run(worker_app, redis_process.url, "dead", "drop", letter).exit_code == 0
    assert await redis_client.xlen(DEAD) == 0
    assert run(worker_app, redis_process.url, "dead", "retry", letter).exit_code == 1


def test_trace_tells_a_turns_path_without_a_word_of_it(redis_process: RedisProcess, traced: str) -> None:
    table = trace(redis_process, traced).stdout
    assert all(part in table for part in ("finished", "attempt 1 failed: room_unavailable", "acknowledged"))
    told = json.loads(trace(redis_process, traced, "--json").stdout)
    assert (told["state"], told["attempts"]) == ("finished", 2)
    points = [step["what"] for step in told["path"] if "at" in step]
    assert points == [
        "accepted",
        "the first attempt began",
        "attempt 1 failed: room_unavailable",
        "a worker was woken",
        "the lease was taken",
        "something was shown",
        "the last reply was sent",
        "acknowledged",
    ]
    assert [step["took_ms"] for step in told["path"] if "took_ms" in step] == [20, 5]
    assert WORDS not in table


def test_trace_says_why_a_turn_failed_for_good(redis_process: RedisProcess, letter: str) -> None:
    assert "dead (model_timeout)" in trace(redis_process, LONG_ID).stdout


def test_trace_of_an_unknown_event_says_so(redis_process: RedisProcess) -> None:
    traced = trace(redis_process, "unknown")
    assert (traced.exit_code, traced.stdout) == (1, "")
    assert traced.stderr.startswith("no record: the Event is unknown")


async def test_what_stays_of_a_finished_turn_is_small(redis_client: Redis, traced: str) -> None:
    stub = await redis_client.hgetall(turn_key(traced))
    assert sum(len(name) + len(value) for name, value in stub.items()) <= 300
    assert set(stub) == {"v", "attempts", "first_at", "state", "times"}
