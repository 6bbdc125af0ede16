"""A gallery's journal: one record a line, appended and never edited; `changes` says what the lines are.

Compacting writes the living records to a new file, which replaces the old one whole. Writers hold a
lock on a file beside it, so that several processes may share a folder; readers follow without a lock,
by reading on from where they were. A reader that knows the old file to its end goes on behind the part
of the new one that says the same.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from io import FileIO
from pathlib import Path

from services.face.changes import LINE_BYTES, SNAPSHOT_BYTES, Change, Snapshot, format_change, parse_line
from services.face.compaction import Compaction
from services.face.errors import GalleryDamaged, GalleryUnwritable
from services.face.files import append_synced, lock, locked_draft, sync_folder

log = logging.getLogger(__name__)

Portion = tuple[bool, list[Change]]
"""True if what follows starts from nothing; and the next changes."""

_CHUNK = 2 * LINE_BYTES
"""Small: with many parsed records alive, the garbage collector doubles the time of a start."""


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
        return there.st_ino != self._inode() or there.st_size != self._offset

    def stamp(self) -> tuple[int, int, int] | None:
        """Another one whenever the file is another."""
        try:
            there = os.stat(self._path)
        except FileNotFoundError:
            return None
        return there.st_ino, there.st_size, there.st_mtime_ns

    def read(self) -> Iterator[Portion]:
        """What is new, in portions; to be read to the end. Raises GalleryDamaged."""
        return self._read(is_locked=False)

    @contextmanager
    def writing(self) -> Iterator["JournalWriter"]:
        """Hold the lock. Raises GalleryUnwritable when the folder cannot be used."""
        try:
            file = self._lock()
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error
        try:
            yield JournalWriter(self, self._path)
        finally:
            os.close(file)

    @contextmanager
    def compacting(self, *, is_locked: bool) -> Iterator[Compaction | None]:
        """A compaction. Who holds the lock already gets None where another process is at it: it holds
        that file, and waits for this lock. Raises GalleryUnwritable and OSError.
        """
        if not self._path.exists():
            yield None
            return
        with locked_draft(self._folder / "journal.new", wait=not is_locked) as draft:
            if draft is None:
                yield None
                return
            with nullcontext() if is_locked else self.writing():
                compaction = Compaction(self._path, draft)
            with closing(compaction):
                yield compaction

    def close(self) -> None:
        """Let go of the file; the next use starts from nothing."""
        if self._file:
            self._file.close()
        self._file, self._offset = None, 0

    def _lock(self) -> int:
        while True:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                return lock(self._folder / "lock")
            except FileNotFoundError:
                if self._folder.exists():
                    raise
                # dropped by another process just now

    def _inode(self) -> int:
        assert self._file
        return os.fstat(self._file.fileno()).st_ino

    def _read(self, is_locked: bool) -> Iterator[Portion]:
        there = self._opened()
        if there is None:
            had = self._file is not None
            self.close()
            if had:
                yield True, []
            return
        found = os.fstat(there.fileno())
        if self._file is None or found.st_ino != self._inode() or found.st_size < self._offset:
            yield from self._move_to(there)
        else:
            there.close()
        for changes in self._chunks(is_locked):
            yield False, changes

    def _opened(self) -> FileIO | None:
        try:
            # Unbuffered: a buffer would keep a tail that was cut since.
            return open(self._path, "rb", buffering=0)
        except FileNotFoundError:
            return None

    def _move_to(self, there: FileIO) -> Iterator[Portion]:
        """Go on with another file: behind what it repeats of the one that was followed, or anew."""
        first = _snapshot(there)
        if self._file and first and first.inode == self._inode():
            for changes in self._chunks(is_locked=False):
                yield False, changes
            self.close()
            self._file, self._offset = there, first.length
            return
        self.close()
        self._file = there
        yield True, []

    def _chunks(self, is_locked: bool) -> Iterator[list[Change]]:
        assert self._file
        while True:
            self._file.seek(self._offset)
            content = self._file.read(_CHUNK)
            at_end = len(content) < _CHUNK
            changes = self._parsed(content, at_end, is_locked)
            if changes:
                yield changes
            if at_end:
                return

    def _parsed(self, content: bytes, at_end: bool, is_locked: bool) -> list[Change]:
        changes: list[Change] = []
        for line in _lines(content, at_end):
            change = self._change(line)
            if change is None:
                self._meet_broken(line, is_locked)
                break
            if not isinstance(change, Snapshot):
                changes.append(change)
            self._offset += len(line)
        return changes

    def _change(self, line: bytes) -> Change | Snapshot | None:
        try:
            return parse_line(line)
        except ValueError:  # not chained: pydantic's text quotes the person
            raise GalleryDamaged(f"{self._path}, byte {self._offset}: no such record is written") from None

    def _meet_broken(self, line: bytes, is_locked: bool) -> None:
        assert self._file
        at_end = os.fstat(self._file.fileno()).st_size == self._offset + len(line)
        if not at_end and (is_locked or line.endswith(b"\n")):
            raise GalleryDamaged(f"{self._path}, byte {self._offset}: move it away, or cut it there")
        if is_locked:  # nobody is writing: it is what a crash or a full disk left, and was never answered
            os.truncate(self._path, self._offset)
            log.warning("face.journal_tail.cut", extra={"bytes": len(line), "gallery": self._folder.name})


class JournalWriter:
    """What may be done to the journal while its lock is held."""

    def __init__(self, journal: Journal, path: Path) -> None:
        self._journal = journal
        self._path = path

    def catch_up(self) -> Iterator[Portion]:
        """What others wrote; cuts a torn tail. Read it to the end before anything else."""
        return self._journal._read(is_locked=True)

    def append(self, change: Change) -> None:
        """On the disk when this returns. Raises GalleryUnwritable, and then nothing is changed."""
        try:
            append_synced(self._path, format_change(change))
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error

    def compact(self) -> None:
        """Replace the file by one without what is gone, here and now. Raises GalleryUnwritable."""
        try:
            with self._journal.compacting(is_locked=True) as compaction:
                if compaction and compaction.write(only_removals=False):
                    self.replace_by(compaction)
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error

    def replace_by(self, compaction: Compaction) -> None:
        """Put a written compaction in the file's place, unless the file is another one by now.

        The embeddings of removed people leave the disk. Raises GalleryUnwritable, and nothing is changed.
        """
        try:
            if compaction.finish():
                os.replace(self._path.with_name("journal.new"), self._path)
                sync_folder(self._path.parent)
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error


def _snapshot(file: FileIO) -> Snapshot | None:
    line = os.pread(file.fileno(), SNAPSHOT_BYTES, 0).partition(b"\n")[0]
    words = line.split(b" ")
    parsed = parse_line(line + b"\n") if len(words) == 4 and words[1] == b"snapshot" else None
    return parsed if isinstance(parsed, Snapshot) else None


def _lines(content: bytes, at_end: bool) -> list[bytes]:
    *whole, rest = content.split(b"\n")
    if not whole and not at_end:
        raise GalleryDamaged("a line of the journal is longer than any record")
    lines = [line + b"\n" for line in whole]
    return [*lines, rest] if rest and at_end else lines
