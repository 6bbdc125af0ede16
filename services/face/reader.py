"""The pipeline: safe pixels, faces, landmarks, aligned chips, numbers. Only the pool's processes load it."""

from dataclasses import dataclass

import numpy as np

from contracts.face import FoundFace, ImageSize
from services.face.boxes import scaled, turned_back
from services.face.descriptors import Descriptor
from services.face.detector import Detector, Sighting
from services.face.dlib_models import Aligner
from services.face.embedder import embed
from services.face.image import Photo, Pixels, jpeg_portrait
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
        photo = Photo(question.photo)
        sighting = self.detector.find(photo, question.faces == "all")
        size = photo.size
        faces, chips = [], []
        for seen in sighting.faces:
            face, chip = self._aligned(seen, sighting, size)
            faces.append(face)
            chips.append(chip)
        if not faces or question.wish == "faces":
            return Reading(size, tuple(faces))
        wanted = chips if question.faces == "all" else chips[:1]
        embeddings = embed(self.descriptor, wanted, question.jitters)
        portrait = _portrait(sighting) if question.wish == "portrait" else None
        return Reading(size, tuple(faces), embeddings, portrait)

    def warm(self) -> None:
        """Pay the first photo's price before anybody waits for it."""
        self.detector.warm()
        self.descriptor.describe(np.zeros((1, 150, 150, 3), dtype=np.uint8))

    def _aligned(self, seen: FoundFace, sighting: Sighting, size: ImageSize) -> tuple[FoundFace, Pixels]:
        points, chip = self.aligner.align(sighting.pixels, seen.box)
        scale = max(size.width, size.height) / max(sighting.pixels.shape)
        box = turned_back(seen.box, sighting.size, sighting.turns, size)
        quality = quality_of(points, chip, scale)
        return FoundFace(box=box, score=seen.score, turn=-90 * sighting.turns % 360, quality=quality), chip


def _portrait(sighting: Sighting) -> Portrait:
    jpeg, size = jpeg_portrait(sighting.pixels)
    box = scaled(sighting.faces[0].box, size.width / sighting.size.width, size.height / sighting.size.height)
    return Portrait(jpeg, size, box)
