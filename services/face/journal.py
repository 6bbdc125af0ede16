"""A gallery's file: one record a line, each with its checksum, appended and never edited.

    {crc32} enroll {id} {"identity": …, "embedding": base64 of float32[128]}
    {crc32} remove {id} -

The snapshot has the same form: compacting writes the living records to a new file, which replaces
the old one whole. Writers hold a lock on a file beside it, so that several processes may share a
folder; readers follow without a lock, by reading on from where they were.
"""

import base64
import binascii
import errno
import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from contracts.face import Identity
from services.face.errors import GalleryDamaged, GalleryUnwritable
from services.face.index import Embedding, checked

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Enrolled:
    """Somebody came."""

    identity: Identity
    embedding: Embedding


@dataclass(frozen=True)
class Removed:
    """Somebody left."""

    identity_id: str


Change = Enrolled | Removed


class _EnrolledBody(BaseModel):
    model_config = ConfigDict(frozen=True)

    identity: Identity
    embedding: str


class Journal:
    """One gallery's journal, as one process sees it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "journal"
        self._file: FileIO | None = None
        self._offset = 0

    @property
    def folder(self) -> Path:
        """Where the gallery lives."""
        return self._folder

    def changed(self) -> bool:
        """Whether there is something to read: cheap, asked before every request."""
        try:
            there = os.stat(self._path)
        except FileNotFoundError:
            return self._file is not None
        if self._file is None:
            return True
        # The open file keeps its inode from being reused, so an equal number means the same file.
        return there.st_ino != os.fstat(self._file.fileno()).st_ino or there.st_size > self._offset

    def read(self) -> tuple[bool, list[Change]]:
        """What is new; True with it if the file was replaced and the changes start from nothing."""
        return self._read(locked=False)

    @contextmanager
    def writing(self) -> Iterator["JournalWriter"]:
        """Hold the lock. Raises GalleryUnwritable when the folder cannot be used."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._folder / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield JournalWriter(self, self._path)
        finally:
            os.close(lock)

    def close(self) -> None:
        """Let go of the file; the next use starts from nothing."""
        if self._file:
            self._file.close()
        self._file, self._offset = None, 0

    def _read(self, locked: bool) -> tuple[bool, list[Change]]:
        replaced = self._follow()
        if self._file is None:
            return replaced, []
        self._file.seek(self._offset)
        changes: list[Change] = []
        for line in _lines(self._file.read()):
            change = _parse(line)
            if change is None:
                self._meet_broken(line, locked)
                break
            changes.append(change)
            self._offset += len(line)
        return replaced, changes

    def _follow(self) -> bool:
        """Make sure that the open file is the present one; True if it is another than before."""
        try:
            there = os.stat(self._path).st_ino
        except FileNotFoundError:
            had = self._file is not None
            self.close()
            return had
        if self._file and os.fstat(self._file.fileno()).st_ino == there:
            return False
        self.close()
        # Open for as long as it is followed, unbuffered: a buffer would keep a tail that was cut since.
        self._file = open(self._path, "rb", buffering=0)  # noqa: SIM115
        return True

    def _meet_broken(self, line: bytes, locked: bool) -> None:
        assert self._file
        at_end = os.fstat(self._file.fileno()).st_size == self._offset + len(line)
        if not at_end and (locked or line.endswith(b"\n")):
            raise GalleryDamaged(f"{self._path}, byte {self._offset}: move it away, or cut it there")
        if locked:  # nobody is writing: it is what a crash or a full disk left, and was never answered
            os.truncate(self._path, self._offset)
            log.warning("face.journal_tail.cut", extra={"bytes": len(line), "gallery": self._folder.name})


class JournalWriter:
    """What may be done to the journal while its lock is held."""

    def __init__(self, journal: Journal, path: Path) -> None:
        self._journal = journal
        self._path = path

    def catch_up(self) -> tuple[bool, list[Change]]:
        """What others wrote; cuts a torn tail. Call before anything else."""
        return self._journal._read(locked=True)

    def append(self, change: Change) -> None:
        """On the disk when this returns. Raises GalleryUnwritable, and then nothing is changed."""
        line = _format(change)
        new = not self._path.exists()
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                size = os.fstat(file).st_size
                _write_or_undo(file, line, size)
            finally:
                os.close(file)
            if new:
                sync_folder(self._path.parent)
                sync_folder(self._path.parent.parent)
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error

    def living(self) -> set[str]:
        """The ids of everybody who is enrolled and not removed."""
        lines = self._lines_by_id()
        gone = {identity for verb, identity, _ in lines if verb == b"remove"}
        return {identity.decode() for _, identity, _ in lines if identity not in gone}

    def compact(self) -> None:
        """Replace the file by one without removed people: their embeddings leave the disk."""
        lines = self._lines_by_id()
        gone = {identity for verb, identity, _ in lines if verb == b"remove"}
        if not gone:
            return
        draft = self._path.with_name("journal.new")
        try:
            write_synced(draft, b"".join(line for _, identity, line in lines if identity not in gone))
            os.replace(draft, self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error
        # What is in the file is known already: go on from its end.
        self._journal._follow()
        self._journal._offset = os.stat(self._path).st_size

    def _lines_by_id(self) -> list[tuple[bytes, bytes, bytes]]:
        """Verb, id and whole line of every record."""
        lines = _lines(self._path.read_bytes()) if self._path.exists() else []
        records = ((line.split(b" ", 3), line) for line in lines)
        return [(words[1], words[2], line) for words, line in records]


def _lines(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def write_synced(path: Path, content: bytes) -> None:
    """A new file, mode 0600, on the disk when this returns."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make a new name in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_or_undo(file: int, line: bytes, size: int) -> None:
    try:
        if os.write(file, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise


def _format(change: Change) -> bytes:
    if isinstance(change, Removed):
        text = f"remove {change.identity_id} -"
    else:
        numbers = base64.b64encode(change.embedding.astype("<f4").tobytes()).decode()
        body = _EnrolledBody(identity=change.identity, embedding=numbers)
        text = f"enroll {change.identity.id} {body.model_dump_json()}"
    record = text.encode()
    return b"%08x %s\n" % (binascii.crc32(record), record)


def _parse(line: bytes) -> Change | None:
    """The change, or None if the line is torn or its checksum is wrong."""
    checksum, _, record = line[:-1].partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % binascii.crc32(record):
        return None
    verb, identity_id, body = record.split(b" ", 2)
    if verb == b"remove":
        return Removed(identity_id.decode())
    if verb == b"enroll":
        enrolled = _EnrolledBody.model_validate_json(body)
        numbers = np.frombuffer(base64.b64decode(enrolled.embedding), dtype="<f4")
        return Enrolled(enrolled.identity, checked(numbers.astype(np.float32)))
    raise GalleryDamaged(f"the record {verb.decode()!r} is unknown: a newer version wrote it")
