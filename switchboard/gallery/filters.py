"""Which photos are good enough, and the same person's: pure decisions over what was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from contracts.face import FoundFace, Quality
from services.face.gallery import distance_between

Reason = Literal[
    "not_found",
    "not_downloaded",
    "unreadable",
    "no_face",
    "several_faces",
    "small",
    "rolled",
    "turned",
    "blurred",
    "duplicate",
    "outlier",
    "enough",
]
"""Why a photo is not in the gallery. `not_found` is a person for whom there is no photo at all."""
REASONS: tuple[Reason, ...] = get_args(Reason)

Embedding = NDArray[np.float32]


@dataclass(frozen=True)
class Limits:
    """What a photo must keep to."""

    eye_distance: float = 20.0
    """Least pixels between the eyes."""
    roll: float = 35.0
    """Most degrees that the head may lean."""
    yaw: float = 0.7
    """Most that the head may be turned aside; about 1 is half profile."""
    sharpness: float = 15.0
    """Least variance of the Laplacian."""
    other_face: float = 0.5
    """Another face at least this part of the main one's width makes it several."""
    duplicate: float = 0.2
    """Two photos nearer than this are the same picture; ten jitters alone move one by about 0.12."""
    outlier: float = 0.6
    """A photo further than this from the median one of the person's others is somebody else's."""
    photos: int = 5
    """Most photos of one person."""


def fault_of(faces: Sequence[FoundFace], limits: Limits) -> Reason | None:
    """Why a photo with these faces, main first, is not good enough; None if it is."""
    if not faces:
        return "no_face"
    main, *others = faces
    if any(face.box.width >= limits.other_face * main.box.width for face in others):
        return "several_faces"
    return _quality_fault(main.quality, limits) if main.quality else None


def _quality_fault(quality: Quality, limits: Limits) -> Reason | None:
    if quality.eye_distance < limits.eye_distance:
        return "small"
    if abs(quality.roll) > limits.roll:
        return "rolled"
    if abs(quality.yaw) > limits.yaw:
        return "turned"
    return "blurred" if quality.sharpness < limits.sharpness else None


def duplicates(known: Sequence[Embedding], new: Sequence[Embedding], limit: float) -> set[int]:
    """Which of the new ones show the same picture as one before them."""
    seen, found = list(known), set()
    for number, embedding in enumerate(new):
        if any(distance_between(embedding, other) < limit for other in seen):
            found.add(number)
        else:
            seen.append(embedding)
    return found


def outliers(known: Sequence[Embedding], new: Sequence[Embedding], limit: float) -> set[int]:
    """Which of the new ones are not of the person that the others are of.

    The worst goes first, and the rest is looked at again: two strangers must not vouch for each other
    against three of the person. Of two that differ, the first is believed.
    """
    left = list(range(len(new)))
    found: set[int] = set()
    while len(known) + len(left) > 1:
        medians = [_median_distance(new[one], [*known, *(new[i] for i in left if i != one)]) for one in left]
        if not medians or max(medians) <= limit:
            break
        worst = max(range(len(left)), key=lambda place: (round(medians[place], 6), place))
        found.add(left.pop(worst))
    return found


def _median_distance(one: Embedding, others: Sequence[Embedding]) -> float:
    return float(np.median([distance_between(one, other) for other in others]))
