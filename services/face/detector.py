"""Finds the faces of a photo, from coarse to fine, the main one first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import dlib
import numpy as np

from contracts.face import Box, FoundFace, ImageSize
from services.face.boxes import main_first, overlap, scaled
from services.face.image import WORKING_SIDE, Photo, Pixels, resized, shrunk

MIN_SCORE = 0.2
"""A face this doubtful counts only where there is no surer one: dlib's examples have a true one at 0.3."""
SURE_SCORE = 0.4
"""scikit-image's astronaut has a false face beside the true one, which reaches 0.32 in some sizes."""
SAFE_SCORE = 0.8
"""A face in full view reaches 1 and more."""
MIN_SCORE_TURNED = 0.5
"""A photo lies on its side less often than a tree looks like a face."""
_SMALLEST = 80 * 1.08
"""Up to here a face is of the smallest size that the detector sees; the next size is about 91 pixels."""
_CLOSE_UPS = (100, 120, 145)
"""How wide a face is in its close-ups: in steps of 1.2, as the detector sees sizes."""
_AROUND = 1.8
"""How much more than the face a close-up shows."""
_SAME = 0.4
"""A box that overlaps another so far is of the same face."""


@dataclass(frozen=True)
class Sighting:
    """The faces of a photo in the pixels of its upright form, the main one first."""

    pixels: Pixels
    turns: int
    """How many quarter turns counter-clockwise made the picture upright."""
    faces: tuple[FoundFace, ...]

    @property
    def size(self) -> ImageSize:
        """Of the upright picture."""
        return ImageSize(width=self.pixels.shape[1], height=self.pixels.shape[0])


@dataclass(frozen=True)
class _Look:
    """One run of the detector: at how many pixels a side, enlarged how often, turned how far."""

    side: int
    upsample: int = 0
    turns: int = 0
    min_score: float = MIN_SCORE


@dataclass(frozen=True)
class _View:
    """What a look showed: faces in a picture so many pixels wide."""

    look: _Look
    width: int
    faces: list[FoundFace]

    @property
    def is_sure(self) -> bool:
        """Whether there is a face, and no tree that looks like one."""
        return any(face.score >= SURE_SCORE for face in self.faces)

    @property
    def is_safe(self) -> bool:
        """Whether a closer look would show the same main face.

        Beside a face of the smallest size, one of like size may be just too small to be seen; and a
        face that is barely seen may be less than another that is missed at this size.
        """
        main = max(self.faces, key=lambda face: face.box.width, default=None)
        return main is not None and main.score >= SAFE_SCORE and main.box.width > _SMALLEST


_FROM_AFAR = (_Look(320), _Look(640), _Look(WORKING_SIDE))
_CLOSE = _Look(WORKING_SIDE, upsample=1)
_TURNED = tuple(
    _Look(side, turns=turns, min_score=MIN_SCORE_TURNED)
    for side in (640, WORKING_SIDE)
    for turns in (1, 3, 2)
)


class Detector:
    """dlib's HOG detector, which sees faces of 80 pixels and more."""

    def __init__(self) -> None:
        self._hog = dlib.get_frontal_face_detector()

    def warm(self) -> None:
        """Pay the first run's price."""
        self._hog.run(np.zeros((80, 80, 3), dtype=np.uint8), 0, 0.0)

    def find(self, photo: Photo, everybody: bool = False) -> Sighting:
        """Look from afar; then closer, until a face is sure; then turned, for a camera held sideways.

        `everybody` looks closely at once: the quick way ends at the main face, and says nothing of
        those that are half as large.
        """
        best: _View | None = None
        for look in _different((*(() if everybody else _FROM_AFAR), _CLOSE, *_TURNED), photo.size):
            if best and (look.turns or (best.is_sure and look.upsample)):
                break
            view = self._view(photo, look)
            if view.is_sure or (view.faces and not best):
                best = view
            if view.is_safe:
                break
        return _sighting(photo, best) if best else Sighting(photo.at_least(0).pixels, 0, ())

    def close_ups(self, pixels: Pixels, face: FoundFace) -> list[Box]:
        """Where a barely seen face is in pictures of it alone; of a face in full view, none.

        What little the detector saw of it depends on the picture's size: so it looks at several.
        """
        if face.score >= SAFE_SCORE:
            return []
        found = (self._close_up(pixels, face.box, width) for width in _CLOSE_UPS)
        return [box for box in found if box]

    def _close_up(self, pixels: Pixels, box: Box, width: int) -> Box | None:
        """The surest face that overlaps the box, in a picture where the box is so wide."""
        around = round(box.width * (_AROUND - 1) / 2)
        left, top = max(0, box.left - around), max(0, box.top - around)
        crop = pixels[top : box.top + box.height + around, left : box.left + box.width + around]
        scale = width / box.width
        rectangles, scores, _ = self._hog.run(resized(crop, scale), 0, 0.0)
        found = [
            (score, place)
            for rectangle, score in zip(rectangles, scores, strict=True)
            if overlap(place := _moved(scaled(_box(rectangle), 1 / scale, 1 / scale), left, top), box) > _SAME
        ]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def _view(self, photo: Photo, look: _Look) -> _View:
        # In colour: some faces differ from what is behind them in hue alone.
        pixels = shrunk(photo.at_least(look.side).pixels, look.side)
        upright = np.ascontiguousarray(np.rot90(pixels, look.turns))
        if min(upright.shape[:2]) == 1:  # dlib refuses such an array
            return _View(look, upright.shape[1], [])
        rectangles, scores, _ = self._hog.run(upright, look.upsample, look.min_score)
        faces = [
            FoundFace(box=_box(rectangle), score=round(score, 3))
            for rectangle, score in zip(rectangles, scores, strict=True)
        ]
        sure = [face for face in faces if face.score >= SURE_SCORE]
        return _View(look, upright.shape[1], sure or faces)


def _box(rectangle: dlib.rectangle) -> Box:
    return Box(left=rectangle.left(), top=rectangle.top(), width=rectangle.width(), height=rectangle.height())


def _moved(box: Box, right: int, down: int) -> Box:
    return box.model_copy(update={"left": box.left + right, "top": box.top + down})


def _different(looks: Iterable[_Look], size: ImageSize) -> Iterator[_Look]:
    """The looks without repetitions: a small photo is as large at 1280 as at 320."""
    longest = max(size.width, size.height)
    seen: set[_Look] = set()
    for look in looks:
        look = replace(look, side=min(look.side, longest))
        if look not in seen:
            seen.add(look)
            yield look


def _sighting(photo: Photo, view: _View) -> Sighting:
    """The view's faces in the finest pixels that were decoded."""
    pixels = np.ascontiguousarray(np.rot90(photo.at_least(view.look.side).pixels, view.look.turns))
    scale = pixels.shape[1] / view.width
    faces = [face.model_copy(update={"box": scaled(face.box, scale, scale)}) for face in view.faces]
    size = ImageSize(width=pixels.shape[1], height=pixels.shape[0])
    return Sighting(pixels, view.look.turns, main_first(faces, size))
