"""What `gallery report` tells: distances between people, quality, who was found. Numbers only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from contracts.face import Identity, Quality
from services.face.gallery import Gallery
from switchboard.gallery.work_log import Done, counts

_BLOCK = 512
_BINS = 40
"""Of many values; few are shown in fewer."""
PAIRS = 50


class Named(BaseModel):
    """One person, shortly."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    found: int = 0


class Pair(BaseModel):
    """Two people, and how far their nearest photos are apart."""

    model_config = ConfigDict(frozen=True)

    a: Named
    b: Named
    distance: float


class Histogram(BaseModel):
    """Counts between edges: one edge more than counts."""

    model_config = ConfigDict(frozen=True)

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class Neighbours(BaseModel):
    """How far people are from the nearest other one, and the curve that percents are made of."""

    model_config = ConfigDict(frozen=True)

    mean: float
    deviation: float
    same_person_distance: float
    histogram: Histogram


class Figures(BaseModel):
    """A gallery in numbers."""

    model_config = ConfigDict(frozen=True)

    gallery: str
    people: int
    photos: int
    neighbours: Neighbours
    quality: dict[str, Histogram]
    """Of every photo that builds looked at, dropped ones too."""
    dropped: dict[str, int]
    """By builds, by reason; `kept` are the others."""
    closest_pairs: tuple[Pair, ...]
    """Different people, nearest first."""
    found: tuple[Named, ...]
    """Who was somebody's nearest look-alike, most often first."""
    never_found: tuple[Named, ...]


@dataclass(frozen=True)
class Vectors:
    """The photos of a gallery: n x 128, and which person each is of."""

    people: tuple[Identity, ...]
    rows: NDArray[np.float32]
    owners: NDArray[np.int32]


def vectors_of(gallery: Gallery) -> Vectors:
    """Everybody's embeddings, in the order of the names."""
    people = gallery.identities()
    found = [(number, e) for number, one in enumerate(people) for _, e in gallery.embeddings(one.id)]
    rows = np.array([e for _, e in found], dtype=np.float32).reshape(-1, 128)
    return Vectors(people, rows, np.array([number for number, _ in found], dtype=np.int32))


def figures_of(name: str, gallery: Gallery, vectors: Vectors, done: Sequence[Done]) -> Figures:
    """All of them. Every photo is compared with every other: 12,000 take about two seconds."""
    nearest, pairs = neighbours_of(vectors)
    strangers = gallery.statistics
    named = [Named(id=one.id, name=one.name, found=one.found) for one in vectors.people]
    seen = [photo.quality for one in done for photo in one.photos if photo.quality]
    return Figures(
        gallery=name,
        people=len(vectors.people),
        photos=len(vectors.rows),
        neighbours=Neighbours(
            mean=strangers.mean,
            deviation=strangers.deviation,
            same_person_distance=strangers.same_person_distance,
            histogram=_histogram(nearest[np.isfinite(nearest)]),
        ),
        quality={field: _histogram(_values(seen, field)) for field in Quality.model_fields},
        dropped=dict(counts(done)),
        closest_pairs=tuple(Pair(a=named[a], b=named[b], distance=round(d, 4)) for d, a, b in pairs[:PAIRS]),
        found=tuple(sorted((one for one in named if one.found), key=lambda one: -one.found)),
        never_found=tuple(one for one in named if not one.found),
    )


def neighbours_of(vectors: Vectors) -> tuple[NDArray[np.float64], list[tuple[float, int, int]]]:
    """Each person's distance to the nearest other one, and those pairs, each once, nearest first."""
    rows, owners = vectors.rows, vectors.owners
    squares = np.einsum("ij,ij->i", rows, rows)
    best = np.full(len(vectors.people), np.inf)
    pairs: dict[tuple[int, int], float] = {}
    for start in range(0, len(rows), _BLOCK):
        own = slice(start, start + _BLOCK)
        distances = squares[own, np.newaxis] + squares - 2 * (rows[own] @ rows.T)
        distances[owners[own, np.newaxis] == owners] = np.inf
        places = distances.argmin(axis=1)
        for row, place in enumerate(places):
            squared = float(distances[row, place])
            if not np.isfinite(squared):
                continue
            distance = max(0.0, squared) ** 0.5
            one, other = int(owners[start + row]), int(owners[place])
            best[one] = min(best[one], distance)
            key = (min(one, other), max(one, other))
            pairs[key] = min(pairs.get(key, np.inf), distance)
    return best, sorted((distance, a, b) for (a, b), distance in pairs.items())


def _values(seen: Sequence[Quality], field: str) -> NDArray[np.float64]:
    return np.array([getattr(quality, field) for quality in seen], dtype=np.float64)


def _histogram(values: NDArray[np.float64]) -> Histogram:
    if not len(values):
        return Histogram(edges=(), counts=())
    heights, edges = np.histogram(values, bins=min(_BINS, 4 + int(len(values) ** 0.5)))
    return Histogram(edges=tuple(edges.round(4).tolist()), counts=tuple(heights.tolist()))
