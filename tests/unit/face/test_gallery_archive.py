"""Exported galleries: whole, and read with suspicion."""

import gc
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from contracts.face import EnrolledPhoto, Identity
from services.face.changes import Enrolled, format_change
from services.face.store import GalleryStore
from switchboard.gallery.archive import ArchiveUnreadable, import_, read_archive
from switchboard.gallery.exporting import export
from tests.unit.face.photos import encoded

JPEG = encoded(Image.new("RGB", (8, 8)))


def embedding(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.random.default_rng(seed).normal(0, 0.1, 128).astype(np.float32)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[GalleryStore]:
    store = GalleryStore(tmp_path / "galleries")
    yield store
    await store.close()


@pytest.fixture
async def exported(store: GalleryStore, tmp_path: Path) -> Path:
    """Ann by two photos, Ben by one."""
    await store.enroll("one", Identity(id="ann", name="Ann", n_movies=2, licence="CC0"), embedding(1), JPEG)
    await store.add_photo("one", "ann", EnrolledPhoto(id="ann-2", author="Bob"), embedding(2), JPEG)
    await store.enroll("one", Identity(id="ben", name="Ben"), embedding(3), JPEG)
    file = tmp_path / "one.zip"
    assert await export(store, "one", file) == (2, 3)
    return file


async def test_an_imported_gallery_is_the_exported_one(store: GalleryStore, exported: Path) -> None:
    assert await import_(store, "two", exported) == (2, 3)
    one, two = await store.get("one"), await store.get("two")
    assert one.identities() == two.identities()
    for identity in one.identities():
        for (key, mine), (other_key, theirs) in zip(
            one.embeddings(identity.id), two.embeddings(identity.id), strict=True
        ):
            assert key == other_key
            assert np.array_equal(mine, theirs)
            assert await store.portrait("two", identity.id, key) == JPEG


async def test_importing_twice_doubles_nobody_and_fills_what_is_missing(
    store: GalleryStore, exported: Path
) -> None:
    await import_(store, "two", exported)
    await store.remove_photo("two", "ann", "ann-2")
    assert await import_(store, "two", exported) == (0, 1)
    assert await import_(store, "two", exported) == (0, 0)
    assert [len(one.photos) for one in (await store.get("two")).identities()] == [2, 1]


async def test_counts_of_who_was_found_stay_where_they_were_counted(
    store: GalleryStore, tmp_path: Path
) -> None:
    await store.enroll("one", Identity(id="ann", name="Ann"), embedding(1), JPEG)
    await store.count_found("one", "ann")
    await export(store, "one", tmp_path / "one.zip")
    await import_(store, "two", tmp_path / "one.zip")
    assert [one.found for one in (await store.get("two")).identities()] == [0]


def modes(folder: Path) -> dict[str, int]:
    """The folder's files, and who may read them."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir() if path.is_file()}


async def test_an_export_is_whole_and_readable_by_its_owner_alone(exported: Path) -> None:
    assert modes(exported.parent) == {"one.zip": 0o600}


def changed(file: Path, **members: bytes | None) -> Path:
    """The archive with other members: their names with _ for / and -, without the ending."""
    with zipfile.ZipFile(file) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    for key, content in members.items():
        name = next(name for name in found if name.replace("/", "_").replace("-", "_").startswith(key))
        del found[name]
        if content is not None:
            found[name] = content
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return file


def packed(rows: object) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(rows), allow_pickle=True)
    return file.getvalue()


def people_of(name: str) -> bytes:
    """The list of people, with another one by two photos and one more person."""
    ann = Identity(id="ann", name="Ann", photos=(EnrolledPhoto(id="ann"), EnrolledPhoto(id="ann-2")))
    ben = Identity(id="ben", name=name, photos=(EnrolledPhoto(id="ben"),))
    listed = [one.model_dump(mode="json", exclude={"found"}) for one in (ann, ben)]
    return json.dumps({"format": 1, "identities": listed}).encode()


@pytest.mark.parametrize(
    "members",
    [
        {"gallery": None},
        {"gallery": b"{"},
        {"gallery": b'{"format": 1, "identities": ['},
        {"gallery": b'{"format": 1, "identities": []} and more'},
        {"gallery": b'{"format": 1, "identities": [], "identities": []}'},
        {"gallery": b'{"format": 1, "identities": [{"id": "ann", "na'},
        {"gallery": b'{"format": 1, "identities": [\xff]}'},
        {"gallery": b"[" * 100_000},
        {"gallery": b'{"format": 1, "identities": ' + b"[" * 100_000},
        {"gallery": json.dumps({"format": 2, "identities": []}).encode()},
        {"gallery": json.dumps({"format": 1, "identities": [{"name": "Ann"}]}).encode()},
        {"gallery": people_of("A" * 40_000)},
        {"embeddings": None},
        {"embeddings": b"nonsense"},
        {"embeddings": packed(np.zeros((2, 128), dtype=np.float32))},
        {"embeddings": packed(np.zeros((4, 128), dtype=np.float32))},
        {"embeddings": packed(np.zeros((3, 128), dtype=np.float32))[:-1]},
        {"embeddings": packed(np.zeros((3, 128), dtype=np.float64))},
        {"embeddings": packed(np.zeros((3, 64), dtype=np.float32))},
        {"embeddings": packed(np.full((3, 128), np.nan, dtype=np.float32))},
        {"embeddings": b"\x93NUMPY\x02\x00" + (10**6).to_bytes(4, "little") + b" " * 10**6},
        {"embeddings": packed(np.array([{"an": "object"}], dtype=object))},
        {"photos_ann.jpg": None},
        {"photos_ann.jpg": b"no picture"},
    ],
)
async def test_a_damaged_archive_is_refused_and_adds_nobody(
    store: GalleryStore, exported: Path, members: dict[str, bytes | None]
) -> None:
    with pytest.raises(ArchiveUnreadable):
        await import_(store, "two", changed(exported, **members))
    assert len(await store.get("two")) == 0


def said_otherwise(file: Path, head: bytes, place: int, value: int) -> None:
    """Every member's record of the kind that begins so says something else at a place."""
    first, *records = file.read_bytes().split(head)
    place -= len(head)
    changed = [record[:place] + bytes([value]) + record[place + 1 :] for record in records]
    file.write_bytes(head.join([first, *changed]))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(8, 1, id="encrypted"),
        pytest.param(10, 99, id="by-an-unknown-method"),
        pytest.param(6, 240, id="by-another-zip"),
    ],
)
async def test_an_archive_that_cannot_be_unpacked_is_refused(
    store: GalleryStore, exported: Path, place: int, value: int
) -> None:
    said_otherwise(exported, b"PK\1\2", place, value)
    said_otherwise(exported, b"PK\3\4", place - 2, value)
    with pytest.raises(ArchiveUnreadable):
        await import_(store, "two", exported)
    assert len(await store.get("two")) == 0


