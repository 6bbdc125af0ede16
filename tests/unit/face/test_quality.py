"""A face's quality, measured on a real face that is turned, blurred and darkened."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from contracts.face import Quality
from services.face.quality import quality_of
from services.face.reading import Question, make_reader
from tests.unit.face.photos import astronaut, encoded


@pytest.fixture(scope="module")
def quality() -> Callable[[Image.Image], Quality]:
    read = make_reader(None, "WARNING")

    def measure(image: Image.Image) -> Quality:
        found = read(Question(encoded(image, "PNG"), "faces")).faces[0].quality
        assert found
        return found

    return measure


def test_an_upright_face_in_full_view(quality: Callable[[Image.Image], Quality]) -> None:
    found = quality(astronaut())
    assert 35 < found.eye_distance < 55
    assert abs(found.roll) < 6
    assert abs(found.yaw) < 0.35
    assert found.sharpness > 60
    assert 60 < found.brightness < 200


@pytest.mark.parametrize("degrees", [-15, 15])
def test_roll_is_in_degrees_and_clockwise(quality: Callable[[Image.Image], Quality], degrees: int) -> None:
    turned = astronaut().rotate(-degrees, Image.Resampling.BICUBIC)  # Pillow turns counter-clockwise
    assert quality(turned).roll - quality(astronaut()).roll == pytest.approx(degrees, abs=5)


def test_the_eye_distance_is_in_pixels_of_the_photo(quality: Callable[[Image.Image], Quality]) -> None:
    large = quality(astronaut().resize((2560, 2560)))
    assert large.eye_distance == pytest.approx(5 * quality(astronaut()).eye_distance, rel=0.08)


def test_blur_and_darkness_show(quality: Callable[[Image.Image], Quality]) -> None:
    plain = quality(astronaut())
    assert quality(astronaut().filter(ImageFilter.GaussianBlur(3))).sharpness < plain.sharpness / 4
    dark = quality(ImageEnhance.Brightness(astronaut()).enhance(0.4))
    assert dark.brightness == pytest.approx(0.4 * plain.brightness, rel=0.1)


def test_yaw_is_the_noses_way_from_the_middle_in_half_eye_distances() -> None:
    chip = np.zeros((150, 150, 3), dtype=np.uint8)
    points = np.array([(110.0, 50), (90, 50), (40, 50), (60, 50), (75, 90)])
    assert quality_of(points, chip, 1.0).yaw == 0
    points[4, 0] += 25
    assert quality_of(points, chip, 1.0).yaw == 1
    assert quality_of(points, chip, 2.0).eye_distance == 100


def test_landmarks_that_fall_together_are_no_error() -> None:
    assert quality_of(np.zeros((5, 2)), np.zeros((150, 150, 3), dtype=np.uint8), 1.0).yaw == 0
