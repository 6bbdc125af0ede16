"""A journal is compacted beside what goes on, and the found log when it has grown."""

from pathlib import Path

import pytest

from services.face.changes import Removed, format_change
from services.face.errors import GalleryUnwritable
from services.face.journal import Journal
from tests.unit.face.conftest import Opened
from tests.unit.face.gallery_builders import add_photo, enroll, journal, names, person, vector
from tests.waiting import auntil


def leave(folder: Path, number: int) -> None:
    """A person is removed, and nothing but the test compacts."""
    with journal(folder).open("ab") as file:
        file.write(format_change(Removed(person(number).id)))


async def test_what_happens_while_a_journal_is_compacted_is_kept(tmp_path: Path, opened: Opened) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    for number in range(4):
        await enroll(one, number)
    await add_photo(one, 2, 20)
    content = journal(tmp_path).read_bytes()
    mine = Journal(tmp_path / "default")
    leave(tmp_path, 0)
    with mine.compacting(is_locked=False) as compaction:
        assert compaction
        assert compaction.write(only_removals=True)
        await enroll(other, 5)
        await other.change("default", f"{1:032x}", {"name": "Ada"})
        await other.remove_photo("default", f"{2:032x}", f"{2:032x}")
        with mine.writing() as writer:
            list(writer.catch_up())
            writer.replace_by(compaction)
    assert content.splitlines()[0] not in journal(tmp_path).read_bytes()
    for store in (other, await opened(tmp_path)):
        gallery = await store.get("default")
        assert await names(store) == ["Ada", "Person 2", "Person 3", "Person 5"]
        assert [key for key, _ in gallery.embeddings(f"{2:032x}")] == [f"{20:032x}"]
        assert gallery.nearest(vector(5), 1)[0].distance == 0


async def test_a_compaction_of_a_journal_that_was_replaced_meanwhile_is_thrown_away(
    tmp_path: Path, opened: Opened
) -> None:
    store = await opened(tmp_path)
    for number in range(3):
        await enroll(store, number)
    leave(tmp_path, 0)
    mine = Journal(tmp_path / "default")
    with mine.compacting(is_locked=False) as compaction:
        assert compaction
        assert compaction.write(only_removals=True)
        await store.drop("default")
        await enroll(store, 7)
        with mine.writing() as writer:
            writer.replace_by(compaction)
    assert await names(store) == await names(await opened(tmp_path)) == ["Person 7"]


async def test_a_compaction_that_cannot_take_the_journals_place_changes_nothing(
    tmp_path: Path, opened: Opened
) -> None:
    store = await opened(tmp_path)
    for number in range(3):
        await enroll(store, number)
    leave(tmp_path, 0)
    content = journal(tmp_path).read_bytes()
    mine = Journal(tmp_path / "default")
    with mine.compacting(is_locked=False) as compaction, mine.writing() as writer:
        assert compaction
        assert compaction.write(only_removals=True)
        journal(tmp_path).with_name("journal.new").unlink()
        with pytest.raises(GalleryUnwritable):
            writer.replace_by(compaction)
    assert journal(tmp_path).read_bytes() == content


async def test_a_starting_process_does_not_wait_for_a_compaction_of_another(
    tmp_path: Path, opened: Opened
) -> None:
    store = await opened(tmp_path)
    for number in range(3):
        await enroll(store, number)
    leave(tmp_path, 0)
    with Journal(tmp_path / "default").compacting(is_locked=False) as compaction:
        assert compaction
        assert compaction.write(only_removals=True)
        assert await names(await opened(tmp_path)) == ["Person 1", "Person 2"]


async def test_a_found_log_that_has_grown_is_compacted_while_the_room_runs(
    tmp_path: Path, opened: Opened
) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    file = tmp_path / "default" / "found"
    file.write_text(f"{1:032x}\n" * 1500 + f"{9:032x}\n")
    await one.count_found("default", f"{1:032x}")

    async def is_short() -> bool:
        return file.read_text() == f"{1:032x} 1501\n"

    await auntil(is_short, "the log is one line a person")
    await other.count_found("default", f"{1:032x}")
    for store in (one, other):
        found = (await store.get("default")).get(f"{1:032x}")
        assert found
        assert found.found == 1502
