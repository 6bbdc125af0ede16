"""A face becomes 128 numbers: landmarks, alignment, descriptor."""

import numpy as np
from numpy.typing import NDArray

from services.face.descriptors import Descriptor
from services.face.dlib_models import jittered
from services.face.image import Pixels

Embedding = NDArray[np.float32]


def embed(descriptor: Descriptor, chips: list[Pixels], jitters: int = 0) -> tuple[Embedding, ...]:
    """The embedding of each chip: float32[128], compared by Euclidean distance.

    With jitters, the mean over so many disturbed copies of the chip, as dlib has it: steadier, and
    that many times as slow.
    """
    if not chips:
        return ()
    if jitters < 2:  # dlib takes one for none
        return tuple(descriptor.describe(np.stack(chips)))
    return tuple(descriptor.describe(jittered(chip, jitters)).mean(axis=0) for chip in chips)
