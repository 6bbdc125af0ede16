"""Finds the faces of a picture, the main one first."""

import math
from dataclasses import dataclass

import dlib
import numpy as np

from contracts.face import Box, FoundFace
from services.face.image import Pixels

MIN_SCORE = 0.2
"""A face this doubtful counts only where there is no surer one: dlib's examples have a true one at 0.3."""
SURE_SCORE = 0.4
"""scikit-image's astronaut has a false face beside the true one, which reaches 0.32 in some sizes."""
MIN_SCORE_TURNED = 0.5
"""A photo lies on its side less often than a tree looks like a face."""


@dataclass(frozen=True)
class Sighting:
    """The faces of a picture in the pixels of its upright form, the main one first."""

    pixels: Pixels
    turns: int
    """How many quarter turns counter-clockwise made the picture upright."""
    faces: tuple[FoundFace, ...]


class Detector:
    """dlib's HOG detector."""

    def __init__(self) -> None:
        self._hog = dlib.get_frontal_face_detector()

    def find(self, pixels: Pixels) -> Sighting:
        """Look at the picture; then closer, for small faces; then turned, for a camera held sideways."""
        for turns, upsample, min_score in (
            (0, 0, MIN_SCORE),
            (0, 1, MIN_SCORE),
            (1, 0, MIN_SCORE_TURNED),
            (3, 0, MIN_SCORE_TURNED),
            (2, 0, MIN_SCORE_TURNED),
        ):
            upright = np.ascontiguousarray(np.rot90(pixels, turns))
            if faces := self._run(upright, upsample, min_score):
                return Sighting(upright, turns, main_first(faces, upright.shape[1], upright.shape[0]))
        return Sighting(pixels, 0, ())

    def _run(self, pixels: Pixels, upsample: int, min_score: float) -> list[FoundFace]:
        rectangles, scores, _ = self._hog.run(pixels, upsample, min_score)
        faces = [
            FoundFace(
                box=Box(left=r.left(), top=r.top(), width=r.width(), height=r.height()), score=round(score, 3)
            )
            for r, score in zip(rectangles, scores, strict=True)
        ]
        return [face for face in faces if face.score >= SURE_SCORE] or faces


def main_first(faces: list[FoundFace], width: int, height: int) -> tuple[FoundFace, ...]:
    """Largest, then nearest the centre, then surest."""

    def rank(face: FoundFace) -> tuple[int, float, float]:
        box = face.box
        # The detector sees sizes in steps of 6/5: within one step, two faces are of like size.
        size = math.floor(math.log(max(1, box.width), 1.2))
        off_x = box.left + box.width / 2 - width / 2
        off_y = box.top + box.height / 2 - height / 2
        return -size, math.hypot(off_x, off_y), -face.score

    return tuple(sorted(faces, key=rank))
