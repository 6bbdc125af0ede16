"""Galleries on disk: what survives, what is seen by others, what is truly gone."""

import asyncio
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from contracts.face import Identity
from services.face.errors import GalleryDamaged, GalleryUnwritable, IdentityUnknown
from services.face.hnsw_index import HnswIndex
from services.face.index import Embedding, ExactIndex, Index
from services.face.store import GalleryStore
from tests.waiting import auntil


def vector(number: int) -> Embedding:
    return np.random.default_rng(number).normal(0, 0.1, 128).astype(np.float32)


OPENED: list[GalleryStore] = []


@pytest.fixture(autouse=True)
async def _close_what_was_opened() -> AsyncIterator[None]:
    yield
    while OPENED:
        await OPENED.pop().close()


async def opened(folder: Path, engine: type[Index] = ExactIndex) -> GalleryStore:
    store = GalleryStore(folder, engine)
    OPENED.append(store)
    await store.load()
    return store


async def enroll(store: GalleryStore, number: int, gallery: str = "default") -> None:
    identity = Identity(id=f"{number:032x}", name=f"Person {number}")
    await store.enroll(gallery, identity, vector(number), b"jpeg of %d" % number)


async def names(store: GalleryStore, gallery: str = "default") -> list[str]:
    return [one.name for one in (await store.get(gallery)).identities()]


def journal(folder: Path) -> Path:
    return folder / "default" / "journal"


