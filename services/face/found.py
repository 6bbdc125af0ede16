"""How often each person was somebody's nearest look-alike: an id a line, and nothing about whom.

A file of its own beside the journal, shared by every process. A few counts may be lost in a power cut, and
what cannot be counted or read hinders nothing else.
"""

import logging
import os
from collections import Counter
from collections.abc import Container
from pathlib import Path

from services.face.files import locked, write_synced

log = logging.getLogger(__name__)

_SPARE_LINES = 1000
"""The file is written anew at a start when it has so many lines more than people."""


class FoundCounts:
    """The counts of one gallery, as one process sees them. A compacted line has a number behind the id."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "found"
        self._counts: Counter[str] = Counter()
        self._lines = 0
        self._inode = 0
        self._offset = 0

    def of(self, identity_id: str) -> int:
        """The count, as of the last `read`."""
        return self._counts[identity_id]

    def add(self, identity_id: str) -> None:
        """Count one more; other processes see it when they read."""
        try:
            with locked(self._path) as file:
                os.write(file, f"{identity_id}\n".encode())
        except OSError as error:
            log.warning("face.found.not_counted", extra={"reason": error.strerror})

    def read(self) -> None:
        """Catch up with the file; cheap when there is nothing new."""
        try:
            there = os.stat(self._path)
            if there.st_ino != self._inode or there.st_size < self._offset:
                self._forget(there.st_ino)
            if there.st_size > self._offset:
                self._read_on()
        except OSError:
            self._forget(0)

    def compact(self, living: Container[str]) -> None:
        """Write one line a person, and none for who is gone, if that saves much."""
        self.read()
        if self._lines <= len(self._counts) + _SPARE_LINES:
            return
        try:
            self._write_anew(living)
        except OSError as error:
            log.warning("face.found.not_compacted", extra={"reason": error.strerror})
        self.read()

    def _write_anew(self, living: Container[str]) -> None:
        with locked(self._path):
            self.read()
            lines = [f"{key} {count}\n" for key, count in self._counts.items() if key in living]
            draft = self._path.with_name("found.new")
            write_synced(draft, "".join(lines).encode())
            os.replace(draft, self._path)

    def _forget(self, inode: int) -> None:
        self._counts.clear()
        self._lines, self._inode, self._offset = 0, inode, 0

    def _read_on(self) -> None:
        with open(self._path, "rb", buffering=0) as file:
            file.seek(self._offset)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.decode("utf-8", "replace").splitlines():
            identity_id, _, count = line.partition(" ")
            self._counts[identity_id] += int(count) if count.isdecimal() else 1
            self._lines += 1
