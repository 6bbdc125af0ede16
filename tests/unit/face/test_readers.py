"""The processes of a build: what they are reading when it stops."""

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from services.face.pool import Pool
from switchboard.gallery.readers import Readers
from tests.waiting import auntil, until


def make_work(folder: Path) -> Callable[[str], str]:
    """Work that says that it has begun, and ends when it is told to."""

    def work(question: str) -> str:
        (folder / f"{question} begun").touch()
        until((folder / "go").exists, "told to go on")
        return f"{question} by {os.getpid()}"

    return work


async def test_what_is_being_read_when_a_build_stops_is_read_to_its_end(tmp_path: Path) -> None:
    pool: Pool[str, str] = Pool(partial(make_work, tmp_path), 1, 2, 20)
    await pool.start()
    try:
        (pid,) = pool.pids()
        readers = Readers(pool, 1)
        asked = [asyncio.create_task(readers.ask(question)) for question in ("first", "second")]

        async def begun() -> bool:
            return (tmp_path / "first begun").exists()

        await auntil(begun, "the first is being read")
        for task in asked:
            task.cancel()
        for task in asked:
            with pytest.raises(asyncio.CancelledError):
                await task
        settling = asyncio.create_task(readers.settle())
        await asyncio.sleep(0)
        assert not settling.done()
        (tmp_path / "go").touch()
        await settling
        assert not (tmp_path / "second begun").exists()
        assert await pool.ask("third") == f"third by {pid}"
    finally:
        await pool.close()
