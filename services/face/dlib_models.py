"""dlib's models, loaded: the frontal detector, five landmarks, the descriptor network."""

from typing import Any

import dlib
import numpy as np
from numpy.typing import NDArray

from contracts.face import Box
from services.face.image import Pixels
from services.face.model_files import ModelFiles


class DlibModels:
    """Loads once, in the process that uses it: descriptors hold the GIL for about 75 ms."""

    def __init__(self, files: ModelFiles) -> None:
        self._landmarks = dlib.shape_predictor(str(files.landmarks))
        self._descriptor = dlib.face_recognition_model_v1(str(files.descriptor))

    def chip(self, pixels: Pixels, box: Box) -> Pixels:
        """The face, aligned by its five landmarks: uint8, 150 x 150 x 3."""
        right, bottom = box.left + box.width - 1, box.top + box.height - 1
        shape: Any = self._landmarks(pixels, dlib.rectangle(box.left, box.top, right, bottom))
        # One face a call: the variant for lists cuts other pixels as soon as a face is large.
        chip: Pixels = dlib.get_face_chip(pixels, shape)
        return chip

    def descriptor(self, chip: Pixels) -> NDArray[np.float32]:
        """The 128 numbers of a chip; about 1.5 long, not of unit length."""
        return np.asarray(self._descriptor.compute_face_descriptor(chip), dtype=np.float32)