def broken_where_packed(file: Path, name: str) -> None:
    """The archive, deflated, with other bytes in the middle of a member."""
    with zipfile.ZipFile(file) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in members.items():
            archive.writestr(each, content)
        start = archive.getinfo(name).header_offset + 30 + len(name)
    with file.open("r+b") as raw:
        raw.seek(start)
        raw.write(b"\xff" * 20)


@pytest.mark.parametrize("name", ["gallery.json", "photos/ann.jpg"])
async def test_an_archive_whose_packed_bytes_are_broken_is_refused(
    store: GalleryStore, exported: Path, name: str
) -> None:
    broken_where_packed(exported, name)
    with pytest.raises(ArchiveUnreadable):
        await import_(store, "two", exported)
    assert len(await store.get("two")) == 0


async def test_ids_that_are_no_file_names_are_refused(store: GalleryStore, exported: Path) -> None:
    with zipfile.ZipFile(exported) as archive:
        listed = archive.read("gallery.json").replace(b'"ben"', b'"../ben"')
        photo = archive.read("photos/ben.jpg")
    with zipfile.ZipFile(changed(exported, gallery=listed, photos_ben=None), "a") as archive:
        archive.writestr("photos/../ben.jpg", photo)
    with pytest.raises(ArchiveUnreadable, match="an id is made of"):
        await import_(store, "two", exported)
    assert len(await store.get("two")) == 0


async def test_an_export_holds_a_part_of_the_people_in_memory_and_not_all(tmp_path: Path) -> None:
    most = 0

    class Watched(GalleryStore):
        async def portrait(self, name: str, identity_id: str, photo_id: str | None = None) -> bytes:
            nonlocal most
            if identity_id.endswith("99"):
                most = max(most, sum(isinstance(one, Identity) for one in gc.get_objects()))
            return JPEG

    there = sum(isinstance(one, Identity) for one in gc.get_objects())
    (tmp_path / "galleries" / "many").mkdir(parents=True)
    with (tmp_path / "galleries" / "many" / "journal").open("wb") as journal:
        for number in range(1000):
            one = Identity(id=f"id{number:03}", name=f"Person {number}")
            journal.write(format_change(Enrolled(one, embedding(number))))
    store = Watched(tmp_path / "galleries")
    assert await export(store, "many", tmp_path / "many.zip") == (1000, 1000)
    await store.close()
    assert 0 < most - there < 500
    with zipfile.ZipFile(tmp_path / "many.zip") as archive:
        assert len(json.loads(archive.read("gallery.json"))["identities"]) == 1000


async def test_an_import_holds_one_of_the_people_in_memory_and_not_all(tmp_path: Path) -> None:
    listed = [
        Identity(id=f"id{n}", name=f"Person {n}", photos=(EnrolledPhoto(id=f"id{n}"),)) for n in range(300)
    ]
    file = tmp_path / "many.zip"
    with zipfile.ZipFile(file, "w") as archive:
        people = [one.model_dump(mode="json", exclude={"found"}) for one in listed]
        archive.writestr("gallery.json", json.dumps({"format": 1, "identities": people}, indent=1))
        archive.writestr("embeddings.npy", packed(np.zeros((300, 128), dtype=np.float32)))
        for one in listed:
            archive.writestr(f"photos/{one.id}.jpg", JPEG)
    del listed, people
    there = sum(isinstance(one, Identity) for one in gc.get_objects())
    names = []
    for number, filed in enumerate(read_archive(file)):
        names.append(filed.identity.name)
        if number % 100 == 99:
            assert sum(isinstance(one, Identity) for one in gc.get_objects()) - there < 10
    assert names == [f"Person {n}" for n in range(300)]
