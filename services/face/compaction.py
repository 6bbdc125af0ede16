"""Writes a journal anew without what is gone, so that removed people's embeddings leave the disk.

Lines of people to whom nothing happened since they came are copied as they are; the others are folded.
Nothing is read whole: a journal of 100,000 people has 100 MB.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from contracts.face import Identity
from services.face.changes import (
    Change,
    Enrolled,
    PhotoAdded,
    Snapshot,
    after,
    format_change,
    format_snapshot,
    parse_line,
)
from services.face.files import open_private
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


def compact(journal: Path, draft: Path, *, only_removals: bool) -> bool:
    """Write the draft, on the disk when this returns; False, and no draft, if nothing would be shorter.

    `only_removals`: being described anew is no reason. The caller holds the journal's lock, and the
    journal has no torn tail.
    """
    touching = [(verb, subject) for verb, subject, _ in _records(journal) if verb in _TOUCHING]
    touched = {subject for _, subject in touching}
    if not touched or (only_removals and not any(verb in _ENDING for verb, _ in touching)):
        return False
    with open_private(draft) as file:
        _write(file, journal, touched)
        file.flush()
        os.fsync(file.fileno())
    return True


def _write(file: BinaryIO, journal: Path, touched: set[bytes]) -> None:
    inode = journal.stat().st_ino
    file.write(format_snapshot(Snapshot(inode, 0)))
    folded: dict[bytes, _Folded] = {subject: _Folded() for subject in touched}
    for verb, subject, line in _records(journal):
        if subject in touched:
            change = parse_line(line)
            assert change
            assert not isinstance(change, Snapshot)
            folded[subject].take(change)
        elif verb != b"snapshot":
            file.write(line)
    file.writelines(map(format_change, _all_changes(folded.values())))
    length = file.tell()
    file.seek(0)
    file.write(format_snapshot(Snapshot(inode, length)))


def _all_changes(people: Iterable[_Folded]) -> Iterator[Change]:
    for one in people:
        yield from one.changes()


def _records(journal: Path) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Verb, id and whole line of every record."""
    with journal.open("rb") as file:
        for line in file:
            _, verb, subject, _ = line.split(b" ", 3)
            yield verb, subject, line
