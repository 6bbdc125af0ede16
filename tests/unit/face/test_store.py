"""Galleries on disk: what survives, what is seen by others, what is truly gone."""

import asyncio
import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.face import EnrolledPhoto, Identity
from services.face.errors import GalleryDamaged, GalleryUnwritable, IdentityUnknown
from services.face.hnsw_index import HnswIndex
from tests.unit.face.conftest import Opened
from tests.unit.face.gallery_builders import add_photo, below, enroll, journal, names, person, vector
from tests.waiting import auntil


async def test_what_was_enrolled_is_there_after_a_restart(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    for number in range(3):
        await enroll(store, number)
    await store.remove("default", f"{1:032x}")
    again = await opened(tmp_path)
    assert await names(again) == ["Person 0", "Person 2"]
    match = (await again.get("default")).nearest(vector(2), 1)[0]
    assert (match.identity.name, match.distance) == ("Person 2", 0.0)
    assert await again.portrait("default", f"{2:032x}") == b"jpeg of 2"


async def test_galleries_do_not_know_one_another(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1, "one")
    await enroll(store, 2, "two")
    assert (await names(store, "one"), await names(store, "two")) == (["Person 1"], ["Person 2"])
    assert store.people() == 2


async def test_asking_for_a_gallery_that_is_not_there_makes_none(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    assert len(await store.get("nobody")) == 0
    with pytest.raises(IdentityUnknown):
        await store.remove("nobody", "a")
    with pytest.raises(IdentityUnknown):
        await store.change("nobody", person(1).id, {"name": "Ada"})
    with pytest.raises(IdentityUnknown):
        await add_photo(store, 1, 2, "nobody")
    await store.drop("nobody")
    await store.count_found("nobody", "a")
    assert await store.names() == ()
    assert below(tmp_path) == []


async def test_what_one_process_writes_the_other_sees_at_its_next_request(
    tmp_path: Path, opened: Opened
) -> None:
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


async def test_interleaved_writers_lose_nothing(tmp_path: Path, opened: Opened) -> None:
    stores = [await opened(tmp_path) for _ in range(3)]
    await asyncio.gather(*(enroll(stores[number % 3], number) for number in range(60)))
    await asyncio.gather(*(stores[n % 3].remove("default", f"{n:032x}") for n in range(0, 60, 2)))
    wanted = sorted(f"Person {number}" for number in range(1, 60, 2))
    for store in [*stores, await opened(tmp_path)]:
        assert sorted(await names(store)) == wanted
        await store.close()


async def test_a_removed_persons_name_embedding_and_photo_leave_the_disk(
    tmp_path: Path, opened: Opened
) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    await enroll(store, 2)
    await store.remove("default", f"{1:032x}")
    await store.close()
    everything = b"".join(path.read_bytes() for path in below(tmp_path) if path.is_file())
    assert b"Person 1" not in everything
    assert b"jpeg of 1" not in everything
    assert [line.split()[1] for line in journal(tmp_path).read_bytes().splitlines()] == [
        b"snapshot",
        b"enroll",
    ]
    assert await names(store) == ["Person 2"]
    with pytest.raises(IdentityUnknown):
        await store.portrait("default", f"{1:032x}")


async def test_only_the_owner_may_read_what_is_kept(tmp_path: Path, opened: Opened) -> None:
    await enroll(await opened(tmp_path / "galleries"), 1)
    modes = {path.name: path.stat().st_mode & 0o777 for path in below(tmp_path)}
    assert {mode & 0o077 for mode in modes.values()} == {0}, modes


@pytest.mark.parametrize("kept", [1, 40, -1])
async def test_a_torn_tail_is_cut_and_the_rest_stays(
    tmp_path: Path, opened: Opened, kept: int, caplog: pytest.LogCaptureFixture
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


async def test_a_tail_torn_by_another_process_does_not_hinder_the_next_writer(
    tmp_path: Path, opened: Opened
) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    with journal(tmp_path).open("ab") as file:
        file.write(b"0badc0de enroll half a rec")
    assert await names(store) == ["Person 1"]
    await enroll(store, 2)
    assert await names(store) == await names(await opened(tmp_path)) == ["Person 1", "Person 2"]


async def test_damage_before_the_end_cuts_nothing_says_where_and_stops_no_other_gallery(
    tmp_path: Path, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    store = await opened(tmp_path)
    for number in range(3):
        await enroll(store, number)
    await enroll(store, 7, "healthy")
    whole = journal(tmp_path).read_bytes()
    content = bytearray(whole)
    content[60] ^= 1
    journal(tmp_path).write_bytes(content)
    again = await opened(tmp_path)
    assert "face.gallery.damaged" in [record.message for record in caplog.records]
    for _ in range(2):
        with pytest.raises(GalleryDamaged, match="byte 0"):
            await again.get("default")
        with pytest.raises(GalleryDamaged):
            await enroll(again, 4)
    assert journal(tmp_path).read_bytes() == content
    assert await names(again, "healthy") == ["Person 7"]
    await enroll(again, 8, "healthy")
    journal(tmp_path).write_bytes(whole)
    assert await names(again) == ["Person 0", "Person 1", "Person 2"]


async def test_a_damaged_journal_that_is_moved_away_leaves_an_empty_gallery(
    tmp_path: Path, opened: Opened
) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    with journal(tmp_path).open("ab") as file:
        file.write(b"nonsense\nnonsense\n")
    with pytest.raises(GalleryDamaged):
        await store.get("default")
    journal(tmp_path).rename(tmp_path / "away")
    assert await names(store) == []


async def test_a_starting_process_leaves_others_portraits_alone(tmp_path: Path, opened: Opened) -> None:
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


async def test_portraits_of_an_enrolling_that_was_cut_short_are_cleared_away(
    tmp_path: Path, opened: Opened
) -> None:
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


async def test_a_full_disk_changes_nothing_and_is_said(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    before = journal(tmp_path).read_bytes()
    with full_disk(len(before) + 100), pytest.raises(GalleryUnwritable):
        await enroll(store, 2)
    assert journal(tmp_path).read_bytes() == before
    assert [path.stem for path in below(tmp_path / "default" / "photos")] == [f"{1:032x}"]
    assert await names(store) == ["Person 1"]
    await enroll(store, 3)
    assert await names(await opened(tmp_path)) == ["Person 1", "Person 3"]


async def test_a_failed_write_does_not_lose_what_others_wrote(tmp_path: Path, opened: Opened) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    await enroll(other, 2)
    with full_disk(100), pytest.raises(GalleryUnwritable):
        await enroll(one, 3)
    assert await names(one) == ["Person 1", "Person 2"]


async def test_a_gallery_that_cannot_be_locked_stays_in_memory(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    gallery = await store.get("default")
    lock = tmp_path / "default" / "lock"
    lock.unlink()
    lock.mkdir()
    with pytest.raises(GalleryUnwritable):
        await enroll(store, 2)
    assert store.people() == 1
    assert await store.get("default") is gallery


async def test_an_unusable_folder_is_said(tmp_path: Path, opened: Opened) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(GalleryUnwritable):
        await opened(tmp_path / "file" / "galleries")


async def test_a_hung_up_caller_does_not_part_memory_from_disk(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    for number in range(20):
        task = asyncio.create_task(enroll(store, number))
        await asyncio.sleep(0)  # it has begun
        task.cancel()
    await enroll(store, 99)
    assert await names(store) == await names(await opened(tmp_path))


async def test_a_stale_graph_is_rebuilt_behind_the_answers(tmp_path: Path, opened: Opened) -> None:
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


async def test_a_person_has_several_photos_each_with_a_picture_and_an_embedding(
    tmp_path: Path, opened: Opened
) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    assert [photo.id for photo in (await add_photo(store, 1, 2)).photos] == [f"{1:032x}", f"{2:032x}"]
    for one in (store, await opened(tmp_path)):
        gallery = await one.get("default")
        assert [match.identity.name for match in gallery.nearest(vector(2), 5)] == ["Person 1"]
        assert gallery.nearest(vector(2), 1)[0].distance == 0
        assert [photo_id for photo_id, _ in gallery.embeddings(f"{1:032x}")] == [f"{1:032x}", f"{2:032x}"]
        assert await one.portrait("default", f"{1:032x}") == b"jpeg of 1"
        assert await one.portrait("default", f"{1:032x}", f"{2:032x}") == b"jpeg of 2"
        with pytest.raises(IdentityUnknown):
            await one.portrait("default", f"{1:032x}", f"{3:032x}")


async def test_a_removed_photo_leaves_search_and_disk_and_the_next_is_shown(
    tmp_path: Path, opened: Opened
) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    await add_photo(store, 1, 2)
    await add_photo(store, 1, 3)
    left = await store.remove_photo("default", f"{1:032x}", f"{1:032x}")
    assert left
    assert [photo.author for photo in left.photos] == ["Author 2", "Author 3"]
    with pytest.raises(IdentityUnknown):
        await store.remove_photo("default", f"{1:032x}", f"{1:032x}")
    await store.close()
    everything = b"".join(path.read_bytes() for path in below(tmp_path) if path.is_file())
    assert b"jpeg of 1" not in everything
    verbs = [line.split()[1] for line in journal(tmp_path).read_bytes().splitlines()]
    assert verbs == [b"snapshot", b"enroll", b"add-photo"]
    again = await opened(tmp_path)
    assert (await again.get("default")).get(f"{1:032x}") == left
    assert await again.portrait("default", f"{1:032x}") == b"jpeg of 2"
    assert (await again.get("default")).nearest(vector(1), 1)[0].distance > 0.5


async def test_who_loses_the_last_photo_is_gone(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    assert await store.remove_photo("default", f"{1:032x}", f"{1:032x}") is None
    assert await names(store) == await names(await opened(tmp_path)) == []
    assert list((tmp_path / "default" / "photos").iterdir()) == []


async def test_a_change_is_kept_and_leaves_photos_alone(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    await add_photo(store, 1, 2)
    wanted = {"name": "Ada", "alias": "ada", "role": "poet", "n_movies": 3}
    changed = await store.change("default", f"{1:032x}", wanted)
    assert (changed.name, changed.alias, changed.role, changed.n_movies) == ("Ada", "ada", "poet", 3)
    again = await opened(tmp_path)
    assert (await again.get("default")).get(changed.id) == changed
    assert [photo.id for photo in changed.photos] == [f"{1:032x}", f"{2:032x}"]


async def test_a_dropped_gallery_is_gone_from_memory_and_disk_in_every_process(
    tmp_path: Path, opened: Opened
) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    await enroll(one, 2, "kept")
    assert await names(other) == ["Person 1"]
    await one.drop("default")
    assert await one.names() == await other.names() == ("kept",)
    assert await names(one) == await names(other) == []
    assert {path.relative_to(tmp_path).parts[0] for path in below(tmp_path)} == {"kept"}
    await enroll(other, 3)
    assert await names(one) == ["Person 3"]


async def test_what_a_crash_left_of_a_dropped_gallery_is_cleared_away(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    shutil.copytree(tmp_path / "default", tmp_path / ".dropped-a")
    again = await opened(tmp_path)
    assert await again.names() == ("default",)
    assert not (tmp_path / ".dropped-a").exists()


async def test_an_id_that_is_no_file_name_is_refused(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    with pytest.raises(ValueError, match="an id"):
        await store.enroll("default", Identity(id="../a", name="A"), vector(1), b"")
    await enroll(store, 1)
    with pytest.raises(ValueError, match="already"):
        await enroll(store, 1)
    await add_photo(store, 1, 2)
    with pytest.raises(ValueError, match="already"):
        await add_photo(store, 1, 2)
    other_photo = person(1).model_copy(update={"photos": (EnrolledPhoto(id="b"),)})
    with pytest.raises(ValueError, match="already"):
        await store.enroll("default", other_photo, vector(3), b"")
    gallery = await store.get("default")
    with pytest.raises(ValueError, match="too long"):
        await store.enroll("default", Identity(id="a", name="A" * 40_000), vector(1), b"")
    assert await store.get("default") is gallery
    assert await names(await opened(tmp_path)) == ["Person 1"]
