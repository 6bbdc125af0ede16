"""What can happen to the people of a gallery, and how it is written: a line each, with its checksum.

{crc32} enroll {id} {"identity": …, "embedding": base64 of float32[128]}
{crc32} add-photo {id} {"photo": …, "embedding": …}
{crc32} remove-photo {id} {photo id}
{crc32} change {id} {"name": …, "alias": …, "role": …, "n_movies": …}
{crc32} remove {id} -
{crc32} snapshot {inode} {length}     the first line of a file that says in `length` bytes all that
                                      the file with that inode said
"""

import base64
import binascii
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from contracts.face import EnrolledPhoto, Identity
from services.face.errors import GalleryDamaged
from services.face.index import Embedding, checked

LINE_BYTES = 2**15
"""No line is longer."""
SNAPSHOT_BYTES = 128
"""No snapshot line is longer."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody came, with a first photo."""

    identity: Identity
    embedding: Embedding

    @property
    def identity_id(self) -> str:
        """Who came."""
        return self.identity.id


@dataclass(frozen=True, slots=True)
class PhotoAdded:
    """There is one more photo of somebody."""

    identity_id: str
    photo: EnrolledPhoto
    embedding: Embedding


@dataclass(frozen=True, slots=True)
class PhotoRemoved:
    """There is one photo less; whose last it was is gone."""

    identity_id: str
    photo_id: str


class Description(BaseModel):
    """What is told of a person, and may be told anew."""

    model_config = ConfigDict(frozen=True)

    name: str
    alias: str = ""
    role: str = ""
    n_movies: int | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """Somebody is described anew."""

    identity_id: str
    description: Description


@dataclass(frozen=True, slots=True)
class Removed:
    """Somebody left."""

    identity_id: str


Change = Enrolled | PhotoAdded | PhotoRemoved | Described | Removed


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The file begins with what another one, known by its inode, said."""

    inode: int
    length: int


class _EnrolledBody(BaseModel):
    model_config = ConfigDict(frozen=True)

    identity: Identity
    embedding: str


class _PhotoBody(BaseModel):
    model_config = ConfigDict(frozen=True)

    photo: EnrolledPhoto
    embedding: str


def after(identity: Identity | None, change: Change) -> Identity | None:
    """A person as they are after a change that is about them; None: they are not there."""
    match change:
        case Enrolled():
            return identity or complete(change.identity)
        case Removed():
            return None
    if identity is None:  # removed by another process meanwhile
        return None
    match change:
        case PhotoAdded():
            return with_photos(identity, (*identity.photos, change.photo))
        case PhotoRemoved():
            rest = tuple(photo for photo in identity.photos if photo.id != change.photo_id)
            return with_photos(identity, rest) if rest else None
        case Described():
            return identity.model_copy(update=change.description.model_dump())


def complete(identity: Identity) -> Identity:
    """With the first photo among the photos, where older journals do not have it."""
    if identity.photos:
        return identity
    first = EnrolledPhoto(
        id=identity.id,
        size=identity.photo,
        box=identity.box,
        licence=identity.licence,
        source=identity.source,
    )
    return with_photos(identity, (first,))


def with_photos(identity: Identity, photos: tuple[EnrolledPhoto, ...]) -> Identity:
    """With these photos, and the first one's facts as the person's own."""
    first = photos[0]
    facts = {"licence": first.licence, "source": first.source, "photo": first.size, "box": first.box}
    return identity.model_copy(update={"photos": photos, **facts})


def format_change(change: Change) -> bytes:
    """The line of a change. Raises ValueError for what is no embedding, and for texts beyond all measure."""
    match change:
        case Enrolled():
            plain = change.identity.model_copy(update={"found": 0})
            body = _EnrolledBody(identity=plain, embedding=_numbers(change.embedding)).model_dump_json()
            return _line(f"enroll {change.identity_id} {body}")
        case PhotoAdded():
            body = _PhotoBody(photo=change.photo, embedding=_numbers(change.embedding)).model_dump_json()
            return _line(f"add-photo {change.identity_id} {body}")
        case PhotoRemoved():
            return _line(f"remove-photo {change.identity_id} {change.photo_id}")
        case Described():
            return _line(f"change {change.identity_id} {change.description.model_dump_json()}")
        case Removed():
            return _line(f"remove {change.identity_id} -")


def format_snapshot(snapshot: Snapshot) -> bytes:
    """The line of a snapshot; as long for every length."""
    return _line(f"snapshot {snapshot.inode} {snapshot.length:020d}")


def parse_line(line: bytes) -> Change | Snapshot | None:
    """What the line says, or None if it is torn or its checksum is wrong.

    Raises GalleryDamaged for what a newer version wrote.
    """
    checksum, _, record = line[:-1].partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % binascii.crc32(record):
        return None
    verb, subject, body = record.split(b" ", 2)
    match verb:
        case b"enroll":
            enrolled = _EnrolledBody.model_validate_json(body)
            return Enrolled(enrolled.identity, _embedding(enrolled.embedding))
        case b"add-photo":
            added = _PhotoBody.model_validate_json(body)
            return PhotoAdded(subject.decode(), added.photo, _embedding(added.embedding))
        case b"remove-photo":
            return PhotoRemoved(subject.decode(), body.decode())
        case b"change":
            return Described(subject.decode(), Description.model_validate_json(body))
        case b"remove":
            return Removed(subject.decode())
        case b"snapshot":
            return Snapshot(int(subject), int(body))
    raise GalleryDamaged(f"the record {verb.decode()!r} is unknown: a newer version wrote it")


def _line(text: str) -> bytes:
    record = text.encode()
    if len(record) > LINE_BYTES - 16:
        raise ValueError("this is too long for a record")
    return b"%08x %s\n" % (binascii.crc32(record), record)


def _numbers(embedding: Embedding) -> str:
    return base64.b64encode(checked(embedding).astype("<f4").tobytes()).decode()


def _embedding(numbers: str) -> Embedding:
    return np.frombuffer(binascii.a2b_base64(numbers), dtype="<f4").astype(np.float32)
