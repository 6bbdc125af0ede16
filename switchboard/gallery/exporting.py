"""Writes a gallery into one zip file, a person at a time: a hundred thousand would fill the memory."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np

from services.face.errors import IdentityUnknown
from services.face.gallery import Gallery
from services.face.index import Embedding
from services.face.people import everybody
from services.face.store import GalleryStore
from switchboard.gallery.archive import EMBEDDINGS, FORMAT, LIST, photo_name


async def export(store: GalleryStore, name: str, file: Path) -> tuple[int, int]:
    """Write the gallery; gives how many people and photos. The file is there whole or not at all."""
    gallery = await store.get(name)
    people = photos = 0
    with _new_archive(file) as archive, _aside(file) as listed, _aside(file) as rows:
        async for one in everybody(gallery):
            identity = gallery.get(one.id)  # as they are now: of the photos that are told now
            found = await _photos(store, name, gallery, one.id)
            for photo_id, embedding, jpeg in found:
                archive.writestr(photo_name(photo_id), jpeg)
                rows.write(np.ascontiguousarray(embedding, dtype="<f4").tobytes())
            if identity and found:
                listed.write(b", " if people else b"")
                listed.write(identity.model_dump_json(exclude={"found"}).encode())
                people, photos = people + 1, photos + len(found)
        _write_list(archive, listed)
        _write_rows(archive, rows, photos)
    return people, photos


async def _photos(
    store: GalleryStore, name: str, gallery: Gallery, identity_id: str
) -> list[tuple[str, Embedding, bytes]]:
    """Each photo's id, embedding and picture; none of who was removed in the running room meanwhile."""
    try:
        own = gallery.embeddings(identity_id)
        return [(key, row, await store.portrait(name, identity_id, key)) for key, row in own]
    except (KeyError, IdentityUnknown):
        return []


def _write_list(archive: zipfile.ZipFile, listed: IO[bytes]) -> None:
    listed.seek(0)
    with archive.open(LIST, "w", force_zip64=True) as member:
        member.write(b'{"format": %d, "identities": [' % FORMAT)
        shutil.copyfileobj(listed, member)
        member.write(b"]}")


def _write_rows(archive: zipfile.ZipFile, rows: IO[bytes], count: int) -> None:
    rows.seek(0)
    with archive.open(EMBEDDINGS, "w", force_zip64=True) as member:
        shape = {"descr": "<f4", "fortran_order": False, "shape": (count, 128)}
        np.lib.format.write_array_header_1_0(member, shape)
        shutil.copyfileobj(rows, member)


def _aside(file: Path) -> IO[bytes]:
    """A file without a name, on the archive's own disk and gone with this process: it holds embeddings."""
    return tempfile.TemporaryFile(dir=file.parent)


@contextmanager
def _new_archive(file: Path) -> Iterator[zipfile.ZipFile]:
    """Readable by this user alone, for it holds faces."""
    draft = file.with_name(f".{file.name}.part")
    try:
        with open(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as raw:
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
                yield archive
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)
