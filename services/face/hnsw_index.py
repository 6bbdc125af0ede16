"""nmslib's HNSW behind the Index Protocol, with the guard rails that it lacks.

nmslib answers a vector of the wrong length, gives an id for NaN, loses what is added to a built
graph, cannot delete, and says "distance" for its square. So: input is checked, a graph is built
once and replaced whole, newcomers are searched exactly until then, removed people are filtered
out, and the candidates' distances are computed anew. Below a number of people everything is exact.
"""

import json
import logging
import mmap
import os
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.face.graph_builder import GraphBuilder
from services.face.graph_files import GraphFiles, GraphOnDisk, Layout, overwrite
from services.face.index import DIMENSIONS, Embedding, ExactIndex, Neighbour, checked

log = logging.getLogger(__name__)

CROSSOVER = 120_000
"""From so many photos on a graph is quicker than the exact scan: at 100,000 1.6 ms of CPU against 1.5, at
200,000 2.0 against 3.2 (measured, one thread)."""

_BUILD = {"M": 32, "efConstruction": 200, "post": 0, "indexThreadQty": 1}
_EF_BUILT_CHECK = 100
_OVERLAY = 1000
"""So many newcomers and removals are cheap to search past; more, and a new graph is worth its price."""


def ef_search(rows: int) -> int:
    """How many candidates a search keeps, as measured.

    400 give recall@1 of 0.999 at 100,000 and 200,000. At a million 800 find 0.995 of enrolled people, 2,000
    find 0.998 and 2,400 find 0.999.
    """
    return 400 if rows <= 300_000 else 2400


class _Graph:
    """A built graph over some keys; never changed."""

    def __init__(self, disk: GraphOnDisk) -> None:
        self.disk = disk
        self.keys = disk.keys
        self.rows = {key: row for row, key in enumerate(disk.keys)}
        self.ef = ef_search(len(self.keys))
        self._graph = _loaded(disk.path, self.ef)

    def near(self, probe: Embedding, count: int) -> list[str]:
        rows, _ = self._graph.knnQuery(probe, k=count)
        return [self.keys[row] for row in rows]


