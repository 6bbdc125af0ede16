"""Writes a journal anew without what is gone, so that removed people's embeddings leave the disk.

Lines of people to whom nothing happened since they came are copied as they are; the others are folded.
Nothing is read whole: a journal of 100,000 people has 100 MB.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from contracts.face import Identity
from services.face.changes import (
    LINE_BYTES,
    Change,
    Enrolled,
    PhotoAdded,
    Snapshot,
    after,
    format_change,
    format_snapshot,
    parse_line,
)
from services.face.index import Embedding

_ENDING = frozenset((b"remove", b"remove-photo"))
_TOUCHING = _ENDING | {b"change"}


@dataclass
class _Folded:
    identity: Identity | None = None
    embeddings: dict[str, Embedding] = field(default_factory=dict)

    def take(self, change: Change) -> None:
        self.identity = after(self.identity, change)
        if isinstance(change, Enrolled) and self.identity:
            self.embeddings[self.identity.photos[0].id] = change.embedding
        elif isinstance(change, PhotoAdded):
            self.embeddings[change.photo.id] = change.embedding

    def changes(self) -> Iterator[Change]:
        if self.identity is None:
            return
        first, *others = self.identity.photos
        alone = self.identity.model_copy(update={"photos": (first,)})
        yield Enrolled(alone, self.embeddings[first.id])
        for photo in others:
            yield PhotoAdded(self.identity.id, photo, self.embeddings[photo.id])


class Compaction:
    """One journal on its way to a shorter file.

    It is made, and `finish`ed, under the journal's lock. `write` takes long and wants none: what is appended
    meanwhile is copied at the end.
    """

    def __init__(self, journal: Path, draft: BinaryIO) -> None:
        """Of the journal as it is now, but for a torn tail. Raises OSError."""
        self._journal = journal
        self._draft = draft
        self._file = journal.open("rb")
        self._length = _whole_lines(self._file)

    def write(self, *, only_removals: bool) -> bool:
        """Write the living to the draft; False if nothing would be shorter. Raises OSError.

        `only_removals`: being described anew is no reason.
        """
        touching = [(verb, subject) for verb, subject, _ in self._records() if verb in _TOUCHING]
        touched = {subject for _, subject in touching}
        if not touched or (only_removals and not any(verb in _ENDING for verb, _ in touching)):
            return False
        self._write_header(0)
        folded: dict[bytes, _Folded] = {subject: _Folded() for subject in touched}
        for verb, subject, line in self._records():
            if subject in touched:
                change = parse_line(line)
                assert change
                assert not isinstance(change, Snapshot)
                folded[subject].take(change)
            elif verb != b"snapshot":
                self._draft.write(line)
        self._draft.writelines(map(format_change, _all_changes(folded.values())))
        self._sync()
        return True

    def finish(self) -> bool:
        """Copy what was appended meanwhile; the draft is on the disk when this returns. Raises OSError.

        False if the journal has been replaced, or moved away with its gallery.
        """
        try:
            there = os.stat(self._journal)
        except FileNotFoundError:
            return False
        if not os.path.samestat(there, os.fstat(self._file.fileno())) or there.st_size < self._length:
            return False
        self._file.seek(self._length)
        shutil.copyfileobj(self._file, self._draft)
        self._write_header(self._draft.tell())
        self._sync()
        return True

    def close(self) -> None:
        """Let go of the journal."""
        self._file.close()

    def _write_header(self, length: int) -> None:
        inode = os.fstat(self._file.fileno()).st_ino
        self._draft.seek(0)
        self._draft.write(format_snapshot(Snapshot(inode, length)))

    def _records(self) -> Iterator[tuple[bytes, bytes, bytes]]:
        """Verb, id and whole line of every record."""
        self._file.seek(0)
        read = 0
        while read < self._length:
            line = self._file.readline()
            read += len(line)
            _, verb, subject, _ = line.split(b" ", 3)
            yield verb, subject, line

    def _sync(self) -> None:
        self._draft.flush()
        os.fsync(self._draft.fileno())


def _whole_lines(file: BinaryIO) -> int:
    """Up to where the file consists of whole lines."""
    size = file.seek(0, os.SEEK_END)
    start = file.seek(max(0, size - LINE_BYTES))
    return start + file.read(size - start).rfind(b"\n") + 1


def _all_changes(people: Iterable[_Folded]) -> Iterator[Change]:
    for one in people:
        yield from one.changes()
