"""A process that is killed at any point: nothing that was answered is lost, and nothing else stays."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path

import pytest

from services.face.changes import Enrolled, Removed, format_change
from services.face.errors import GalleryDamaged
from services.face.store import GalleryStore
from tests.unit.face.conftest import Opened
from tests.unit.face.gallery_builders import add_photo, below, enroll, journal, names, person, vector
from tests.waiting import until

WRITER = """
import asyncio, sys
from pathlib import Path
from services.face.changes import Enrolled, Removed, format_change
from services.face.errors import GalleryDamaged
from services.face.store import GalleryStore
from tests.unit.face.gallery_builders import add_photo, enroll

async def main():
    store = GalleryStore(Path(sys.argv[1]))
    await store.load()
    for number in range(100000):
        await enroll(store, number)
        print(number, flush=True)
        if number % 7 == 3:
            await store.remove("default", f"{number:032x}")
        if number % 7 == 5:
            await add_photo(store, number, 10**6 + number)
            await store.remove_photo("default", f"{number:032x}", f"{number:032x}")

asyncio.run(main())
"""


def killed_at(folder: Path, size: int) -> int:
    """Start a writer, kill it as soon as it has written so much; gives the last number that it answered."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        photos = folder / "default" / "photos"
        until(
            lambda: photos.exists() and sum(1 for _ in photos.iterdir()) >= size, "it writes", every_s=0.0001
        )
        writer.kill()
        lines = writer.stdout.readlines()
    return max((int(line) for line in lines if line.endswith(b"\n")), default=-1)


@pytest.mark.parametrize("seed", range(5))
async def test_after_a_sigkill_everything_that_was_answered_is_there(
    tmp_path: Path, opened: Opened, seed: int
) -> None:
    pictures = random.Random(seed).randint(1, 40)
    last = await asyncio.to_thread(killed_at, tmp_path, pictures)
    store = await opened(tmp_path)
    found = {int(name.split()[1]) for name in await names(store)}
    must = {number for number in range(last + 1) if number % 7 != 3}
    assert must <= found
    assert found <= must | {last, last + 1}
    wanted = {one for identity in (await store.get("default")).identities() for one in identity.photos}
    photos = {path.stem for path in below(tmp_path / "default" / "photos")}
    assert photos == {photo.id for photo in wanted}
    for number in must - {last}:
        kept = 10**6 + number if number % 7 == 5 else number
        assert await store.portrait("default", f"{number:032x}") == b"jpeg of %d" % kept


async def test_a_journal_cut_anywhere_keeps_every_whole_record(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path / "whole")
    ends = [0]
    for number in range(3):
        await enroll(store, number)
        ends.append(journal(tmp_path / "whole").stat().st_size)
    await add_photo(store, 1, 4)
    content = journal(tmp_path / "whole").read_bytes()
    for cut in sorted({*random.Random(1).sample(range(len(content)), 40), *ends}):
        folder = tmp_path / str(cut)
        (folder / "default").mkdir(parents=True)
        journal(folder).write_bytes(content[:cut])
        one = GalleryStore(folder)
        await one.load()
        whole = sum(end <= cut for end in ends[1:])
        assert len(await names(one)) == whole
        await enroll(one, 9)
        assert len(await names(one)) == whole + 1
        await one.close()


COMPACTER = """
import asyncio, sys
from pathlib import Path
from services.face.store import GalleryStore

asyncio.run(GalleryStore(Path(sys.argv[1])).load())
"""


def killed_while_compacting(folder: Path, size: int) -> None:
    """Start a process that compacts, kill it as soon as so much of the new file is there."""
    draft = folder / "default" / "journal.new"
    with subprocess.Popen([sys.executable, "-c", COMPACTER, str(folder)]) as compacter:

        def has_begun() -> bool:
            try:
                return draft.stat().st_size >= size
            except FileNotFoundError:  # not yet, or already in the journal's place
                return compacter.poll() is not None or b" snapshot " in journal(folder).read_bytes()[:40]

        until(has_begun, "it compacts", every_s=0.0001)
        compacter.kill()


@pytest.mark.parametrize("size", [0, 1, 500_000, 2_000_000])
async def test_a_compaction_that_is_killed_loses_nobody(tmp_path: Path, opened: Opened, size: int) -> None:
    (tmp_path / "default").mkdir()
    lines = [format_change(Enrolled(person(number), vector(number))) for number in range(2500)]
    journal(tmp_path).write_bytes(b"".join([*lines, format_change(Removed(person(7).id))]))
    await asyncio.to_thread(killed_while_compacting, tmp_path, size)
    store = await opened(tmp_path)
    assert set(await names(store)) == {f"Person {number}" for number in range(2500) if number != 7}
    assert b'Person 7"' not in journal(tmp_path).read_bytes()


async def test_a_compaction_that_was_cut_short_changes_nothing(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    (tmp_path / "default" / "journal.new").write_bytes(b"half a")
    assert await names(await opened(tmp_path)) == ["Person 1"]
    assert not (tmp_path / "default" / "journal.new").exists()


async def test_a_journal_that_contradicts_itself_stops_its_gallery_alone(
    tmp_path: Path, opened: Opened
) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    await enroll(store, 2, "healthy")
    twice = journal(tmp_path).read_bytes() * 2
    journal(tmp_path).write_bytes(twice)
    again = await opened(tmp_path)
    with pytest.raises(GalleryDamaged, match="contradicts"):
        await again.get("default")
    assert await names(again, "healthy") == ["Person 2"]
    assert journal(tmp_path).read_bytes() == twice
