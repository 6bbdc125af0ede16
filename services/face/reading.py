"""What a process of the pool is asked, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from contracts.face import Box, FoundFace, ImageSize
from foundation import log as logs
from services.face.memory import give_back_what_is_freed, giving_back
from services.face.model_files import find_model_files

DescriptorName = Literal["onnx", "dlib"]
"""What runs the descriptor network."""

Wish = Literal["faces", "embedding", "portrait"]
"""How far to go; each wish includes the ones before it."""


@dataclass(frozen=True)
class Question:
    """A photo, and what is wanted of it."""

    photo: bytes
    wish: Wish
    faces: Literal["main", "all"] = "main"
    """Whose embedding, and whether small faces are looked for: `all` takes ten times as long."""
    jitters: int = 0
    """The embedding as a mean over so many disturbed copies of the face; 0 for none."""


@dataclass(frozen=True)
class Portrait:
    """The picture of an enrolled person that is kept, and where in it the face is."""

    jpeg: bytes
    size: ImageSize
    box: Box


@dataclass(frozen=True)
class Reading:
    """What a photo shows. Boxes are in pixels of the EXIF-rotated original, which is `image` large."""

    image: ImageSize
    faces: tuple[FoundFace, ...]
    """The main one first."""
    embeddings: tuple[NDArray[np.float32], ...] = ()
    """float32[128] each: of the main face, or of all, as it was asked."""
    portrait: Portrait | None = None
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)
    """What each stage took: find (decode and detect), align, embed."""

    @property
    def embedding(self) -> NDArray[np.float32] | None:
        """The main face's embedding, where there is a face and it was asked for."""
        return self.embeddings[0] if self.embeddings else None


Read = Callable[[Question], Reading]


def make_reader(
    models_dir: Path | None,
    log_level: str,
    descriptor: DescriptorName = "onnx",
    cache: Path | None = None,
) -> Read:
    """Load the models of this process, warm; gives the function that reads photos.

    `cache` is where the descriptor network is kept as an ONNX file; without it, it is made anew.
    """
    # Imported here because the parent process knows this module and must stay free of dlib.
    from services.face.descriptors import make_descriptor
    from services.face.detector import Detector
    from services.face.dlib_models import Aligner
    from services.face.reader import Reader

    logs.configure("face", log_level)
    files = find_model_files(models_dir)
    reader = Reader(Detector(), Aligner(files), make_descriptor(files, descriptor, cache))
    reader.warm()
    give_back_what_is_freed()
    return giving_back(reader.read)