class HnswIndex:
    """Exact over newcomers, by graph over the rest; all exact while there are fewer than `least` photos.

    With a folder the graph is kept there, and shared by every process that opens it.
    """

    def __init__(self, folder: Path | None = None, least: int = 0) -> None:
        self._lock = threading.Lock()
        self._least = least
        self._own_folder = None if folder else tempfile.TemporaryDirectory(prefix="face-graph-")
        self._files = GraphFiles(folder or Path(self._own_folder.name if self._own_folder else ""))
        self._builder = GraphBuilder()
        self._all = ExactIndex()
        self._graph: _Graph | None = None
        self._newcomers = ExactIndex()
        """Who is not in the graph, or not found there; unused while there is none."""
        self._removed: set[int] = set()
        """Rows of the graph."""
        self._overwritten: set[int] = set()
        self._failed_at: int | None = None

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, key: str) -> bool:
        return key in self._all

    def get(self, key: str) -> Embedding:
        return self._all.get(key)

    def add(self, key: str, embedding: Embedding) -> None:
        with self._lock:
            self._all.add(key, embedding)
            if self._graph:
                self._newcomers.add(key, embedding)

    def remove(self, key: str) -> None:
        with self._lock:
            self._all.remove(key)
            if key in self._newcomers:
                self._newcomers.remove(key)
            if self._graph and key in self._graph.rows:
                self._removed.add(self._graph.rows[key])

    def search(self, probe: Embedding, limit: int) -> list[Neighbour]:
        checked(probe)
        with self._lock:
            by_graph = self._by_graph(probe, limit)
            if by_graph is None:
                return self._all.search(probe, limit)
            by_scan = [key for key, _ in self._newcomers.search(probe, limit)]
            return self._all.measured(probe, sorted({*by_graph, *by_scan}), limit)

    def vectors(self) -> tuple[list[str], NDArray[np.float32]]:
        return self._all.vectors()

    def stale(self) -> bool:
        return self._removed != self._overwritten or self._wants_graph()

    def load(self) -> None:
        if len(self._all) < self._least:
            self._drop()
        elif disk := self._files.read():
            self._take(disk)

    def refresh(self) -> None:
        self._overwrite_removed()
        if not self._wants_graph():
            return
        try:
            with self._files.building() as path:
                if path:  # else another process builds one, and it will be there for this one too
                    self._take_or_build(path)
        except OSError as error:
            self._failed_at = len(self._all)
            log.warning("face.graph.not_built", extra={"photos": len(self._all), "reason": error.strerror})
        self._overwrite_removed()

    def close(self) -> None:
        self._builder.close()

    def _by_graph(self, probe: Embedding, limit: int) -> list[str] | None:
        """At least `limit` present keys, or all that are in the graph; None: better scanned."""
        if self._graph is None:
            return None
        wanted = limit + 4
        while wanted <= self._graph.ef:
            near = self._graph.near(probe, wanted)
            present = [key for key in near if key in self._all]
            if len(present) >= limit:
                return present
            wanted *= 2  # removed people stand before
        return None

    def _drop(self) -> None:
        # Who is removed from now on would stay in the file: nobody overwrites what is not used.
        try:
            self._files.drop()
        except OSError as error:
            log.warning("face.graph.not_dropped", extra={"reason": error.strerror})

    def _wants_graph(self) -> bool:
        photos = len(self._all)
        if photos < max(self._least, 1):
            return False
        if self._failed_at is not None and abs(photos - self._failed_at) < _OVERLAY:
            return False
        covered = len(self._newcomers) + len(self._removed) if self._graph else photos
        return covered > max(_OVERLAY, photos // 50)

    def _take_or_build(self, path: Path) -> None:
        disk = self._files.read()
        if disk and (self._graph is None or disk.path != self._graph.disk.path):
            self._take(disk)
        if self._wants_graph():
            self._build(path)

    def _build(self, path: Path) -> None:
        with self._lock:
            keys, vectors = self._all.vectors()
            keys, vectors = list(keys), vectors.copy(order="K")
        self._files.clear(but=self._graph.disk.path if self._graph else None)
        layout = self._builder.build(vectors, path, self._overwrite_removed)
        self._failed_at = None if layout else len(keys)
        if layout is None:
            log.warning("face.graph.not_built", extra={"photos": len(keys)})
            return
        self._take(self._files.commit(path, keys, layout))
        log.info("face.graph.built", extra={"photos": len(keys), "unreachable": len(layout.unreachable)})

    def _take(self, disk: GraphOnDisk) -> None:
        """Search by this graph from now on, if it can be loaded."""
        try:
            graph = _Graph(disk)
        except (RuntimeError, MemoryError):  # what nmslib makes of a file that it cannot read
            log.warning("face.graph.not_loaded", extra={"photos": len(disk.keys)})
            return
        with self._lock:
            # Who was overwritten and came again under the same id is at nought in the graph.
            unreachable = {graph.keys[row] for row in (*disk.layout.unreachable, *disk.overwritten)}
            newcomers = ExactIndex()
            for key in self._all.vectors()[0]:
                if key not in graph.rows or key in unreachable:
                    newcomers.add(key, self._all.get(key))
            self._graph, self._newcomers = graph, newcomers
            self._removed = {row for key, row in graph.rows.items() if key not in self._all}
            self._overwritten = self._removed & disk.overwritten

    def _overwrite_removed(self) -> None:
        with self._lock:
            graph, rows = self._graph, self._removed - self._overwritten
        if graph and rows:
            try:
                overwrite(graph.disk, rows)
            except OSError as error:  # the next start tries again
                log.warning("face.graph.not_overwritten", extra={"reason": error.strerror})
            with self._lock:
                if self._graph is graph:
                    self._overwritten |= rows


def build(rows: NDArray[np.float32], path: Path) -> Layout:
    """Write a graph over the rows (n x 128) to a new file; takes about a minute for 100,000."""
    graph = _nmslib().init(method="hnsw", space="l2")
    graph.addDataPointBatch(np.ascontiguousarray(rows))
    graph.createIndex(_BUILD, print_progress=False)
    graph.setQueryTimeParams({"efSearch": _EF_BUILT_CHECK})
    found = graph.knnQueryBatch(rows, k=1, num_threads=1)
    missed = [row for row, (ids, _) in enumerate(found) if not len(ids) or ids[0] != row]
    graph.saveIndex(str(path), save_data=False)
    path.chmod(0o600)
    return _layout(path, rows, missed)


def _layout(path: Path, rows: NDArray[np.float32], missed: Iterable[int]) -> Layout:
    """Where nmslib has put the embeddings, which lie at equal steps. Raises ValueError if they do not."""
    last = len(rows) - 1
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        first = content.find(rows[0].tobytes())
        stride = (content.rfind(rows[last].tobytes()) - first) // max(last, 1)
        for row in {0, last // 3, last // 2, last}:
            at = first + row * stride
            if content[at : at + rows[row].nbytes] != rows[row].tobytes():
                raise ValueError("the graph's file is laid out in another way")
    return Layout(first, stride, tuple(missed))


def main() -> None:
    """Rows on stdin, a graph at the path given; its layout, as JSON, on stdout."""
    os.nice(10)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    rows = np.frombuffer(sys.stdin.buffer.read(), dtype="<f4").reshape(-1, DIMENSIONS)
    layout = build(rows.astype(np.float32), Path(sys.argv[1]))
    facts = {"first": layout.first, "stride": layout.stride, "unreachable": layout.unreachable}
    sys.stdout.write(json.dumps(facts))


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        threading.Event().wait(1)
    os._exit(1)


def _loaded(path: Path, ef: int) -> Any:
    graph = _nmslib().init(method="hnsw", space="l2")
    graph.loadIndex(str(path), load_data=False)
    graph.setQueryTimeParams({"efSearch": ef})
    return graph


@cache
def _nmslib() -> Any:
    with _silent_stderr():  # the wheel complains, on import, that the CPU could do more
        import nmslib
    return nmslib


@contextmanager
def _silent_stderr() -> Iterator[None]:
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


if __name__ == "__main__":
    main()
