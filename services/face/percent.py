"""How alike, in percent: a distance seen against the distances that strangers have.

A stranger's distance to the nearest of a gallery shrinks as the gallery grows; so it is taken from the
gallery itself, each of its people in turn a stranger to the others. No user's photo is needed.
"""

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SAME_PERSON = 0.6
"""Below this distance two photos show one person, as dlib has it: for a pair, not for a search."""

MIN_PEOPLE = 50
"""With fewer people a gallery says too little of strangers, and what was measured elsewhere holds."""

_SAMPLE = 1000
_BLOCK = 4096
_LEAST_SAME = 0.45
"""Nearer than this nobody else is: two photos of one person are 0.33 ± 0.07 apart."""

_PEOPLE = (1, 2, 5, 10, 20, 50, 100, 1000, 12_000, 100_000, 1_000_000)
_MEANS = (0.914, 0.871, 0.829, 0.801, 0.777, 0.750, 0.732, 0.684, 0.644, 0.614, 0.583)
_DEVIATIONS = (0.091, 0.076, 0.065, 0.058, 0.054, 0.050, 0.048, 0.042, 0.039, 0.035, 0.031)
"""Mean and deviation of simulated strangers' distances to the nearest of so many people."""


@dataclass(frozen=True)
class Strangers:
    """Distances from strangers to the nearest of a gallery of `people`.

    `distances` is a sorted sample of them, empty while the gallery is too small to have one.
    """

    people: int
    mean: float
    deviation: float
    distances: tuple[float, ...] = ()

    @cached_property
    def same_person_distance(self) -> float:
        """Nearer than this, fewer than one stranger in a hundred is.

        From median and lower quartile: people who are enrolled twice must not teach that strangers are near.
        """
        middle, spread = self.mean, self.deviation
        if self.distances:
            quarter, middle = np.quantile(self.distances, [0.25, 0.5])
            spread = (quarter - middle) / NormalDist().inv_cdf(0.25)
        return float(min(SAME_PERSON, max(_LEAST_SAME, middle - 2.5 * spread)))

    def percentile(self, distance: float, by: Literal["empirical", "normal"] = "empirical") -> float:
        """Closer than this many percent of strangers are: 0 to 100, lower distance is higher."""
        if by == "normal" or not self.distances:
            return 100 * (1 - self._normal.cdf(distance))
        values, shares = self._steps
        if distance < values[0]:  # beyond the sample's ends the normal tails go on from where it ends
            return float(100 * (1 - shares[0] * self._part(distance, values[0])))
        if distance > values[-1]:
            return float(100 * (1 - shares[-1]) * self._part(-distance, -values[-1]))
        return float(100 * (1 - np.interp(distance, values, shares)))

    @cached_property
    def _normal(self) -> NormalDist:
        return NormalDist(self.mean, self.deviation)

    @cached_property
    def _steps(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The sample's distances, each once, and how many of a hundred are below."""
        values, counts = np.unique(np.array(self.distances), return_counts=True)
        return values, (np.cumsum(counts) - counts / 2) / len(self.distances)

    def _part(self, value: float, end: float) -> float:
        """How much of the tail below `end` lies below `value`; both negative: of the upper tail."""
        mean = self.mean if end > 0 else -self.mean
        tail = NormalDist(mean, self.deviation)
        return min(1.0, tail.cdf(value) / max(tail.cdf(end), 1e-300))


@dataclass(frozen=True)
class Scale:
    """How a distance is shown. A floor of 50 shows half of the people more than 75, and nobody under 50."""

    by: Literal["empirical", "normal"] = "empirical"
    floor: int = 50

    def percent(self, percentile: float) -> int:
        """The percent to show."""
        return round(self.floor + (100 - self.floor) * percentile / 100)


def expected_strangers(people: int) -> Strangers:
    """What holds for a gallery without statistics: too few people, too odd ones, or not fitted yet."""
    place = np.log(max(people, 1))
    mean = float(np.interp(place, np.log(_PEOPLE), _MEANS))
    return Strangers(people, mean, float(np.interp(place, np.log(_PEOPLE), _DEVIATIONS)))


def fit_strangers(columns: NDArray[np.float32], owners: NDArray[np.int32]) -> Strangers:
    """Some of the gallery's people, evenly picked, each as a stranger to the others.

    `columns` is 128 x n, `owners` says for each column whose photo it is; a person is compared with others
    only. 12,000 photos take 0.1 s of CPU, 100,000 take 0.7 s.
    """
    owned, firsts = np.unique(owners, return_index=True)
    people = len(owned)
    if people < MIN_PEOPLE:
        return expected_strangers(people)
    picked = firsts[np.unique(np.linspace(0, people - 1, _SAMPLE, dtype=np.int64))]
    nearest = np.sort(_nearest(columns, owners, picked))
    mean, deviation = float(nearest.mean()), float(nearest.std())
    if deviation < 1e-4:
        return expected_strangers(people)
    return Strangers(people, mean, deviation, tuple(nearest.tolist()))


def _nearest(
    columns: NDArray[np.float32], owners: NDArray[np.int32], picked: NDArray[np.int64]
) -> NDArray[np.float64]:
    probes = columns[:, picked].T.copy()
    whose = owners[picked, np.newaxis]
    best = np.full(len(picked), np.inf, dtype=np.float32)
    for start in range(0, columns.shape[1], _BLOCK):  # a block's distances stay in the cache
        block = columns[:, start : start + _BLOCK]
        scores = np.einsum("ij,ij->j", block, block) - 2 * (probes @ block)
        scores[whose == owners[start : start + _BLOCK]] = np.inf
        np.minimum(best, scores.min(axis=1), out=best)
    squared = best.astype(np.float64) + np.einsum("ij,ij->i", probes, probes, dtype=np.float64)
    distances: NDArray[np.float64] = np.sqrt(np.maximum(squared, 0))
    return distances
