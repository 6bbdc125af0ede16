"""Files that survive a power cut, and that only their owner may read."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def open_private(path: Path) -> BinaryIO:
    """A new file, mode 0600, to write to."""
    return open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def write_synced(path: Path, content: bytes) -> None:
    """A new file, mode 0600, on the disk when this returns."""
    with open_private(path) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def append_synced(path: Path, content: bytes) -> None:
    """On the disk when this returns. Raises OSError, and then nothing is changed."""
    new = not path.exists()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        _write_or_undo(file, content, os.fstat(file).st_size)
    finally:
        os.close(file)
    if new:
        sync_folder(path.parent)
        sync_folder(path.parent.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock(path: Path) -> int:
    """Wait for the lock on a file, made if need be; closing the descriptor, open for appending, frees it.

    Raises OSError when the file cannot be had.
    """
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(path, file):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


@contextmanager
def locked_draft(path: Path, *, wait: bool) -> Iterator[BinaryIO | None]:
    """An empty file, mode 0600, that nobody else writes to; gone at the end, unless it has been renamed.

    None where somebody else has it, and it is not waited for. Raises OSError.
    """
    file = _lock_draft(path, wait)
    if file is None:
        yield None
        return
    os.ftruncate(file, 0)
    with open(file, "wb") as draft:
        try:
            yield draft
        finally:
            if _is_at(path, file):
                path.unlink()


def _lock_draft(path: Path, wait: bool) -> int | None:
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            if _is_at(path, file):
                return file
        except BlockingIOError:
            os.close(file)
            return None
        except BaseException:
            os.close(file)
            raise
        os.close(file)


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock on a file; gives its descriptor. Raises OSError."""
    file = lock(path)
    try:
        yield file
    finally:
        os.close(file)


def _is_at(path: Path, file: int) -> bool:
    """Whether the open file is the one at the path: it may have been replaced while we waited."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(file))
    except FileNotFoundError:
        return False


def _write_or_undo(file: int, line: bytes, size: int) -> None:
    try:
        if os.write(file, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)
        raise