def below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def test_what_was_enrolled_is_there_after_a_restart(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    for number in range(3):
        await enroll(store, number)
    await store.remove("default", f"{1:032x}")
    again = await opened(tmp_path)
    assert await names(again) == ["Person 0", "Person 2"]
    match = (await again.get("default")).nearest(vector(2), 1)[0]
    assert (match.identity.name, match.distance) == ("Person 2", 0.0)
    assert await again.portrait("default", f"{2:032x}") == b"jpeg of 2"


async def test_galleries_do_not_know_one_another(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1, "one")
    await enroll(store, 2, "two")
    assert (await names(store, "one"), await names(store, "two")) == (["Person 1"], ["Person 2"])
    assert store.people() == 2


async def test_asking_for_a_gallery_that_is_not_there_makes_none(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    assert len(await store.get("nobody")) == 0
    with pytest.raises(IdentityUnknown):
        await store.remove("nobody", "a")
    assert below(tmp_path) == []


async def test_what_one_process_writes_the_other_sees_at_its_next_request(tmp_path: Path) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    assert await names(other) == ["Person 1"]
    await enroll(other, 2)
    await enroll(one, 3)
    assert await names(one) == await names(other) == ["Person 1", "Person 2", "Person 3"]
    await other.remove("default", f"{1:032x}")
    assert await names(one) == ["Person 2", "Person 3"]
    await one.close()
    await other.close()
    await enroll(one, 4)
    assert await names(other) == ["Person 2", "Person 3", "Person 4"]


async def test_interleaved_writers_lose_nothing(tmp_path: Path) -> None:
    stores = [await opened(tmp_path) for _ in range(3)]
    await asyncio.gather(*(enroll(stores[number % 3], number) for number in range(60)))
    await asyncio.gather(*(stores[n % 3].remove("default", f"{n:032x}") for n in range(0, 60, 2)))
    wanted = sorted(f"Person {number}" for number in range(1, 60, 2))
    for store in [*stores, await opened(tmp_path)]:
        assert sorted(await names(store)) == wanted
        await store.close()


async def test_a_removed_persons_name_embedding_and_photo_leave_the_disk(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    await enroll(store, 2)
    await store.remove("default", f"{1:032x}")
    await store.close()
    everything = b"".join(path.read_bytes() for path in below(tmp_path) if path.is_file())
    assert b"Person 1" not in everything
    assert b"jpeg of 1" not in everything
    assert len(journal(tmp_path).read_bytes().splitlines()) == 1
    assert await names(store) == ["Person 2"]
    with pytest.raises(IdentityUnknown):
        await store.portrait("default", f"{1:032x}")


async def test_only_the_owner_may_read_what_is_kept(tmp_path: Path) -> None:
    await enroll(await opened(tmp_path / "galleries"), 1)
    modes = {path.name: path.stat().st_mode & 0o777 for path in below(tmp_path)}
    assert {mode & 0o077 for mode in modes.values()} == {0}, modes


@pytest.mark.parametrize("kept", [1, 40, -1])
async def test_a_torn_tail_is_cut_and_the_rest_stays(
    tmp_path: Path, kept: int, caplog: pytest.LogCaptureFixture
) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    whole = journal(tmp_path).read_bytes()
    await enroll(store, 2)
    torn = journal(tmp_path).read_bytes()[len(whole) :][:kept]
    journal(tmp_path).write_bytes(whole + torn)
    again = await opened(tmp_path)
    assert await names(again) == ["Person 1"]
    assert journal(tmp_path).read_bytes() == whole
    assert [record.message for record in caplog.records] == ["face.journal_tail.cut"]
    await enroll(again, 3)
    assert await names(await opened(tmp_path)) == ["Person 1", "Person 3"]


async def test_a_tail_torn_by_another_process_does_not_hinder_the_next_writer(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    with journal(tmp_path).open("ab") as file:
        file.write(b"0badc0de enroll half a rec")
    assert await names(store) == ["Person 1"]
    await enroll(store, 2)
    assert await names(store) == await names(await opened(tmp_path)) == ["Person 1", "Person 2"]


async def test_damage_before_the_end_cuts_nothing_and_says_where(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    for number in range(3):
        await enroll(store, number)
    content = bytearray(journal(tmp_path).read_bytes())
    content[60] ^= 1
    journal(tmp_path).write_bytes(content)
    with pytest.raises(GalleryDamaged, match="byte 0"):
        await opened(tmp_path)
    assert journal(tmp_path).read_bytes() == content


async def test_a_starting_process_leaves_others_portraits_alone(tmp_path: Path) -> None:
    store = await opened(tmp_path)

    async def enroll_many() -> None:
        for number in range(40):
            await enroll(store, number)

    async def start_many() -> None:
        for _ in range(20):
            await opened(tmp_path)

    await asyncio.gather(enroll_many(), start_many())
    for number in range(40):
        assert await store.portrait("default", f"{number:032x}") == b"jpeg of %d" % number


async def test_portraits_of_an_enrolling_that_was_cut_short_are_cleared_away(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    orphan = tmp_path / "default" / "photos" / f"{9:032x}.jpg"
    orphan.write_bytes(b"jpeg of 9")
    await opened(tmp_path)
    assert not orphan.exists()
    assert await store.portrait("default", f"{1:032x}") == b"jpeg of 1"


@contextmanager
def full_disk(allowed: int) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (allowed, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)


async def test_a_full_disk_changes_nothing_and_is_said(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    before = journal(tmp_path).read_bytes()
    with full_disk(len(before) + 100), pytest.raises(GalleryUnwritable):
        await enroll(store, 2)
    assert journal(tmp_path).read_bytes() == before
    assert await names(store) == ["Person 1"]
    await enroll(store, 3)
    assert await names(await opened(tmp_path)) == ["Person 1", "Person 3"]


async def test_a_failed_write_does_not_lose_what_others_wrote(tmp_path: Path) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    await enroll(other, 2)
    with full_disk(100), pytest.raises(GalleryUnwritable):
        await enroll(one, 3)
    assert await names(one) == ["Person 1", "Person 2"]


async def test_an_unusable_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(GalleryUnwritable):
        await opened(tmp_path / "file" / "galleries")


async def test_a_hung_up_caller_does_not_part_memory_from_disk(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    for number in range(20):
        task = asyncio.create_task(enroll(store, number))
        await asyncio.sleep(0)  # it has begun
        task.cancel()
    await enroll(store, 99)
    assert await names(store) == await names(await opened(tmp_path))


async def test_a_stale_graph_is_rebuilt_behind_the_answers(tmp_path: Path) -> None:
    store = await opened(tmp_path, HnswIndex)
    await enroll(store, 1)
    index = (await store.get("default")).index
    for number in range(1002):
        index.add(f"more {number}", vector(number))
    assert index.stale()
    await enroll(store, 2)

    async def settled() -> bool:
        return not index.stale()

    await auntil(settled, "the graph is rebuilt")


WRITER = """
import asyncio, sys
from pathlib import Path
from tests.unit.face.test_store import enroll, opened

async def main():
    store = await opened(Path(sys.argv[1]))
    for number in range(100000):
        await enroll(store, number)
        print(number, flush=True)
        if number % 7 == 3:
            await store.remove("default", f"{number:032x}")

asyncio.run(main())
"""


def killed_after(folder: Path, answers: int) -> int:
    """Start a writer, kill it after so many answers; gives the last number that it answered."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        lines = [writer.stdout.readline() for _ in range(answers)]
        writer.kill()
        lines += writer.stdout.readlines()
    return int([line for line in lines if line.endswith(b"\n")][-1])


@pytest.mark.parametrize("answers", [5, 24, 60])
async def test_after_a_sigkill_everything_that_was_answered_is_there(tmp_path: Path, answers: int) -> None:
    last = await asyncio.to_thread(killed_after, tmp_path, answers)
    store = await opened(tmp_path)
    found = {int(name.split()[1]) for name in await names(store)}
    must = {number for number in range(last + 1) if number % 7 != 3}
    assert must <= found
    assert found <= must | {last, last + 1}
    for number in must:
        assert await store.portrait("default", f"{number:032x}") == b"jpeg of %d" % number
    photos = {path.stem for path in below(tmp_path / "default" / "photos")}
    assert photos == {f"{number:032x}" for number in found}
