"""Made-up embeddings, distributed like dlib's: for galleries larger than any that is public.

A common mean, a Gaussian between people and one within a person, each with a geometric spectrum in its
own directions, fitted to measured pairs: same person 0.328 ± 0.065 apart, different people 0.918 ± 0.087.
"""

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_DIMENSIONS = 128
_MEAN_LENGTH = 1.33
_BETWEEN = (0.369, 0.9588)
_WITHIN = (0.0559, 0.8333)
"""Sum of the variances, and how fast they fall: effective dimensions 47 and 11."""


class SyntheticFaces:
    """People and photos of them; the same seed gives the same, however many were asked for before."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        world = np.random.default_rng(4711)
        direction = world.normal(size=_DIMENSIONS)
        self._mean = _MEAN_LENGTH * direction / np.linalg.norm(direction)
        self._between = _loadings(world, *_BETWEEN)
        self._within = _loadings(world, *_WITHIN)

    def people(self, count: int, start: int = 0) -> Vectors:
        """The faces themselves (count x 128), without what a photo adds; people `start` and on."""
        return self._drawn(self._between, count, start, part=0, take=0) + self._mean.astype(np.float32)

    def photos(self, people: Vectors, take: int = 0, start: int = 0) -> Vectors:
        """One photo of each; another `take`, another photo."""
        return people + self._drawn(self._within, len(people), start, part=1, take=take)

    def _drawn(self, loadings: Vectors, count: int, start: int, part: int, take: int) -> Vectors:
        rows = np.empty((count, _DIMENSIONS), dtype=np.float32)
        for offset in range(0, count, 10_000):
            chance = np.random.default_rng([self._seed, part, take, start + offset])
            some = rows[offset : offset + 10_000]
            some[:] = chance.standard_normal(some.shape, dtype=np.float32) @ loadings
        return rows


def enrolled(count: int, seed: int = 1) -> Vectors:
    """A gallery: one photo each of so many people."""
    faces = SyntheticFaces(seed)
    return faces.photos(faces.people(count))


def other_photos(count: int, seed: int = 1) -> Vectors:
    """Another photo of each of the first people of `enrolled`."""
    faces = SyntheticFaces(seed)
    return faces.photos(faces.people(count), take=1)


def strangers(count: int, seed: int = 1) -> Vectors:
    """Photos of people who are in no gallery."""
    return enrolled(count, seed + 1_000_000)


def _loadings(world: np.random.Generator, total: float, ratio: float) -> Vectors:
    spectrum = ratio ** np.arange(_DIMENSIONS)
    directions, _ = np.linalg.qr(world.normal(size=(_DIMENSIONS, _DIMENSIONS)))
    return (np.sqrt(total * spectrum / spectrum.sum())[:, np.newaxis] * directions).astype(np.float32)
