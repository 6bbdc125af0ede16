"""How alike, in percent: a distance seen against the distances that strangers have."""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

SAME_PERSON = 0.55
"""Below this distance we say "it is you". The usual 0.6 is for pairs: in a search, one stranger in
seven has a neighbour nearer than 0.6 among 12,000 people; 0.55 keeps that under 1 % (measured)."""

MIN_PEOPLE = 50
_SAMPLE = 256


@dataclass(frozen=True)
class Strangers:
    """Mean and standard deviation of the distance from a stranger to the nearest of the gallery.

    The defaults were measured with 1,000 strangers and 1,000 people; they hold while the gallery
    is too small to have statistics of its own.
    """

    mean: float = 0.688
    deviation: float = 0.041

    def percent(self, distance: float) -> int:
        """How many of a hundred strangers are less alike: 0 to 100, lower distance is higher."""
        above = (distance - self.mean) / (self.deviation * sqrt(2))
        return round(100 * (1 - 0.5 * (1 + erf(above))))


def fit_strangers(vectors: NDArray[np.float32], people: NDArray[np.int64]) -> Strangers:
    """Everybody (256 of them, evenly picked) as a stranger to the others: no user's photo is needed.

    `vectors` is n x 128, `people` says for each row whose it is; a person is compared with others only.
    """
    if np.unique(people).size < MIN_PEOPLE:
        return Strangers()
    norms = np.einsum("ij,ij->i", vectors, vectors)
    picked = np.unique(np.linspace(0, len(vectors) - 1, _SAMPLE, dtype=np.int64))
    nearest = np.concatenate([_nearest(vectors, norms, people, rows) for rows in np.array_split(picked, 16)])
    mean, deviation = float(nearest.mean()), float(nearest.std())
    return Strangers(mean, deviation) if deviation > 1e-4 else Strangers()


def _nearest(
    vectors: NDArray[np.float32],
    norms: NDArray[np.float32],
    people: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> NDArray[np.float32]:
    squared = norms[rows, np.newaxis] + norms - 2 * (vectors[rows] @ vectors.T)
    squared[people[rows, np.newaxis] == people] = np.inf
    nearest: NDArray[np.float32] = np.sqrt(np.maximum(squared.min(axis=1), 0))
    return nearest
