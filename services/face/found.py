"""How often each person was somebody's nearest look-alike: an id a line, and nothing about whom.

A file of its own beside the journal, shared by every process. A few counts may be lost in a power cut, and
what cannot be counted or read hinders nothing else.
"""

import logging
import os
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

from services.face.files import locked, write_synced

log = logging.getLogger(__name__)

_SPARE_LINES = 1000
"""The file is written anew when it has so many lines more than twice the people."""


@dataclass
class _Tally:
    """What was read of one file."""

    inode: int = 0
    offset: int = 0
    lines: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def read_on(self, path: Path) -> None:
        with open(path, "rb", buffering=0) as file:
            file.seek(self.offset)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self.offset += len(whole)
        for line in whole.decode("utf-8", "replace").splitlines():
            identity_id, _, count = line.partition(" ")
            self.counts[identity_id] += int(count) if count.isdecimal() else 1
            self.lines += 1

    @property
    def is_long(self) -> bool:
        return self.lines > 2 * len(self.counts) + _SPARE_LINES


class FoundCounts:
    """The counts of one gallery, as one process sees them. A compacted line has a number behind the id."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "found"
        self._tally = _Tally()

    def of(self, identity_id: str) -> int:
        """The count, as of the last `read`."""
        return self._tally.counts[identity_id]

    @property
    def is_long(self) -> bool:
        """Whether the file, as of the last `read`, is longer than it need be: time to `compact`."""
        return self._tally.is_long

    def add(self, identity_id: str) -> None:
        """Count one more; other processes see it when they read."""
        try:
            with locked(self._path) as file:
                os.write(file, f"{identity_id}\n".encode())
        except OSError as error:
            log.warning("face.found.not_counted", extra={"reason": error.strerror})

    def read(self) -> None:
        """Catch up with the file; cheap when there is nothing new."""
        tally = self._tally
        try:
            there = os.stat(self._path)
            if there.st_ino != tally.inode or there.st_size < tally.offset:
                self._tally = tally = _Tally(there.st_ino)
            if there.st_size > tally.offset:
                tally.read_on(self._path)
        except OSError:
            self._tally = _Tally()

    def compact(self, living: Container[str]) -> None:
        """Write one line a person, and none for who is gone, if that saves much; may run in a thread."""
        try:
            with locked(self._path) as file:
                tally = _Tally(os.fstat(file).st_ino)
                tally.read_on(self._path)
                # Another process may have been quicker. A tally of our own: the loop reads on in its.
                self._tally = self._written_anew(tally, living) if tally.is_long else tally
        except OSError as error:
            log.warning("face.found.not_compacted", extra={"reason": error.strerror})

    def _written_anew(self, tally: _Tally, living: Container[str]) -> _Tally:
        counts = Counter({key: count for key, count in tally.counts.items() if key in living})
        content = "".join(f"{key} {count}\n" for key, count in counts.items()).encode()
        draft = self._path.with_name("found.new")
        write_synced(draft, content)
        inode = draft.stat().st_ino
        os.replace(draft, self._path)
        return _Tally(inode, len(content), len(counts), counts)
