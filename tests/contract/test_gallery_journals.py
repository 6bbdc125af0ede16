"""Journals that earlier versions have written are read; what a later one wrote is left alone."""

import binascii
import shutil
from pathlib import Path

import numpy as np
import pytest

from services.face.errors import GalleryDamaged
from services.face.store import GalleryStore
from tests.unit.face.gallery_builders import journal

RECORDED = Path(__file__).parent / "payloads" / "face-journal-1.txt"
"""As the first version wrote three people, of whom one left: one photo a person, and no word of photos."""
ADA, CHIEN = f"{1:032x}", f"{3:032x}"


async def opened(folder: Path) -> GalleryStore:
    store = GalleryStore(folder)
    await store.load()
    return store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "default" / "photos"
    photos.mkdir(parents=True)
    for identity in (ADA, CHIEN):
        (photos / f"{identity}.jpg").write_bytes(b"jpeg")
    shutil.copy(RECORDED, journal(tmp_path))
    return tmp_path


async def test_a_journal_of_version_1_is_read(folder: Path) -> None:
    for _ in range(2):  # as it was, and as the first start has compacted it
        store = await opened(folder)
        gallery = await store.get("default")
        ada, chien = gallery.identities()
        assert (ada.id, ada.name, ada.alias, ada.n_movies) == (ADA, "Ada Lovelace", "ada", 1)
        assert ada.photo
        assert (ada.licence, ada.source, ada.photo.width) == ("CC0", "https://example.org/1", 400)
        [photo] = ada.photos
        assert (photo.id, photo.licence, photo.source, photo.size) == (ADA, "CC0", ada.source, ada.photo)
        assert photo.box == ada.box
        assert (chien.id, chien.name) == (CHIEN, "Chién-Shiung Wu")
        [[_, embedding]] = gallery.embeddings(ADA)
        assert np.array_equal(embedding, np.eye(128, dtype=np.float32)[1])
        assert await store.portrait("default", ADA) == b"jpeg"
        await store.close()
    assert b"Grace" not in journal(folder).read_bytes()


async def test_a_record_of_a_later_version_stops_the_gallery_and_changes_nothing(folder: Path) -> None:
    record = b"befriend %s %s" % (ADA.encode(), CHIEN.encode())
    with journal(folder).open("ab") as file:
        file.write(b"%08x %s\n" % (binascii.crc32(record), record))
    content = journal(folder).read_bytes()
    store = await opened(folder)
    with pytest.raises(GalleryDamaged, match="befriend"):
        await store.get("default")
    await store.close()
    assert journal(folder).read_bytes() == content
