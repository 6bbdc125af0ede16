"""From a photo's bytes to what is on it: the whole pipeline, as a process of the pool runs it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from contracts.face import Box, FoundFace, ImageSize
from foundation import log as logs
from services.face.image import Pixels, jpeg_portrait, read_picture
from services.face.model_files import find_model_files

log = logging.getLogger(__name__)

Wish = Literal["faces", "embedding", "portrait"]
"""How far to go; each wish includes the ones before it."""


@dataclass(frozen=True)
class Question:
    """A photo, and what is wanted of it."""

    photo: bytes
    wish: Wish


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
    embedding: NDArray[np.float32] | None = None
    """float32[128], of the main face."""
    portrait: Portrait | None = None


class Embedder(Protocol):
    """Turns a face into numbers."""

    def embed(self, pixels: Pixels, box: Box) -> NDArray[np.float32]:
        """float32[128]."""

    def warm(self) -> None:
        """Pay the first call's price."""


Read = Callable[[Question], Reading]


def make_reader(models_dir: Path | None, log_level: str) -> Read:
    """Load the models of this process, warm; gives the function that reads photos."""
    # Imported here because the parent process knows this module and must stay free of dlib.
    from services.face.detector import Detector
    from services.face.dlib_models import DlibModels
    from services.face.embedder import DlibEmbedder

    logs.configure("face", log_level)
    detector = Detector()
    embedder: Embedder = DlibEmbedder(DlibModels(find_model_files(models_dir)))
    embedder.warm()
    detector.find(np.zeros((80, 80, 3), dtype=np.uint8))

    def read(question: Question) -> Reading:
        picture = read_picture(question.photo)
        sighting = detector.find(picture.pixels)
        faces = tuple(
            FoundFace(
                box=box_in_original(f.box, sighting.pixels, sighting.turns, picture.size), score=f.score
            )
            for f in sighting.faces
        )
        if not faces or question.wish == "faces":
            return Reading(picture.size, faces)
        main = sighting.faces[0].box
        embedding = embedder.embed(sighting.pixels, main)
        if question.wish == "embedding":
            return Reading(picture.size, faces, embedding)
        return Reading(picture.size, faces, embedding, _portrait(sighting.pixels, main))

    return read


def _portrait(pixels: Pixels, box: Box) -> Portrait:
    jpeg, size = jpeg_portrait(pixels)
    return Portrait(jpeg, size, _scaled(box, size.width / pixels.shape[1], size.height / pixels.shape[0]))


def box_in_original(box: Box, upright: Pixels, turns: int, original: ImageSize) -> Box:
    """A box of the turned, shrunken pixels as a box of the original."""
    height, width = upright.shape[:2]
    left, top, right, bottom = box.left, box.top, box.left + box.width, box.top + box.height
    for _ in range(turns):  # undo one counter-clockwise quarter turn: (x, y) -> (height - y, x)
        left, top, right, bottom = height - bottom, left, height - top, right
        width, height = height, width
    turned_back = Box(left=left, top=top, width=right - left, height=bottom - top)
    return _scaled(turned_back, original.width / width, original.height / height)


def _scaled(box: Box, across: float, down: float) -> Box:
    return Box(
        left=round(box.left * across),
        top=round(box.top * down),
        width=round(box.width * across),
        height=round(box.height * down),
    )
