"""Two faces side by side as one picture: a person's, cut from their photo, and the enrolled one's."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

from contracts.face import Box, ImageSize
from services.face.image import read_picture
from services.face.reading import Question, Read, Reading

SIDE = 480
"""Pixels of each half."""
GAP = 8
MARGIN = 1.9
"""How much more than the face is shown; the page draws it as wide."""
_BETWEEN = (255, 255, 255)


@dataclass(frozen=True)
class Comparison:
    """What a process of the pool is asked to draw. Each box is in pixels of the photo before it."""

    photo: bytes
    box: Box
    portrait: bytes
    portrait_box: Box
    turn: int = 0
    """Degrees clockwise, in quarters, that set the face in the photo upright."""


def draw(comparison: Comparison) -> bytes:
    """The two faces as a JPEG that knows nothing but pixels. Raises what read_picture raises."""
    canvas = Image.new("RGB", (2 * SIDE + GAP, SIDE), _BETWEEN)
    canvas.paste(_face(comparison.photo, comparison.box).rotate(-comparison.turn), (0, 0))
    canvas.paste(_face(comparison.portrait, comparison.portrait_box), (SIDE + GAP, 0))
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=88)
    return file.getvalue()


def make_worker(make_reader: Callable[..., Read], *settings: Any) -> Callable[[Any], Any]:
    """What a process of the pool does: a Question gets a Reading, a Comparison a JPEG."""
    read = make_reader(*settings)

    def work(question: Question | Comparison) -> Reading | bytes:
        return draw(question) if isinstance(question, Comparison) else read(question)

    return work


def square_around(box: Box, size: ImageSize) -> tuple[float, float, float]:
    """Left, top and side of the square that shows a face, moved inside the picture where it can be."""
    side = max(1.0, min(max(box.width, box.height) * MARGIN, size.width, size.height))

    def place(start: int, length: int, whole: int) -> float:
        return min(max(start + length / 2 - side / 2, 0), whole - side)

    return place(box.left, box.width, size.width), place(box.top, box.height, size.height), side


def _face(photo: bytes, box: Box) -> Image.Image:
    picture = read_picture(photo)
    left, top, side = square_around(box, picture.size)
    across = picture.pixels.shape[1] / picture.size.width
    down = picture.pixels.shape[0] / picture.size.height
    area = (left * across, top * down, (left + side) * across, (top + side) * down)
    return Image.fromarray(picture.pixels).resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=area)
