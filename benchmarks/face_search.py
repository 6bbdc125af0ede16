"""How quickly and how truly galleries are searched, and what a room with 100,000 people weighs.

Times are CPU time of one thread, medians of bursts that alternate with the baseline's. The galleries are
simulated: tests/synthetic_faces.py says how. FULL=1 adds a million people, whose graph is built once and kept
in the folder that SWITCHBOARD_BENCH_CACHE names.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.rows import Row
from benchmarks.running import is_full
from contracts.face import Box, EnrolledPhoto, Identity, ImageSize
from services.face.changes import Enrolled, complete, format_change
from services.face.hnsw_index import CROSSOVER, HnswIndex
from services.face.index import Embedding, ExactIndex, Index
from tests.integration.face.room import FaceRoom
from tests.synthetic_faces import Vectors, enrolled, other_photos, strangers
from tests.unit.face.photos import astronaut_jpeg

FLOAT64 = "float64 numpy, as face_recognition"
_GOALS = {12_000: 0.15, 100_000: 2.0}
_MILLION = 1_000_000
_PROBES = 1000
_ROUNDS = 8
_BURST = 25


def rows() -> list[Row]:
    """Search at two or three sizes, recall, memory and start."""
    with threadpool_limits(1):
        found = [_exact_row(people, goal) for people, goal in _GOALS.items()]
        found += _graph_rows(20_000)
        found += _room_rows(100_000)
        return [*found, *_million_rows()] if is_full() else found


def _exact_row(people: int, goal: float) -> Row:
    gallery, probes, index = enrolled(people), strangers(_BURST * _ROUNDS), ExactIndex()
    _fill(index, gallery)
    wide = gallery.astype(np.float64)

    def by_numpy(probe: Embedding) -> object:
        return np.linalg.norm(wide - probe.astype(np.float64), axis=1).argmin()

    times, baselines = _interleaved(lambda probe: index.search(probe, 1), by_numpy, probes)
    name = f"search {_count(people)} exactly, CPU p50"
    return Row(name, median(times), "ms", round(median(baselines), 2), FLOAT64, goal)


def _graph_rows(people: int) -> list[Row]:
    gallery, index = enrolled(people), HnswIndex()
    _fill(index, gallery)
    index.refresh()
    return _recall_rows(people, gallery, index)


def _recall_rows(people: int, gallery: Vectors, index: Index) -> list[Row]:
    groups = (("strangers", strangers(_PROBES), 0.99), ("enrolled people", other_photos(_PROBES), 0.999))
    name = f"recall@1 by graph, {_count(people)}"
    return [
        Row(f"{name}, {who}", _recall(gallery, index, probes), "", goal=goal, is_more_better=True)
        for who, probes, goal in groups
    ]


def _recall(gallery: Vectors, index: Index, probes: Vectors) -> float:
    true = _nearest(gallery, probes)
    return float(np.mean([int(index.search(probe, 1)[0][0]) for probe in probes] == true))


def _room_rows(people: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_journal(folder / "face" / "galleries" / "default", people)
        room = FaceRoom(folder, FACE_PROCESSES="1", OPENBLAS_NUM_THREADS="1")
        begun = time.perf_counter()
        try:
            room.start()
            spent = time.perf_counter() - begun
            photo = {"photo": astronaut_jpeg()}
            room.client.post("/v1/galleries/default/identify", files=photo).raise_for_status()
            [worker] = room.workers()
            weight = worker.parent().memory_info().rss / 2**20
        finally:
            room.close()
    return [
        Row(f"memory of a room with {_count(people)} people, without its workers", weight, "MB", goal=500),
        Row(f"start to ready with {_count(people)} people", spent, "s"),
    ]


def _million_rows() -> list[Row]:
    """Where the graph is not kept yet, it is built first: 40 minutes."""
    folder = Path(os.environ.get("SWITCHBOARD_BENCH_CACHE") or tempfile.gettempdir()) / "face-graph-1m"
    folder.mkdir(parents=True, exist_ok=True)
    gallery = enrolled(_MILLION)
    index, exact = HnswIndex(folder, CROSSOVER), ExactIndex()
    _fill(index, gallery)
    _fill(exact, gallery)
    index.load()
    index.refresh()
    probes = strangers(_BURST * _ROUNDS)
    times, baselines = _interleaved(
        lambda probe: index.search(probe, 1), lambda probe: exact.search(probe, 1), probes
    )
    baseline = round(median(baselines), 2)
    row = Row("search 1M by graph, CPU p50", median(times), "ms", baseline, "exact scan", 15)
    return [row, *_recall_rows(_MILLION, gallery, index)]


def _fill(index: Index, gallery: Vectors) -> None:
    for number, row in enumerate(gallery):
        index.add(str(number), row)


def _interleaved(
    ours: Callable[[Embedding], object], theirs: Callable[[Embedding], object], probes: Vectors
) -> tuple[list[float], list[float]]:
    """CPU ms of each search; bursts, so that neither finds the cache full of the other's."""
    found: tuple[list[float], list[float]] = [], []
    for burst in np.split(probes, _ROUNDS):
        for act, times in zip((ours, theirs), found, strict=True):
            times += _burst(act, burst)
    return found


def _burst(act: Callable[[Embedding], object], probes: Vectors) -> list[float]:
    for probe in probes[:5]:
        act(probe)
    times = []
    for probe in probes:
        begun = time.process_time_ns()
        act(probe)
        times.append((time.process_time_ns() - begun) / 1e6)
    return times


def _nearest(gallery: Vectors, probes: Vectors) -> NDArray[np.int64]:
    norms = np.einsum("ij,ij->i", gallery, gallery)
    return np.array([(norms - 2 * (gallery @ probe)).argmin() for probe in probes])


def _write_journal(folder: Path, people: int) -> None:
    folder.mkdir(parents=True)
    with (folder / "journal").open("wb") as file:
        for number, row in enumerate(enrolled(people)):
            file.write(format_change(Enrolled(_person(number), row)))


def _person(number: int) -> Identity:
    photo = EnrolledPhoto(
        id=f"{number:032x}",
        size=ImageSize(width=400, height=500),
        box=Box(left=100, top=120, width=200, height=220),
        licence="CC BY-SA 4.0",
        author=f"Photographer {number}",
        source=f"https://commons.example.org/wiki/File:Person_{number}.jpg",
    )
    name = f"Firstname Lastname {number}"
    return complete(
        Identity(id=photo.id, name=name, alias=f"firstname-lastname-{number}", role="actor", photos=(photo,))
    )


def _count(people: int) -> str:
    return f"{people // 1000}k" if people < _MILLION else f"{people // _MILLION}M"
