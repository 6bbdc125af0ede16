"""Writes names beside dots, where they hide neither a dot nor another name as far as there is room."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

Place = NDArray[np.float64]
"""Two coordinates."""

_DOT = 5
"""Pixels that are kept free around a dot."""
_NEAR, _FAR = 7, 18
"""Points between a dot and its name, and where there is no room so near."""
_SIDES = (
    (0, 1, "center", "bottom"),
    (0, -1, "center", "top"),
    (1, 0, "left", "center"),
    (-1, 0, "right", "center"),
    (0.7, 0.7, "left", "bottom"),
    (-0.7, 0.7, "right", "bottom"),
    (0.7, -0.7, "left", "top"),
    (-0.7, -0.7, "right", "top"),
)


def write_names(axes: Any, names: Sequence[tuple[str, Place]]) -> None:
    """Each name on the side of its dot, all of which are drawn already, where it hides least."""
    figure = axes.get_figure()
    figure.draw_without_rendering()  # only then is it known where the dots are
    dots = [_around(axes.transData.transform(place)) for _, place in names]
    taken: list[Bbox] = []
    for name, place in names:
        options = [_written(axes, name, place, side, far) for far in (_NEAR, _FAR) for side in _SIDES]
        boxes = [option.get_window_extent() for option in options]
        hidden = [sum(box.overlaps(other) for other in (*dots, *taken)) for box in boxes]
        best = hidden.index(min(hidden))
        for option in options[:best] + options[best + 1 :]:
            option.remove()
        taken.append(boxes[best])


def _written(axes: Any, name: str, place: Place, side: tuple[float, float, str, str], points: int) -> Any:
    x, y, horizontal, vertical = side
    return axes.annotate(
        name.replace("$", r"\$"),  # no formulas
        place,
        (points * x, points * y),
        textcoords="offset points",
        ha=horizontal,
        va=vertical,
        fontsize=9,
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )


def _around(dot: Place) -> Bbox:
    return Bbox([dot - _DOT, dot + _DOT])
