"""Putting a person's photos into a gallery: once each, and nobody else's."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from contracts.face import Box, FoundFace, ImageSize
from services.face.reading import Portrait, Reading
from services.face.store import GalleryStore
from switchboard.gallery.catalogue import Person, PhotoPlace
from switchboard.gallery.filing import Filing
from switchboard.gallery.filters import Limits
from switchboard.gallery.shots import Shot, identity_id

ANN, BEN = Person("Ann", "ann", role="Orlando", n_movies=3), Person("Ben", "ben")
SIZE, BOX = ImageSize(width=10, height=10), Box(left=1, top=1, width=5, height=5)


def shot(photo_id: str, place: float, address: str = "http://a/1.jpg") -> Shot:
    embedding = np.zeros(128, dtype=np.float32)
    embedding[0] = place
    face = FoundFace(box=BOX, score=1)
    portrait = Portrait(photo_id.encode(), SIZE, BOX)
    where = PhotoPlace(address, licence="CC0", author="Bob")
    return Shot(where, photo_id, b"photo", Reading(SIZE, (face,), (embedding,), portrait))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[GalleryStore]:
    store = GalleryStore(tmp_path)
    yield store
    await store.close()


async def reasons(filing: Filing, person: Person, *shots: Shot) -> list[str | None]:
    return [one.reason for one in await filing.file(person, shots)]


async def test_all_photos_of_a_person_are_kept_with_whose_they_are(store: GalleryStore) -> None:
    filing = Filing(store, "g", Limits())
    assert await reasons(filing, ANN, shot("a1", 0), shot("a2", 0.4, "/home/me/2.jpg")) == [None, None]
    (ann,) = (await store.get("g")).identities()
    assert (ann.id, ann.name, ann.alias, ann.role, ann.n_movies) == (
        identity_id(ANN),
        "Ann",
        "ann",
        "Orlando",
        3,
    )
    assert [(p.id, p.licence, p.author, p.source) for p in ann.photos] == [
        ("a1", "CC0", "Bob", "http://a/1.jpg"),
        ("a2", "CC0", "Bob", ""),
    ]
    assert await store.portrait("g", ann.id, "a2") == b"a2"


async def test_a_photo_that_is_there_is_not_added_again(store: GalleryStore) -> None:
    filing = Filing(store, "g", Limits())
    await filing.file(ANN, [shot("a1", 0)])
    known = Shot(PhotoPlace("http://a/1.jpg"), "a1", b"photo", is_known=True)
    assert await reasons(filing, ANN, known, shot("a2", 0.4)) == [None, None]
    (ann,) = (await store.get("g")).identities()
    assert [photo.id for photo in ann.photos] == ["a1", "a2"]


async def test_the_same_picture_is_kept_once_whatever_its_name(store: GalleryStore) -> None:
    filing = Filing(store, "g", Limits())
    assert await reasons(filing, ANN, shot("a1", 0), shot("a1", 0), shot("a2", 0.1)) == [
        None,
        "duplicate",
        "duplicate",
    ]
    assert await reasons(filing, BEN, shot("b1", 0.1), shot("b2", 0.3)) == ["duplicate", None]
    assert [one.name for one in (await store.get("g")).identities()] == ["Ann", "Ben"]


async def test_a_strangers_photo_and_what_is_too_many_stay_out(store: GalleryStore) -> None:
    filing = Filing(store, "g", Limits(photos=2))
    shots = [shot("a1", 0), shot("a2", 2), shot("a3", 0.3), shot("a4", 0.55)]
    assert await reasons(filing, ANN, *shots) == [None, "outlier", None, "enough"]


async def test_somebody_of_whom_nothing_is_kept_is_not_enrolled(store: GalleryStore) -> None:
    filing = Filing(store, "g", Limits())
    assert await reasons(filing, ANN, Shot(PhotoPlace("x"), reason="no_face")) == ["no_face"]
    assert len(await store.get("g")) == 0


async def test_an_address_beyond_all_measure_is_cut_and_ends_no_build(store: GalleryStore) -> None:
    address = "http://a/" + 40_000 * "1"
    assert await reasons(Filing(store, "default", Limits()), ANN, shot("1", 0.0, address)) == [None]
    [ann] = (await store.get("default")).identities()
    assert ann.source == address[:400]
