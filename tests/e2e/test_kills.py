"""SIGKILL under load, at seeded points, of every part in turn: what was accepted is answered once."""

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

from tests.e2e.stack import Stack
from tests.e2e.web_person import WebPerson

SHORT = {
    "WORKER_LEASE_S": "2",
    "WORKER_SWEEP_S": "0.3",
    "WORKER_RETRY_S": "[0.5, 2, 5, 15]",  # nlp takes some seconds to come back, on a busy machine many
    "GATEWAY_WAKE_S": "1",
}
PEOPLE = 6
MESSAGES = 12
RECOVERY_S = 20


def stack_of(folder: Path, settings: dict[str, str]) -> Stack:
    return Stack(folder, {"NLP_BOT": "echo", "GATEWAY_PERSON_RATE": "100000", **settings}, workers=2)


def kill_worker(stack: Stack) -> None:
    stack["worker1"].kill()
    stack["worker1"].start()


def kill_gateway(stack: Stack) -> None:
    stack["gateway"].kill()
    stack["gateway"].start()


def kill_nlp(stack: Stack) -> None:
    stack["nlp"].kill()
    stack["nlp"].start()


def kill_redis(stack: Stack) -> None:
    stack.redis.kill()
    stack.redis.start()


KILLS: list[Callable[[Stack], None]] = [kill_worker, kill_gateway, kill_nlp, kill_redis]


def talk_through(stack: Stack, kill: Callable[[Stack], None], after: int) -> float:
    """People talk; after so many accepted messages comes the kill. Gives the slowest end's delay in s."""
    people = [WebPerson(stack.url) for _ in range(PEOPLE)]
    accepted = threading.Semaphore(0)

    def talk(person: WebPerson) -> list[str]:
        ids = []
        for number in range(MESSAGES):
            ids.append(person.say(f"line {number}"))
            accepted.release()
        return ids

    with ThreadPoolExecutor(PEOPLE) as pool:
        talks = [pool.submit(talk, person) for person in people]
        for _ in range(after):
            assert accepted.acquire(timeout=60)
        kill(stack)
        stack.wait_ready()
        ids = [future.result() for future in talks]
    began = monotonic()
    for person, mine in zip(people, ids, strict=True):
        person.wait_reply(mine[-1], timeout_s=60)
        assert person.replies() == [(event_id, f"line {n}") for n, event_id in enumerate(mine)]
        said = [entry["event_id"] for entry in person.entries() if entry["type"] == "said"]
        assert said == mine
    return monotonic() - began


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Leases, sweeps and retries are short; it is whole again after each kill."""
    with stack_of(tmp_path_factory.mktemp("short"), SHORT) as stack:
        yield stack


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """With the settings that an installation has at first."""
    with stack_of(tmp_path_factory.mktemp("usual"), {}) as stack:
        yield stack


@pytest.mark.parametrize("kill", KILLS)
@pytest.mark.timeout(240)
def test_a_killed_part_loses_and_doubles_nothing(kill: Callable[[Stack], None], short: Stack) -> None:
    points = random.Random(kill.__name__).sample(range(5, PEOPLE * MESSAGES - 10), 3)
    for after in points:
        talk_through(short, kill, after)


@pytest.mark.alone
@pytest.mark.parametrize("kill", KILLS)
@pytest.mark.timeout(240)
def test_at_the_default_settings_recovery_takes_under_20_s(
    kill: Callable[[Stack], None], usual: Stack
) -> None:
    assert talk_through(usual, kill, PEOPLE * MESSAGES // 2) < RECOVERY_S
