"""`switchboard dead` and `switchboard trace` on a real Redis."""

import os
import subprocess
import sys

import pytest
from redis.asyncio import Redis

from contracts.inbox import DEAD, DUE, inbox_key
from services.worker.inbox import Inbox
from tests.acceptance import accept
from tests.builders import arrival, message
from tests.redis_process import RedisProcess

WORDS = "what the person wrote"


@pytest.fixture
async def letter(redis_client: Redis) -> str:
    """The id of a dead letter, of event `e1`."""
    await accept(redis_client, arrival(message(WORDS, event_id="e1")))
    inbox = Inbox(redis_client, 15)
    lease = await inbox.lease("web:c1", "a")
    await inbox.bury(lease, "model_timeout")
    await inbox.release(lease)
    return str((await redis_client.xrange(DEAD))[0][0])


def switchboard(redis: RedisProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "REDIS_URL": redis.url, "COLUMNS": "200"}
    command = [sys.executable, "-m", "switchboard", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_the_list_says_what_failed_and_no_word_of_it(redis_process: RedisProcess, letter: str) -> None:
    listed = switchboard(redis_process, "dead", "list")
    assert listed.returncode == 0, listed.stderr
    assert all(part in listed.stdout for part in (letter, "web:c1", "e1", "model_timeout"))
    assert WORDS not in listed.stdout
    assert WORDS in switchboard(redis_process, "dead", "show", letter).stdout


async def test_a_retried_letter_gets_a_fresh_start(
    redis_process: RedisProcess, redis_client: Redis, letter: str
) -> None:
    assert switchboard(redis_process, "dead", "retry", letter).returncode == 0
    assert await redis_client.llen(inbox_key("web:c1")) == 1
    assert await redis_client.zscore(DUE, "web:c1") is not None
    assert await redis_client.xlen(DEAD) == 0
    assert (await Inbox(redis_client, 15).lease("web:c1", "b")).attempt == 1


async def test_a_dropped_letter_is_gone(
    redis_process: RedisProcess, redis_client: Redis, letter: str
) -> None:
    assert switchboard(redis_process, "dead", "drop", letter).returncode == 0
    assert await redis_client.xlen(DEAD) == 0
    assert switchboard(redis_process, "dead", "retry", letter).returncode == 1


def test_trace_says_what_became_of_an_event(redis_process: RedisProcess, letter: str) -> None:
    traced = switchboard(redis_process, "trace", "e1")
    assert '"state": "dead"' in traced.stdout
    assert switchboard(redis_process, "trace", "unknown").returncode == 1
