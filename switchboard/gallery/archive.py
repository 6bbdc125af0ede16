"""Reads a gallery from one zip file: who is in it, their photos, their embeddings.

gallery.json      {"format": 1, "identities": [...]}, each with its photos
embeddings.npy    float32, a row a photo, in the order of gallery.json
photos/ID.jpg
"""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from pydantic import ValidationError

from contracts.face import EnrolledPhoto, Identity
from services.face.changes import Enrolled, format_change
from services.face.image import MAX_BYTES, MAX_PIXELS
from services.face.index import Embedding
from services.face.store import GalleryStore, check_ids
from switchboard.gallery.listed import people, rows

FORMAT = 1
LIST = "gallery.json"
EMBEDDINGS = "embeddings.npy"


_DAMAGES = (
    zipfile.BadZipFile,
    KeyError,
    ValidationError,
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,  # an encrypted file, or one by a method that zipfile does not know
)
"""What zipfile and its decompressors raise over a file that is not as it should be."""


class ArchiveUnreadable(ValueError):
    """The file is no exported gallery, or a damaged one."""


@dataclass(frozen=True)
class Filed:
    """One photo of an archive."""

    identity: Identity
    photo: EnrolledPhoto
    embedding: Embedding
    jpeg: bytes


async def import_(store: GalleryStore, name: str, file: Path) -> tuple[int, int]:
    """Add what the gallery does not have; gives how many people and photos came.

    May be cut short and repeated. Raises ArchiveUnreadable, before anything is added where the list of
    people or the embeddings are wrong.
    """
    people = photos = 0
    for filed in read_archive(file):
        gallery = await store.get(name)
        if gallery.has_photo(filed.photo.id):
            continue
        if filed.identity.id in gallery:
            await store.add_photo(name, filed.identity.id, filed.photo, filed.embedding, filed.jpeg)
        else:
            only = filed.identity.model_copy(update={"photos": (filed.photo,)})
            await store.enroll(name, only, filed.embedding, filed.jpeg)
            people += 1
        photos += 1
    return people, photos


def read_archive(file: Path) -> Iterator[Filed]:
    """Every photo, person by person. Raises ArchiveUnreadable, before the first where the lists are wrong."""
    try:
        with zipfile.ZipFile(file) as archive:
            _check(archive)
            for (identity, photo), row in _listed(archive):
                yield Filed(identity, photo, row, _jpeg(archive, photo.id))
    except _DAMAGES as error:
        raise ArchiveUnreadable(f"{file} is no exported gallery: {error}") from error


def _check(archive: zipfile.ZipFile) -> None:
    """Read both lists to their ends: nobody is added out of an archive that turns out to be damaged."""
    try:
        for (identity, photo), row in _listed(archive):
            check_ids(identity.id, photo.id)
            format_change(Enrolled(identity.model_copy(update={"photos": (photo,)}), row))
    except (ValueError, EOFError) as error:
        raise ArchiveUnreadable(str(error)) from error


def _listed(archive: zipfile.ZipFile) -> Iterator[tuple[tuple[Identity, EnrolledPhoto], Embedding]]:
    """Each person's photos with their embeddings. Raises ValueError."""
    with archive.open(LIST) as list_, archive.open(EMBEDDINGS) as packed:
        photos = ((one, photo) for one in people(list_, FORMAT) for photo in one.photos)
        yield from zip(photos, rows(packed), strict=True)


def _jpeg(archive: zipfile.ZipFile, photo_id: str) -> bytes:
    jpeg = _read(archive, photo_name(photo_id), MAX_BYTES)
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ArchiveUnreadable(f"photo {photo_id} is too large")
            image.load()
    except (OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise ArchiveUnreadable(f"photo {photo_id} is no JPEG") from error
    return jpeg


def _read(archive: zipfile.ZipFile, name: str, most_bytes: int) -> bytes:
    with archive.open(name) as member:
        content = member.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ArchiveUnreadable(f"{name} is larger than {most_bytes} bytes")
    return content


def photo_name(photo_id: str) -> str:
    """Where a photo is in the archive."""
    return f"photos/{photo_id}.jpg"
