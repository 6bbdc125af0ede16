"""The pipeline: safe pixels, faces, landmarks, aligned chips, numbers. Only the pool's processes load it."""

import time
from dataclasses import dataclass
from functools import partial

import numpy as np

from contracts.face import FoundFace, ImageSize
from services.face.boxes import scaled, turned_back
from services.face.descriptors import Descriptor
from services.face.detector import Detector, Sighting
from services.face.dlib_models import Aligner
from services.face.embedder import embed
from services.face.image import Photo, Pixels, jpeg_portrait
from services.face.landmarks import steady_landmarks
from services.face.quality import quality_of
from services.face.reading import Portrait, Question, Reading


@dataclass(frozen=True)
class Reader:
    """Reads photos, one at a time."""

    detector: Detector
    aligner: Aligner
    descriptor: Descriptor

    def read(self, question: Question) -> Reading:
        """What the photo shows, as far as is asked. Raises what `image.read_picture` raises."""
        photo, seconds = Photo(question.photo), _Laps()
        sighting = self.detector.find(photo, question.faces == "all")
        size = photo.size
        seconds.note("find")
        wanted = _embedded(question, len(sighting.faces))
        faces, chips = [], []
        for place, seen in enumerate(sighting.faces):
            face, chip = self._aligned(seen, sighting, size, steady=place < wanted)
            faces.append(face)
            chips.append(chip)
        seconds.note("align")
        if not wanted:
            return Reading(size, tuple(faces), seconds=seconds.noted)
        embeddings = embed(self.descriptor, chips[:wanted], question.jitters)
        seconds.note("embed")
        portrait = _portrait(sighting) if question.wish == "portrait" else None
        return Reading(size, tuple(faces), embeddings, portrait, seconds.noted)

    def warm(self) -> None:
        """Pay the first photo's price before anybody waits for it."""
        self.detector.warm()
        self.descriptor.describe(np.zeros((1, 150, 150, 3), dtype=np.uint8))

    def _aligned(
        self, seen: FoundFace, sighting: Sighting, size: ImageSize, *, steady: bool
    ) -> tuple[FoundFace, Pixels]:
        pixels, predict = sighting.pixels, partial(self.aligner.landmarks, sighting.pixels)
        if steady:
            points = steady_landmarks(predict, seen.box, self.detector.close_ups(pixels, seen))
        else:
            points = predict(seen.box)
        chip = self.aligner.chip(pixels, points)
        scale = max(size.width, size.height) / max(pixels.shape)
        box = turned_back(seen.box, sighting.size, sighting.turns, size)
        quality = quality_of(points, chip, scale)
        return FoundFace(box=box, score=seen.score, turn=-90 * sighting.turns % 360, quality=quality), chip


def _embedded(question: Question, found: int) -> int:
    """How many of so many faces, the main one first, become an embedding."""
    if question.wish == "faces":
        return 0
    return found if question.faces == "all" else min(found, 1)


class _Laps:
    """What each stage took, in seconds."""

    def __init__(self) -> None:
        self.noted: dict[str, float] = {}
        self._begun = time.perf_counter()

    def note(self, stage: str) -> None:
        """The stage is over, and the next one begins."""
        now = time.perf_counter()
        self.noted[stage], self._begun = now - self._begun, now


def _portrait(sighting: Sighting) -> Portrait:
    jpeg, size = jpeg_portrait(sighting.pixels)
    box = scaled(sighting.faces[0].box, size.width / sighting.size.width, size.height / sighting.size.height)
    return Portrait(jpeg, size, box)
