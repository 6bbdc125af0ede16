"""Processes that answer, hang, die and are replaced."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from services.face.errors import Busy, NotReady, PhotoFailed, PhotoTimedOut, PhotoUnreadable
from services.face.pool import Pool
from tests.waiting import auntil, until

Work = Callable[[str], str]


def make_work(folder: Path) -> Work:
    """Work that does what its question says."""

    def work(question: str) -> str:
        if question == "hang":
            signal.pause()
        if question == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if question == "die once" and not (folder / "died").exists():
            (folder / "died").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if question == "raise":
            raise PhotoUnreadable("so it is")
        if question == "defect":
            raise ZeroDivisionError
        if question == "wait":
            until((folder / "go").exists, "told to go on")
        return f"{question} by {os.getpid()}"

    return work


def make_slowly(folder: Path) -> Work:
    until((folder / "go").exists, "told to go on")
    return str.upper


def make_nothing() -> Work:
    raise SystemExit(3)


@asynccontextmanager
async def started(
    folder: Path, processes: int = 1, queue: int = 4, limit_s: float = 20
) -> AsyncIterator[Pool[str, str]]:
    pool: Pool[str, str] = Pool(partial(make_work, folder), processes, queue, limit_s)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.close()


async def revived(pool: Pool[str, str]) -> None:
    async def ready() -> bool:
        return pool.ready()

    await auntil(ready, "a process is there again")


async def test_a_question_is_answered_by_another_process(tmp_path: Path) -> None:
    async with started(tmp_path) as pool:
        answer = await pool.ask("hello")
        assert answer == f"hello by {pool.pids()[0]}"
        assert str(os.getpid()) not in answer


async def test_as_many_are_answered_at_once_as_there_are_processes(tmp_path: Path) -> None:
    async with started(tmp_path, processes=2) as pool:
        waiting = asyncio.create_task(pool.ask("wait"))
        assert (await pool.ask("quick")).startswith("quick")
        (tmp_path / "go").touch()
        assert (await waiting).startswith("wait")


async def test_what_the_work_raises_reaches_the_caller_and_the_process_lives_on(tmp_path: Path) -> None:
    async with started(tmp_path) as pool:
        before = pool.pids()
        with pytest.raises(PhotoUnreadable, match="so it is"):
            await pool.ask("raise")
        with pytest.raises(PhotoFailed):
            await pool.ask("defect")
        assert await pool.ask("hello")
        assert pool.pids() == before


async def test_when_the_queue_is_full_the_next_one_is_told_to_come_again(tmp_path: Path) -> None:
    async with started(tmp_path, queue=2) as pool:
        asked = [asyncio.create_task(pool.ask("wait")) for _ in range(3)]

        async def two_wait() -> bool:
            return pool.waiting == 2

        await auntil(two_wait, "one is worked on, two wait")
        with pytest.raises(Busy) as refused:
            await pool.ask("one too many")
        assert refused.value.retry_after_s
        (tmp_path / "go").touch()
        assert len(await asyncio.gather(*asked)) == 3
        assert await pool.ask("hello")


async def test_without_a_queue_one_at_a_time_is_answered(tmp_path: Path) -> None:
    async with started(tmp_path, queue=0) as pool:
        for _ in range(3):
            assert await pool.ask("hello")


async def test_a_stuck_process_is_killed_and_replaced(tmp_path: Path) -> None:
    async with started(tmp_path, limit_s=1.5) as pool:
        [stuck] = pool.pids()
        with pytest.raises(PhotoTimedOut):
            await pool.ask("hang")
        await revived(pool)
        assert stuck not in pool.pids()
        with pytest.raises(ProcessLookupError):
            os.kill(stuck, 0)
        assert await pool.ask("hello")
        assert pool.replaced == 1


async def test_a_process_that_does_not_even_take_the_photo_is_killed(tmp_path: Path) -> None:
    async with started(tmp_path, limit_s=1.5) as pool:
        os.kill(pool.pids()[0], signal.SIGSTOP)
        with pytest.raises(PhotoTimedOut):
            await pool.ask("x" * 5_000_000)
        assert (await pool.ask("hello")).startswith("hello")


async def test_a_photo_whose_process_died_is_tried_once_more(tmp_path: Path) -> None:
    async with started(tmp_path) as pool:
        assert (await pool.ask("die once")).startswith("die once by")
        assert pool.replaced == 1


async def test_a_photo_that_kills_two_processes_is_given_up_and_the_others_go_on(tmp_path: Path) -> None:
    async with started(tmp_path) as pool:
        asked = [asyncio.create_task(pool.ask(question)) for question in ("die", "one", "two")]
        with pytest.raises(PhotoFailed) as failed:
            await asked[0]
        assert failed.value.retryable
        assert [(await task).split()[0] for task in asked[1:]] == ["one", "two"]


async def test_a_process_killed_while_idle_does_not_fail_the_next_question(tmp_path: Path) -> None:
    async with started(tmp_path) as pool:
        os.kill(pool.pids()[0], signal.SIGKILL)
        assert await pool.ask("hello")


async def test_a_process_killed_while_idle_is_replaced_before_anybody_asks(tmp_path: Path) -> None:
    async with started(tmp_path, processes=2) as pool:
        killed = pool.pids()[0]
        os.kill(killed, signal.SIGKILL)

        async def two_again() -> bool:
            return len(pool.pids()) == 2 and killed not in pool.pids() and pool.replaced == 1

        await auntil(two_again, "both processes are there")
        assert await pool.ask("hello")


async def test_a_caller_who_hangs_up_does_not_mix_up_the_answers(tmp_path: Path) -> None:
    async with started(tmp_path) as pool:
        gone = asyncio.create_task(pool.ask("wait"))
        waiting = [asyncio.create_task(pool.ask(f"{number}")) for number in range(3)]

        async def three_wait() -> bool:
            return pool.waiting == 3

        await auntil(three_wait, "one is worked on, three wait")
        gone.cancel()
        waiting[0].cancel()
        with suppress(asyncio.CancelledError):
            await gone
        (tmp_path / "go").touch()
        assert [(await task).split()[0] for task in waiting[1:]] == ["1", "2"]
        assert pool.waiting == 0


async def test_a_process_that_cannot_load_its_work_is_not_ready() -> None:
    pool: Pool[str, str] = Pool(make_nothing, 1, 1, 1)
    with pytest.raises(NotReady):
        await pool.start()
    assert not pool.ready()
    await pool.close()


async def test_a_pool_is_ready_once_its_work_is_loaded_and_not_before(tmp_path: Path) -> None:
    pool: Pool[str, str] = Pool(partial(make_slowly, tmp_path), 1, 1, 1)
    starting = asyncio.create_task(pool.start())

    async def spawned() -> bool:
        return bool(pool.pids())

    await auntil(spawned, "the process is there")
    assert not pool.ready()
    (tmp_path / "go").touch()
    await starting
    assert pool.ready()
    assert await pool.ask("hello") == "HELLO"
    await pool.close()


async def test_closing_leaves_no_process_and_does_not_wait_for_a_stuck_one(tmp_path: Path) -> None:
    async with started(tmp_path, processes=2) as pool:
        pids = pool.pids()
        stuck = asyncio.create_task(pool.ask("hang"))
        await pool.ask("hello")
        begun = time.monotonic()
    with pytest.raises(NotReady):
        await stuck
    assert time.monotonic() - begun < 10
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_signals_for_the_whole_group_are_left_to_the_parent(tmp_path: Path) -> None:
    async with started(tmp_path) as pool:
        [pid] = pool.pids()
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
        assert await pool.ask("hello") == f"hello by {pid}"
