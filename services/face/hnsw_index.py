"""nmslib's HNSW behind the Index Protocol, with the guard rails that it lacks.

nmslib answers a vector of the wrong length, gives an id for NaN, loses what is added to a built
graph, cannot delete, and says "distance" for its square. So: input is checked, a graph is built
once and replaced whole, newcomers are searched exactly until then, removed people are filtered
out, and the candidates' distances are computed anew.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.face.index import DIMENSIONS, Embedding, ExactIndex, Neighbour, checked

_BUILD = {"M": 32, "efConstruction": 200, "post": 0, "indexThreadQty": 1}
_SEARCH = {"efSearch": 200}
_OVERLAY = 1000
"""So many newcomers and removals are cheap to search past; more, and a new graph is worth its price."""


class _Graph:
    """A built graph over some keys; never changed."""

    def __init__(self, keys: list[str], vectors: NDArray[np.float32]) -> None:
        self.keys = keys
        self.members = frozenset(keys)
        self._graph: Any = None
        if keys:
            self._graph = _nmslib().init(method="hnsw", space="l2")
            self._graph.addDataPointBatch(np.ascontiguousarray(vectors))
            self._graph.createIndex(_BUILD, print_progress=False)
            self._graph.setQueryTimeParams(_SEARCH)

    def near(self, probe: Embedding, count: int) -> list[str]:
        if self._graph is None:
            return []
        rows, _ = self._graph.knnQuery(probe, k=min(count, len(self.keys)))
        return [self.keys[row] for row in rows]


class HnswIndex:
    """Approximate search for large galleries: exact over newcomers, by graph over the rest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all = ExactIndex()
        self._newcomers = ExactIndex()
        self._removed = 0
        self._graph = _Graph([], np.empty((0, DIMENSIONS), dtype=np.float32))

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, key: str) -> bool:
        return key in self._all

    def get(self, key: str) -> Embedding:
        return self._all.get(key)

    def add(self, key: str, embedding: Embedding) -> None:
        with self._lock:
            self._all.add(key, embedding)
            self._newcomers.add(key, embedding)

    def remove(self, key: str) -> None:
        with self._lock:
            self._all.remove(key)
            if key in self._newcomers:
                self._newcomers.remove(key)
            if key in self._graph.members:
                self._removed += 1

    def search(self, probe: Embedding, limit: int) -> list[Neighbour]:
        checked(probe)
        with self._lock:
            # Every removed person may stand before a present one; `stale` keeps their number low.
            by_graph = self._graph.near(probe, limit + 4 + self._removed)
            by_scan = [key for key, _ in self._newcomers.search(probe, limit)]
            present = {key for key in (*by_graph, *by_scan) if key in self._all}
            return self._all.measured(probe, sorted(present), limit)

    def vectors(self) -> tuple[list[str], NDArray[np.float32]]:
        return self._all.vectors()

    def stale(self) -> bool:
        return len(self._newcomers) + self._removed > max(_OVERLAY, len(self._all) // 50)

    def refresh(self) -> None:
        with self._lock:
            keys, vectors = self._all.vectors()
            keys, vectors = list(keys), vectors.copy()
        graph = _Graph(keys, vectors)  # minutes, for a large gallery
        with self._lock:
            self._swap(graph)

    def _swap(self, graph: _Graph) -> None:
        newcomers = ExactIndex()
        for key, embedding in zip(*self._newcomers.vectors(), strict=True):
            if key not in graph.members:
                newcomers.add(key, embedding)
        self._graph, self._newcomers = graph, newcomers
        self._removed = sum(key not in self._all for key in graph.keys)


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
