"""The whole pipeline on real photos with the real models."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from contracts.face import Box, FoundFace, ImageSize
from services.face.boxes import main_first, turned_back
from services.face.reading import Question, Read, Reading, Wish, make_reader
from tests.unit.face.photos import astronaut, astronaut_jpeg, encoded, no_face_jpeg, sixteen_bit_png

FACE = Box(left=179, top=83, width=88, height=88)
"""Where the astronaut's face is."""


@pytest.fixture(scope="module")
def read() -> Callable[..., Reading]:
    reader: Read = make_reader(None, "WARNING")

    def ask(photo: bytes, wish: Wish = "embedding", faces: Literal["main", "all"] = "main") -> Reading:
        return reader(Question(photo, wish, faces))

    return ask


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    both = max(0, width) * max(0, height)
    return both / (one.width * one.height + other.width * other.height - both)


def distance(one: Reading, other: Reading) -> float:
    assert one.embedding is not None
    assert other.embedding is not None
    return float(np.linalg.norm(one.embedding - other.embedding))


def test_a_face_gives_a_box_and_128_numbers(read: Callable[..., Reading]) -> None:
    reading = read(astronaut_jpeg())
    assert len(reading.faces) == 1
    assert overlap(reading.faces[0].box, FACE) > 0.8
    assert reading.embedding is not None
    assert reading.embedding.dtype == np.float32
    assert reading.embedding.shape == (128,)
    assert 1.2 < np.linalg.norm(reading.embedding) < 1.7


def test_the_same_photo_gives_the_same_numbers(read: Callable[..., Reading]) -> None:
    assert distance(read(astronaut_jpeg()), read(astronaut_jpeg())) == 0


@pytest.mark.parametrize("side", [200, 300, 640, 1280, 3000])
@pytest.mark.parametrize("quality", [30, 95])
def test_the_astronauts_false_face_is_never_the_main_one(
    read: Callable[..., Reading], side: int, quality: int
) -> None:
    reading = read(encoded(astronaut().resize((side, side)), quality=quality), "faces")
    box = reading.faces[0].box
    scale = 512 / side
    here = Box.model_validate({k: round(v * scale) for k, v in box.model_dump().items()})
    assert overlap(here, FACE) > 0.6


def test_disguises_do_not_change_who_it_is(read: Callable[..., Reading]) -> None:
    plain = read(astronaut_jpeg())
    photos = {
        "16 bit": sixteen_bit_png(),
        "CMYK": encoded(astronaut().convert("CMYK")),
        "palette": encoded(astronaut().convert("P"), "PNG"),
        "large": encoded(astronaut().resize((3000, 3000))),
        "half": encoded(astronaut().resize((256, 256))),
    }
    assert {name: distance(plain, read(photo)) < 0.45 for name, photo in photos.items()} == dict.fromkeys(
        photos, True
    )


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_camera_held_sideways_does_not_hide_a_face(read: Callable[..., Reading], turns: int) -> None:
    turned = Image.fromarray(np.rot90(np.asarray(astronaut().resize((512, 400))), turns))
    reading = read(encoded(turned, "PNG"), "portrait")
    upright = read(encoded(astronaut().resize((512, 400)), "PNG"), "portrait")
    assert (reading.image.width, reading.image.height) == turned.size
    assert distance(reading, upright) < 0.1
    assert (reading.faces[0].turn, upright.faces[0].turn) == (90 * turns, 0)
    lying, standing = reading.faces[0].quality, upright.faces[0].quality
    assert lying
    assert standing
    assert lying.roll == pytest.approx(standing.roll, abs=2)  # of the picture after its turn
    box = reading.faces[0].box
    cut = np.asarray(turned)[box.top : box.top + box.height, box.left : box.left + box.width]
    there = upright.faces[0].box
    face = np.asarray(astronaut().resize((512, 400)))[
        there.top : there.top + there.height, there.left : there.left + there.width
    ]
    assert np.abs(np.rot90(cut, -turns).astype(int) - face.astype(int)).mean() < 12
    assert reading.portrait
    assert upright.portrait
    assert overlap(reading.portrait.box, upright.portrait.box) > 0.9


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 2)])
def test_a_photo_of_a_pixels_width_has_no_face(read: Callable[..., Reading], size: tuple[int, int]) -> None:
    assert read(encoded(Image.new("RGB", size), "PNG")).faces == ()


