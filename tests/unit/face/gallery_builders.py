"""Galleries and stores for tests."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from contracts.face import EnrolledPhoto, Identity
from services.face.changes import Enrolled
from services.face.gallery import Gallery
from services.face.index import Embedding, ExactIndex, Index
from services.face.percent import Scale
from services.face.store import GalleryStore
from tests.synthetic_faces import Vectors


def vector(number: int) -> Embedding:
    """Some embedding; the same for the same number."""
    return np.random.default_rng(number).normal(0, 0.1, 128).astype(np.float32)


def embedding(*start: float) -> Embedding:
    """These numbers, and noughts."""
    numbers = np.zeros(128, dtype=np.float32)
    numbers[: len(start)] = start
    return numbers


def gallery_of(
    vectors: Vectors,
    name: Callable[[int], str] = "Person {}".format,
    scale: Scale | None = None,
    make_index: Callable[[], Index] = ExactIndex,
) -> Gallery:
    """One photo of each; ids are the row numbers."""
    gallery = Gallery(make_index, scale)
    for number, row in enumerate(vectors):
        gallery.apply(Enrolled(Identity(id=str(number), name=name(number)), row))
    return gallery


def person(number: int) -> Identity:
    """Person 7 has the id 7, in as many digits as a real one."""
    return Identity(id=f"{number:032x}", name=f"Person {number}")


async def enroll(store: GalleryStore, number: int, gallery: str = "default") -> None:
    """Enroll a person with their vector and picture."""
    await store.enroll(gallery, person(number), vector(number), b"jpeg of %d" % number)


async def add_photo(store: GalleryStore, number: int, photo: int, gallery: str = "default") -> Identity:
    """Give a person one more photo, which has the photo's number for vector and picture."""
    return await store.add_photo(
        gallery,
        f"{number:032x}",
        EnrolledPhoto(id=f"{photo:032x}", author=f"Author {photo}"),
        vector(photo),
        b"jpeg of %d" % photo,
    )


async def names(store: GalleryStore, gallery: str = "default") -> list[str]:
    """Everybody's."""
    return [one.name for one in (await store.get(gallery)).identities()]


def journal(folder: Path) -> Path:
    """The default gallery's file."""
    return folder / "default" / "journal"


def below(folder: Path) -> list[Path]:
    """Everything under a folder."""
    return sorted(folder.rglob("*"))
