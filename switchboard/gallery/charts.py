"""Draws what `gallery report` tells: histograms, and a map of look-alikes."""

from pathlib import Path
from statistics import NormalDist
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # no screen, and none is looked for

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from switchboard.gallery.figures import Figures, Histogram, Vectors

_MAPPED = 30
"""So many of the closest pairs are drawn on the map."""


def draw(figures: Figures, vectors: Vectors, path: Path) -> None:
    """One picture: neighbour distances with the fit, qualities, and who is near whom."""
    figure = plt.figure(figsize=(16, 16), layout="constrained")
    grid = figure.add_gridspec(4, 5)
    _neighbours(figure.add_subplot(grid[0, :]), figures)
    for column, (field, histogram) in enumerate(figures.quality.items()):
        axes = figure.add_subplot(grid[1, column])
        axes.set_title(field.replace("_", " "))
        _bars(axes, histogram)
    _map(figure.add_subplot(grid[2:, :]), figures, vectors)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _neighbours(axes: Any, figures: Figures) -> None:
    found = figures.neighbours
    axes.set_title(f"{figures.people} people, {figures.photos} photos: distance to the nearest other person")
    _bars(axes, found.histogram)
    if found.histogram.counts and found.deviation:
        edges = np.array(found.histogram.edges)
        fit = NormalDist(found.mean, found.deviation)
        x = np.linspace(edges[0], edges[-1], 200)
        scale = sum(found.histogram.counts) * (edges[1] - edges[0])
        label = f"normal fit: {found.mean:.3f} ± {found.deviation:.3f}"
        axes.plot(x, [scale * fit.pdf(value) for value in x], label=label)
    axes.axvline(found.same_person_distance, color="red", linestyle=":", label="nearer is the same person")
    axes.legend()


def _bars(axes: Any, histogram: Histogram) -> None:
    if histogram.counts:
        axes.stairs(histogram.counts, histogram.edges, fill=True, alpha=0.5)


def _map(axes: Any, figures: Figures, vectors: Vectors) -> None:
    pairs = figures.closest_pairs[:_MAPPED]
    axes.set_title(f"The {len(pairs)} closest pairs of different people")
    axes.set_axis_off()
    if not pairs:
        return
    numbers = {one.id: number for number, one in enumerate(vectors.people)}
    shown = sorted({numbers[end.id] for pair in pairs for end in (pair.a, pair.b)})
    first = [int(np.flatnonzero(vectors.owners == number)[0]) for number in shown]
    places = dict(zip(shown, _flat(vectors.rows[first]), strict=True))
    for pair in pairs:
        a, b = places[numbers[pair.a.id]], places[numbers[pair.b.id]]
        axes.plot([a[0], b[0]], [a[1], b[1]], color="grey", linewidth=max(0.3, 6 * (0.9 - pair.distance)))
        axes.annotate(f"{pair.distance:.2f}", (a + b) / 2, fontsize=7, color="grey")
    for number, place in places.items():
        axes.annotate(_plain(vectors.people[number].name), place, ha="center", fontsize=9)
    axes.scatter(*np.array(list(places.values())).T, s=6)


def _flat(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Places on a plane whose distances are nearest to the real ones: principal components."""
    centred = rows.astype(np.float64) - rows.mean(axis=0)
    left, spread, _ = np.linalg.svd(centred, full_matrices=False)
    flat = left[:, :2] * spread[:2]
    return np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))


def _plain(name: str) -> str:
    return name.replace("$", r"\$")  # no formulas
