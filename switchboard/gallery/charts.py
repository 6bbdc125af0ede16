"""Draws what `gallery report` tells: histograms, and a map of look-alikes."""

from pathlib import Path
from statistics import NormalDist
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # no screen, and none is looked for

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from switchboard.gallery.figures import Figures, Histogram, Vectors
from switchboard.gallery.labels import write_names

_MAPPED = 30
"""So many of the closest pairs are drawn on the map."""
_HALO = [withStroke(linewidth=3, foreground="white")]
_QUALITIES = {
    "eye_distance": ("Distance between the eyes", "pixels"),
    "roll": ("Roll", "degrees, clockwise"),
    "yaw": ("Yaw", "0 frontal, ±1 half profile"),
    "sharpness": ("Sharpness", "variance of the Laplacian"),
    "brightness": ("Brightness", "mean grey, 0 to 255"),
}


def draw(figures: Figures, vectors: Vectors, path: Path) -> None:
    """One picture: neighbour distances with the fit, qualities, and who is near whom."""
    figure = figure_of(figures, vectors)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def figure_of(figures: Figures, vectors: Vectors) -> Figure:
    """The picture, not saved; the caller closes it."""
    figure = plt.figure(figsize=(16, 16), layout="constrained")
    grid = figure.add_gridspec(4, 5)
    _neighbours(figure.add_subplot(grid[0, :]), figures)
    for column, (field, histogram) in enumerate(figures.quality.items()):
        axes = figure.add_subplot(grid[1, column])
        title, unit = _QUALITIES[field]
        axes.set_title(title)
        _bars(axes, histogram, unit, "photos")
    _map(figure.add_subplot(grid[2:, :]), figures, vectors)
    return figure


def _neighbours(axes: Any, figures: Figures) -> None:
    found = figures.neighbours
    axes.set_title(f"{figures.people} people, {figures.photos} photos: how far each is from the next")
    _bars(axes, found.histogram, "distance to the nearest other person (Euclidean, 0 is the same)", "people")
    if found.histogram.counts and found.deviation:
        edges = np.array(found.histogram.edges)
        fit = NormalDist(found.mean, found.deviation)
        x = np.linspace(edges[0], edges[-1], 200)
        scale = sum(found.histogram.counts) * (edges[1] - edges[0])
        label = f"normal fit: {found.mean:.3f} ± {found.deviation:.3f}"
        axes.plot(x, [scale * fit.pdf(value) for value in x], label=label)
    axes.axvline(found.same_person_distance, color="red", linestyle=":", label="nearer is the same person")
    axes.legend()


def _bars(axes: Any, histogram: Histogram, what: str, counted: str) -> None:
    axes.set_xlabel(what)
    axes.set_ylabel(f"number of {counted}")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    if histogram.counts:
        axes.stairs(histogram.counts, histogram.edges, fill=True, alpha=0.5)
    else:
        axes.text(0.5, 0.5, "nothing is known", ha="center", va="center", transform=axes.transAxes)


def _map(axes: Any, figures: Figures, vectors: Vectors) -> None:
    pairs = figures.closest_pairs[:_MAPPED]
    axes.set_title(f"The {len(pairs)} closest pairs of different people, and their distances")
    axes.set_axis_off()
    axes.margins(0.08)
    if not pairs:
        return
    numbers = {one.id: number for number, one in enumerate(vectors.people)}
    shown = sorted({numbers[end.id] for pair in pairs for end in (pair.a, pair.b)})
    first = [int(np.flatnonzero(vectors.owners == number)[0]) for number in shown]
    places = dict(zip(shown, _flat(vectors.rows[first]), strict=True))
    for pair in pairs:
        a, b = places[numbers[pair.a.id]], places[numbers[pair.b.id]]
        axes.plot([a[0], b[0]], [a[1], b[1]], color="grey", linewidth=max(0.3, 6 * (0.9 - pair.distance)))
        middle = {"ha": "center", "va": "center", "fontsize": 8, "color": "dimgrey"}
        axes.annotate(f"{pair.distance:.2f}", (a + b) / 2, path_effects=_HALO, **middle)
    axes.scatter(*np.array(list(places.values())).T, s=16, zorder=3)
    write_names(axes, [(vectors.people[number].name, place) for number, place in places.items()])


def _flat(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Places on a plane whose distances are nearest to the real ones: principal components."""
    centred = rows.astype(np.float64) - rows.mean(axis=0)
    left, spread, _ = np.linalg.svd(centred, full_matrices=False)
    flat = left[:, :2] * spread[:2]
    return np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))
