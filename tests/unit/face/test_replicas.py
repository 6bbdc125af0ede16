"""Two processes on one folder: each sees what the other does, asked or not."""

import asyncio
from pathlib import Path

import pytest

from services.face.errors import IdentityUnknown
from services.face.store import GalleryStore
from tests.unit.face.conftest import Opened
from tests.unit.face.gallery_builders import add_photo, enroll, names, vector
from tests.waiting import auntil


async def people(store: GalleryStore, count: int) -> None:
    async def there() -> bool:
        return store.people() == count

    await auntil(there, f"{count} people are seen though nobody asked", timeout_s=1)


@pytest.mark.alone
async def test_what_one_does_the_other_sees_within_a_second_though_nobody_asks(
    tmp_path: Path, opened: Opened
) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    await people(other, 1)
    await enroll(one, 2, "another")
    await people(other, 2)
    await one.remove("default", f"{1:032x}")
    await people(other, 1)
    await one.drop("another")
    await people(other, 0)


async def test_a_compaction_makes_nobody_read_everything_again(tmp_path: Path, opened: Opened) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    for number in range(5):
        await enroll(one, number)
    gallery = await other.get("default")
    await one.remove("default", f"{0:032x}")
    await one.close()
    assert await other.get("default") is gallery
    assert await names(other) == ["Person 1", "Person 2", "Person 3", "Person 4"]
    third = await opened(tmp_path)
    await enroll(third, 6)
    assert await other.get("default") is gallery
    assert await names(other) == await names(third)


async def test_who_missed_more_than_one_compaction_reads_everything_again(
    tmp_path: Path, opened: Opened
) -> None:
    writer, reader = await opened(tmp_path), GalleryStore(tmp_path, look_s=60)
    await reader.load()
    for number in range(5):
        await enroll(writer, number)
    assert len(await reader.get("default")) == 5
    for number in range(3):
        await writer.remove("default", f"{number:032x}")
        await writer.close()
    assert await names(reader) == ["Person 3", "Person 4"]
    await reader.close()


async def test_photos_and_changes_are_seen_by_the_other(tmp_path: Path, opened: Opened) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    await add_photo(other, 1, 2)
    await add_photo(one, 1, 3)
    await one.remove_photo("default", f"{1:032x}", f"{2:032x}")
    await other.change("default", f"{1:032x}", {"name": "Ada"})
    for store in (one, other):
        gallery = await store.get("default")
        assert [one.name for one in gallery.identities()] == ["Ada"]
        assert [photo for photo, _ in gallery.embeddings(f"{1:032x}")] == [f"{1:032x}", f"{3:032x}"]
        assert gallery.nearest(vector(3), 1)[0].distance == 0


async def test_of_two_who_remove_the_same_one_is_told_that_it_is_gone(tmp_path: Path, opened: Opened) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    await one.remove("default", f"{1:032x}")
    with pytest.raises(IdentityUnknown):
        await other.remove("default", f"{1:032x}")
    with pytest.raises(IdentityUnknown):
        await add_photo(other, 1, 2)
    assert not list((tmp_path / "default" / "photos").iterdir())


async def test_changes_at_the_same_time_do_not_undo_one_another(tmp_path: Path, opened: Opened) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    key = f"{1:032x}"
    for number in range(10):
        await asyncio.gather(
            one.change("default", key, {"alias": f"alias-{number}"}),
            one.change("default", key, {"role": f"role {number}"}),
            other.change("default", key, {"n_movies": number}),
        )
        for store in (one, other):
            there = (await store.get("default")).get(key)
            assert there
            assert (there.name, there.alias, there.role, there.n_movies) == (
                "Person 1",
                f"alias-{number}",
                f"role {number}",
                number,
            )


async def found(store: GalleryStore, number: int) -> int:
    identity = (await store.get("default")).get(f"{number:032x}")
    assert identity
    return identity.found


async def test_counts_of_who_was_found_are_summed_over_processes_and_survive_a_restart(
    tmp_path: Path, opened: Opened
) -> None:
    one, other = await opened(tmp_path), await opened(tmp_path)
    for number in (1, 2):
        await enroll(one, number)
    for _ in range(3):
        await one.count_found("default", f"{1:032x}")
        await other.count_found("default", f"{1:032x}")
    await other.count_found("default", "somebody else")
    for store in (one, other, await opened(tmp_path)):
        assert (await found(store, 1), await found(store, 2)) == (6, 0)
    assert (tmp_path / "default" / "found").read_text() == f"{1:032x}\n" * 6


async def test_a_count_that_cannot_be_written_refuses_no_answer(tmp_path: Path, opened: Opened) -> None:
    store = await opened(tmp_path)
    await enroll(store, 1)
    (tmp_path / "default" / "found").mkdir()
    await store.count_found("default", f"{1:032x}")
    assert await names(store) == ["Person 1"]


async def test_many_counts_become_one_line_a_person_at_a_start(tmp_path: Path, opened: Opened) -> None:
    one = await opened(tmp_path)
    await enroll(one, 1)
    file = tmp_path / "default" / "found"
    file.write_text(f"{1:032x}\n" * 2000 + f"{9:032x}\n")
    other = await opened(tmp_path)
    assert file.read_text() == f"{1:032x} 2000\n"
    await one.count_found("default", f"{1:032x}")
    assert await found(one, 1) == await found(other, 1) == 2001


async def test_a_starting_process_leaves_alone_what_another_is_writing_under_a_lock_of_its_own(
    tmp_path: Path, opened: Opened
) -> None:
    await enroll(await opened(tmp_path), 1)
    drafts = {name: tmp_path / "default" / name for name in ("journal.new", "graph.new", "found.new")}
    for draft in drafts.values():
        draft.write_bytes(b"half")
    await opened(tmp_path)
    assert [name for name, draft in drafts.items() if draft.exists()] == ["graph.new", "found.new"]
