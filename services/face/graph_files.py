"""A search graph on disk: the graph's own file, and a list of whom it covers, which names that file.

The list replaces the former one whole, and only when the graph is on the disk; so a crash leaves the old
graph. The graph holds its people's embeddings: who is removed is overwritten there.
"""

import fcntl
import json
import os
import uuid
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from services.face.files import sync_folder, write_synced

_VECTOR_BYTES = 512
_PORTION = 4096
_GRAPHS = "graph-*.bin"


@dataclass(frozen=True)
class Layout:
    """Where in a graph's file the embeddings lie: row r's at first + r * stride."""

    first: int
    stride: int
    unreachable: tuple[int, ...] = ()
    """Rows that a quick search of the graph does not find."""


@dataclass(frozen=True)
class GraphOnDisk:
    """A graph that an index may load."""

    path: Path
    keys: tuple[str, ...]
    layout: Layout
    overwritten: frozenset[int] = frozenset()
    """Rows whose embeddings were taken off the disk."""


class GraphFiles:
    """The graph of one gallery's folder, shared by every process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._list = folder / "graph"

    def stamp(self) -> int | None:
        """Another one whenever there is another graph."""
        try:
            return os.stat(self._list).st_mtime_ns
        except FileNotFoundError:
            return None

    def read(self) -> GraphOnDisk | None:
        """The graph, if a whole one is there: nmslib would end the process over a damaged one."""
        try:
            head, *keys = self._list.read_text("ascii").split("\n")
            facts = json.loads(head)
            path = self._folder / facts["file"]
            layout = Layout(facts["first"], facts["stride"], tuple(facts["unreachable"]))
            checksum, overwritten = _checked(path, layout, len(keys))
            if checksum != facts["checksum"]:
                return None
        except (OSError, ValueError, KeyError):
            return None  # none, or a damaged one: another will be built
        return GraphOnDisk(path, tuple(keys), layout, overwritten)

    @contextmanager
    def building(self) -> Iterator[Path | None]:
        """Where to build a new graph; None while another process builds one."""
        lock = os.open(self._folder / "graph.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield self._folder / f"graph-{uuid.uuid4().hex}.bin"
        except BlockingIOError:
            yield None
        finally:
            os.close(lock)

    def commit(self, path: Path, keys: Iterable[str], layout: Layout) -> GraphOnDisk:
        """Make what was built at a path the graph. Raises OSError; what was built is deleted then."""
        keys = tuple(keys)
        try:
            self._write_list(path, keys, layout)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        sync_folder(self._folder)
        self.clear(but=path)
        return GraphOnDisk(path, keys, layout)

    def _write_list(self, path: Path, keys: tuple[str, ...], layout: Layout) -> None:
        with path.open("rb") as file:
            os.fsync(file.fileno())
        facts = {"file": path.name, "checksum": _checked(path, layout, len(keys))[0], **asdict(layout)}
        draft = self._folder / "graph.new"
        write_synced(draft, "\n".join([json.dumps(facts), *keys]).encode("ascii"))
        os.replace(draft, self._list)

    def drop(self) -> None:
        """Delete the graph, if there is one and no process is building another. Raises OSError."""
        if not self._list.exists() and not any(self._folder.glob(_GRAPHS)):
            return
        with self.building() as path:
            if path:
                self._list.unlink(missing_ok=True)
                self.clear(but=None)
                sync_folder(self._folder)

    def clear(self, but: Path | None) -> None:
        """Delete what former graphs and crashes left. Call while building."""
        for path in self._folder.glob(_GRAPHS):
            if path != but:
                path.unlink(missing_ok=True)


def overwrite(graph: GraphOnDisk, rows: Iterable[int]) -> None:
    """Take the embeddings of these rows off the disk. A graph that was replaced meanwhile needs none."""
    try:
        with graph.path.open("r+b") as file:
            for row in rows:
                file.seek(graph.layout.first + row * graph.layout.stride)
                file.write(bytes(_VECTOR_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return


def _checked(path: Path, layout: Layout, rows: int) -> tuple[int, frozenset[int]]:
    """A checksum of everything but the embeddings, which may be overwritten; and the rows that are."""
    overwritten: set[int] = set()
    with path.open("rb") as file:
        checksum = zlib.crc32(file.read(layout.first))
        start = 0
        while portion := file.read(_PORTION * layout.stride):
            content = np.zeros(_PORTION * layout.stride, dtype=np.uint8)
            content[: len(portion)] = np.frombuffer(portion, dtype=np.uint8)
            embeddings = content.reshape(_PORTION, layout.stride)[: max(rows - start, 0), :_VECTOR_BYTES]
            overwritten.update((start + np.flatnonzero(~embeddings.any(axis=1))).tolist())
            embeddings[:] = 0
            checksum = zlib.crc32(content[: len(portion)].data, checksum)
            start += _PORTION
    return checksum, frozenset(overwritten)
