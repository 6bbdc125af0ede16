"""From a photo to numbers: the room's pipeline beside the plain one, on the same photos, in CPU time."""

import io
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import mean, median
from typing import Any

import dlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from benchmarks.rows import Row
from contracts.face import Box
from deploy.test_setup import peers
from services.face.boxes import overlap
from services.face.descriptors import make_descriptor
from services.face.dlib_models import Aligner, DlibDescriptor
from services.face.model_files import find_model_files
from services.face.reading import Question, Reading, make_reader

SIDES = (1280, 2000, 3000)
"""Telegram sends photos of 1280 pixels; telephones take them with 3000 and more."""
PLAIN = "dlib on the whole photo"
_SMALL = 40


@dataclass(frozen=True)
class Plain:
    """What the plain pipeline finds: the boxes, and the largest one's numbers."""

    boxes: tuple[Box, ...]
    embedding: NDArray[np.float64] | None

    @property
    def main(self) -> Box:
        """The largest."""
        return max(self.boxes, key=lambda box: box.width)

    @property
    def is_clear(self) -> bool:
        """Whether the largest face is larger than the next by more than one step of the detector."""
        widths = sorted((box.width for box in self.boxes), reverse=True)
        return len(widths) == 1 or (len(widths) > 1 and widths[0] > 1.3 * widths[1])


class PlainPipeline:
    """Decode whole, look twice enlarged, five landmarks, dlib's own descriptor: what tutorials do."""

    def __init__(self) -> None:
        files = find_model_files()
        self._hog = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(files.landmarks))
        self._network = dlib.face_recognition_model_v1(str(files.descriptor))

    def read(self, photo: bytes) -> Plain:
        """All faces, and the largest one's embedding."""
        pixels = np.array(ImageOps.exif_transpose(Image.open(io.BytesIO(photo))).convert("RGB"))
        found = list(self._hog(pixels, 1))
        if not found:
            return Plain((), None)
        main = max(found, key=lambda rectangle: rectangle.area())
        embedding = np.array(self._network.compute_face_descriptor(pixels, self._landmarks(pixels, main)))
        boxes = tuple(Box(left=r.left(), top=r.top(), width=r.width(), height=r.height()) for r in found)
        return Plain(boxes, embedding)


def rows(faces: Path) -> list[Row]:
    """`faces` holds the public photos, and in `johns` the labelled ones."""
    read, plain = make_reader(None, "WARNING"), PlainPipeline()
    return [
        *_pipeline_rows(read, plain, faces / "faces"),
        *_descriptor_rows(faces / "johns"),
        *_verification_rows(read, faces / "johns"),
        _peer_row(read, faces / "faces"),
    ]


def _pipeline_rows(read: Callable[[Question], Reading], plain: PlainPipeline, folder: Path) -> list[Row]:
    ours, theirs, drifts = [], [], []
    found = same = clear = there = 0
    for photo in _enlarged(folder, SIDES):
        slow, reference = _timed(lambda photo=photo: plain.read(photo))
        if reference.embedding is None:
            continue
        quick, reading = _timed(lambda photo=photo: read(Question(photo, "embedding")))
        ours.append(quick)
        theirs.append(slow)
        there += 1
        found += bool(reading.faces)
        is_same = bool(reading.faces) and overlap(reading.faces[0].box, reference.main) > 0.3
        clear += reference.is_clear
        same += reference.is_clear and is_same
        if is_same and reference.main.width >= _SMALL and reading.embedding is not None:
            drifts.append(float(np.linalg.norm(reading.embedding - reference.embedding)))
    goal = mean(theirs) / 12
    return [
        Row("photo to embedding, mean, CPU", mean(ours), "ms", mean(theirs), PLAIN, goal),
        Row("photos with a face found", found, "", there, PLAIN, there, is_more_better=True),
        Row("same main face, where one is clearly the largest", same, "", clear, PLAIN, clear, True),
        Row("drift of a photo's embedding, median", median(drifts), "", None, "", 0.06),
        Row("drift of a photo's embedding, largest", max(drifts), "", None, "", 0.15),
    ]


def _descriptor_rows(johns: Path, repeats: int = 40) -> list[Row]:
    files = find_model_files()
    quick, slow = make_descriptor(files, "onnx", None), DlibDescriptor(files)
    chips = np.stack([_crop(path) for path in sorted(johns.glob("*/*.jpg"))[:repeats]])
    times: list[tuple[float, float]] = []
    worst = 0.0
    for chip in chips:
        ours = _timed(lambda chip=chip: quick.describe(chip[np.newaxis]))
        theirs = _timed(lambda chip=chip: slow.describe(chip[np.newaxis]))
        times.append((ours[0], theirs[0]))
        worst = max(worst, float(np.abs(ours[1] - theirs[1]).max()))
    here, there = median(ours for ours, _ in times), median(theirs for _, theirs in times)
    return [
        Row(f"descriptor alone ({quick.name}), CPU", here, "ms", there, "dlib", 7),
        Row("largest difference from dlib's numbers", worst, "", None, "", 1e-5),
    ]


def _verification_rows(read: Callable[[Question], Reading], johns: Path) -> list[Row]:
    seen = []
    for path in sorted(johns.glob("*/*.jpg")):
        embedding = read(Question(path.read_bytes(), "embedding")).embedding
        if embedding is not None:
            seen.append((path.parent.name, embedding))
    pairs = [(a == b, float(np.linalg.norm(one - two)) < 0.6) for (a, one), (b, two) in combinations(seen, 2)]
    right = mean(said == true for true, said in pairs)
    return [Row("verification at 0.6, right of all pairs", right, "", 1.0, "dlib", 1.0, is_more_better=True)]


def _peer_row(read: Callable[[Question], Reading], folder: Path) -> Row:
    """The package face_recognition, used as its README says."""
    sys.path.append(str(peers()))
    import face_recognition

    def theirs(photo: bytes) -> Any:
        image = face_recognition.load_image_file(io.BytesIO(photo))
        return face_recognition.face_encodings(image, face_recognition.face_locations(image)[:1])

    photos = list(_enlarged(folder, SIDES[:1]))
    slow = mean(_timed(lambda photo=photo: theirs(photo))[0] for photo in photos)
    quick = mean(_timed(lambda photo=photo: read(Question(photo, "embedding")))[0] for photo in photos)
    what = f"photo to embedding, {SIDES[0]} px only, photos without a face too, CPU"
    return Row(what, quick, "ms", slow, "face_recognition 1.3.0")


def _enlarged(folder: Path, sides: tuple[int, ...]) -> Iterator[bytes]:
    """Every photo of the folder, as a camera of more pixels would have stored it."""
    for path in sorted(folder.glob("*.jpg")):
        image = Image.open(path).convert("RGB")
        for side in sides:
            scale = side / max(image.size)
            file = io.BytesIO()
            size = (round(image.width * scale), round(image.height * scale))
            image.resize(size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=90)
            yield file.getvalue()


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    result = work()
    return 1000 * (time.process_time() - begun), result


def _crop(path: Path) -> NDArray[np.uint8]:
    """A labelled photo is a face of 150 x 150 already."""
    pixels = np.array(Image.open(path).convert("RGB"))
    whole = Box(left=25, top=25, width=100, height=100)
    aligner = Aligner(find_model_files())
    return aligner.chip(pixels, aligner.landmarks(pixels, whole))
