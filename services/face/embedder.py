"""A face becomes 128 numbers: landmarks, alignment, descriptor."""

import numpy as np
from numpy.typing import NDArray

from contracts.face import Box
from services.face.dlib_models import DlibModels
from services.face.image import Pixels

Embedding = NDArray[np.float32]


class DlibEmbedder:
    """dlib's descriptor, without jitter."""

    def __init__(self, models: DlibModels) -> None:
        self._models = models

    def embed(self, pixels: Pixels, box: Box) -> Embedding:
        """The embedding of the face in the box: float32[128], compared by Euclidean distance."""
        return self._models.descriptor(self._models.chip(pixels, box))

    def warm(self) -> None:
        """Pay the first call's price before anybody waits for it."""
        self._models.descriptor(np.zeros((150, 150, 3), dtype=np.uint8))
