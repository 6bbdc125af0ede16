"""Boxes: which is the main one, and where they lie in a picture of another size or another way up."""

import math
from collections.abc import Iterable

from contracts.face import Box, FoundFace, ImageSize

SIZE_STEP = 1.2
"""The detector sees sizes in steps of 6/5."""


def main_first(faces: Iterable[FoundFace], size: ImageSize) -> tuple[FoundFace, ...]:
    """Largest, then nearest the centre of a picture of this size, then surest."""
    faces = list(faces)
    largest = max((face.box.width for face in faces), default=1)

    def rank(face: FoundFace) -> tuple[int, float, float]:
        box = face.box
        # Steps are counted from the largest: two like faces must not fall apart by a pixel of rounding.
        step = math.floor(math.log(largest / max(1, box.width), SIZE_STEP) + 0.5)
        off_x = box.left + box.width / 2 - size.width / 2
        off_y = box.top + box.height / 2 - size.height / 2
        return step, math.hypot(off_x, off_y), -face.score

    return tuple(sorted(faces, key=rank))


def scaled(box: Box, across: float, down: float) -> Box:
    """The box in a picture so many times as wide and as high."""
    return Box(
        left=round(box.left * across),
        top=round(box.top * down),
        width=round(box.width * across),
        height=round(box.height * down),
    )


def overlap(one: Box, other: Box) -> float:
    """Intersection over union: 0 to 1."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    both = max(0, width) * max(0, height)
    return both / (one.width * one.height + other.width * other.height - both)


def turned_back(box: Box, upright: ImageSize, turns: int, original: ImageSize) -> Box:
    """A box of the upright, shrunken picture in the original, which lies `turns` quarters clockwise."""
    width, height = upright.width, upright.height
    left, top, right, bottom = box.left, box.top, box.left + box.width, box.top + box.height
    for _ in range(turns):  # undo one counter-clockwise quarter turn: (x, y) -> (height - y, x)
        left, top, right, bottom = height - bottom, left, height - top, right
        width, height = height, width
    lying = Box(left=left, top=top, width=right - left, height=bottom - top)
    return scaled(lying, original.width / width, original.height / height)