def test_a_cup_of_coffee_is_no_face(read: Callable[..., Reading]) -> None:
    reading = read(no_face_jpeg(), "portrait")
    assert (reading.faces, reading.embedding, reading.portrait) == ((), None, None)


@pytest.mark.parametrize("small_first", [True, False])
def test_of_several_faces_the_largest_is_the_main_one(
    read: Callable[..., Reading], small_first: bool
) -> None:
    montage = Image.new("RGB", (1250, 750), "grey")
    large, small = astronaut().resize((750, 750)), astronaut().resize((500, 500))
    montage.paste(small, (0, 100) if small_first else (750, 100))
    montage.paste(large, (500, 0) if small_first else (0, 0))
    reading = read(encoded(montage, quality=90))
    assert len(reading.faces) == 2
    assert reading.faces[0].box.width > 1.2 * reading.faces[1].box.width
    assert distance(reading, read(astronaut_jpeg())) < 0.35


@pytest.mark.parametrize("side", [640, 1280, 2400])
@pytest.mark.parametrize("nearer_is_left", [True, False])
def test_of_two_equal_faces_the_one_nearer_the_centre_is_the_main_one_at_every_size(
    read: Callable[..., Reading], side: int, nearer_is_left: bool
) -> None:
    twins = Image.new("RGB", (1200, 560), "grey")
    # The face lies at 223 of 512: one copy's is 177 from the middle, the other one's 223.
    twins.paste(astronaut(), (200, 24) if nearer_is_left else (154, 24))
    twins.paste(astronaut().crop((80, 0, 366, 512)), (680, 24) if nearer_is_left else (634, 24))
    reading = read(encoded(twins.resize((side, round(side * 560 / 1200))), quality=92))
    assert len(reading.faces) == 2
    centres = [(face.box.left + face.box.width / 2) * 1200 / side for face in reading.faces]
    assert (centres[0] < centres[1]) == nearer_is_left
    assert abs(centres[0] - 600) < abs(centres[1] - 600)


def test_everybody_is_found_where_everybody_is_asked_for(read: Callable[..., Reading]) -> None:
    montage = Image.new("RGB", (1280, 900), "grey")
    montage.paste(astronaut().resize((900, 900)), (0, 0))
    montage.paste(astronaut().resize((280, 280)), (950, 300))
    assert len(read(encoded(montage), "faces").faces) == 1
    everybody = read(encoded(montage), "embedding", "all")
    assert len(everybody.faces) == len(everybody.embeddings) == 2
    assert [face.box.width > 100 for face in everybody.faces] == [True, False]


def test_boxes_are_in_pixels_of_the_original(read: Callable[..., Reading]) -> None:
    reading = read(encoded(astronaut().resize((3000, 3000))), "portrait")
    box, scale = reading.faces[0].box, 512 / 3000
    back = Box.model_validate({k: round(v * scale) for k, v in box.model_dump().items()})
    assert overlap(back, FACE) > 0.6
    assert reading.portrait
    assert reading.portrait.size == ImageSize(width=640, height=640)
    assert reading.portrait.box.left == pytest.approx(box.left * 640 / 3000, abs=2)


def face(left: int, top: int, width: int, score: float = 1.0) -> FoundFace:
    return FoundFace(box=Box(left=left, top=top, width=width, height=width), score=score)


def test_of_two_faces_of_like_size_the_one_nearer_the_centre_is_the_main_one() -> None:
    outer, inner = face(0, 0, 88, 3.0), face(200, 200, 87, 0.5)
    assert main_first([outer, inner], ImageSize(width=512, height=512)) == (inner, outer)


def test_of_two_faces_equally_far_from_the_centre_the_surer_one_is_the_main_one() -> None:
    left, right = face(0, 200, 100, 0.9), face(412, 200, 100, 1.1)
    assert main_first([left, right], ImageSize(width=512, height=512)) == (right, left)


def test_a_box_of_a_turned_and_shrunken_picture_comes_back_to_its_place() -> None:
    upright = ImageSize(width=853, height=1280)  # of an original that lies
    box = turned_back(
        Box(left=10, top=20, width=100, height=200), upright, 1, ImageSize(width=2560, height=1706)
    )
    assert box == Box(left=2 * (1280 - 220), top=20, width=400, height=200)
