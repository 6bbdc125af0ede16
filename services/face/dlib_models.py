"""dlib's models: five landmarks, the aligned chip, and the descriptor network as dlib runs it."""

from typing import Any

import dlib
import numpy as np
from numpy.typing import NDArray

from contracts.face import Box
from services.face.image import Pixels
from services.face.landmarks import Points
from services.face.model_files import ModelFiles


class Aligner:
    """Finds the landmarks of a face and cuts it out upright."""

    def __init__(self, files: ModelFiles) -> None:
        self._landmarks = dlib.shape_predictor(str(files.landmarks))

    def landmarks(self, pixels: Pixels, box: Box) -> Points:
        """The five landmarks of the face in the box, in whole pixels."""
        right, bottom = box.left + box.width - 1, box.top + box.height - 1
        shape: Any = self._landmarks(pixels, dlib.rectangle(box.left, box.top, right, bottom))
        return np.array([(point.x, point.y) for point in shape.parts()], dtype=np.float64)

    def chip(self, pixels: Pixels, points: Points) -> Pixels:
        """The face with these landmarks, set upright: uint8, 150 x 150 x 3."""
        parts = dlib.points([dlib.point(x, y) for x, y in np.rint(points).astype(int).tolist()])
        # One face a call: the variant for lists cuts other pixels as soon as a face is large.
        chip: Pixels = dlib.get_face_chip(pixels, dlib.full_object_detection(dlib.rectangle(), parts))
        return chip


class DlibDescriptor:
    """The descriptor network as dlib runs it. Holds the GIL for about 75 ms a chip."""

    name = "dlib"

    def __init__(self, files: ModelFiles) -> None:
        self._network = dlib.face_recognition_model_v1(str(files.descriptor))

    def describe(self, chips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """n x 150 x 150 x 3 in, n x 128 out; about 1.5 long, not of unit length."""
        rows = [self._network.compute_face_descriptor(np.ascontiguousarray(chip)) for chip in chips]
        return np.array(rows, dtype=np.float32).reshape(-1, 128)


def jittered(chip: Pixels, count: int) -> NDArray[np.uint8]:
    """The chip `count` times, each a little moved, turned, scaled or mirrored: n x 150 x 150 x 3."""
    return np.stack(dlib.jitter_image(chip, num_jitters=count))
