"""How well a face can be seen: measured on its five landmarks and its aligned chip."""

import math

import numpy as np
from numpy.typing import NDArray

from contracts.face import Quality
from services.face.image import Pixels
from services.face.landmarks import Points

_GREY = np.array([0.299, 0.587, 0.114])


def quality_of(points: Points, chip: Pixels, scale: float) -> Quality:
    """The face's quality in the upright picture that the landmarks are of.

    `scale` is how many pixels of the photo one pixel of that picture is.
    """
    right, left = points[0:2].mean(axis=0), points[2:4].mean(axis=0)
    across = right - left
    distance = float(np.hypot(*across))
    grey = chip @ _GREY
    return Quality(
        eye_distance=round(distance * scale, 1),
        roll=round(math.degrees(math.atan2(across[1], across[0])), 1),
        yaw=round(_yaw(points[4] - (left + right) / 2, across, distance), 2),
        sharpness=round(_sharpness(grey), 1),
        brightness=round(float(grey.mean()), 1),
    )


def _yaw(nose: NDArray[np.float64], across: NDArray[np.float64], distance: float) -> float:
    """How far the nose stands aside from the middle between the eyes, in half eye distances."""
    return float(nose @ across) / (distance * distance / 2) if distance else 0.0


def _sharpness(grey: NDArray[np.float64]) -> float:
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return float(laplacian.var())
