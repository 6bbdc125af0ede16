"""Landmarks that lean less on the box than a predictor does."""

import numpy as np
import pytest

from contracts.face import Box, FoundFace
from services.face.boxes import overlap
from services.face.detector import Detector, Sighting
from services.face.dlib_models import Aligner
from services.face.image import Photo
from services.face.landmarks import Points, steady_landmarks, usual_box
from services.face.model_files import find_model_files
from tests.unit.face.photos import astronaut_jpeg

BOX = Box(left=100, top=50, width=200, height=200)


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


@pytest.fixture(scope="module")
def seen(detector: Detector) -> Sighting:
    """A face in full view."""
    return detector.find(Photo(astronaut_jpeg()))


def usual_points(box: Box) -> Points:
    """Where the box is expected to be found again."""
    places = np.array([(0.796, 0.266), (0.622, 0.264), (0.167, 0.263), (0.343, 0.263), (0.486, 0.598)])
    return places * box.width + (box.left, box.top)


@pytest.mark.parametrize("degrees", [0, 20, -45])
@pytest.mark.parametrize("box", [BOX, Box(left=-20, top=-7, width=31, height=31)])
def test_landmarks_at_their_usual_places_are_of_the_box_however_the_head_leans(
    box: Box, degrees: float
) -> None:
    turn, middle = np.exp(1j * np.radians(degrees)), complex(box.left, box.top) + box.width * (0.5 + 0.5j)
    points = usual_points(box)
    turned = middle + turn * (points[:, 0] + 1j * points[:, 1] - middle)
    assert usual_box(np.stack([turned.real, turned.imag], axis=1)) == box


def test_other_boxes_of_the_same_face_count_as_much_as_the_first() -> None:
    moved = BOX.model_copy(update={"left": 130, "top": 53})
    points = steady_landmarks(usual_points, BOX, [moved, moved])
    assert points - usual_points(BOX) == pytest.approx(np.tile([20.0, 2.0], (5, 1)))


def test_a_box_some_pixels_off_moves_the_landmarks_less_than_the_predictors(seen: Sighting) -> None:
    aligner = Aligner(find_model_files())
    box = seen.faces[0].box

    def predict(box: Box) -> Points:
        return aligner.landmarks(seen.pixels, box)

    boxes = [
        box.model_copy(update={"left": box.left + right, "top": box.top + down})
        for right in (-8, 0, 8)
        for down in (-8, 0, 8)
    ]
    plain = np.std([predict(one) for one in boxes], axis=0).mean()
    steady = np.std([steady_landmarks(predict, one) for one in boxes], axis=0).mean()
    assert steady < 0.8 * plain


def test_a_barely_seen_face_is_looked_at_again_and_one_in_full_view_is_not(
    detector: Detector, seen: Sighting
) -> None:
    [clear] = seen.faces
    assert detector.close_ups(seen.pixels, clear) == []
    again = detector.close_ups(seen.pixels, clear.model_copy(update={"score": 0.4}))
    assert len(again) == 3
    assert all(overlap(box, clear.box) > 0.6 for box in again)


@pytest.mark.parametrize("box", [(-60, -60, 90), (480, 480, 90), (0, 0, 3), (300, 300, 90)])
def test_where_a_close_up_shows_no_face_there_is_no_box(
    detector: Detector, seen: Sighting, box: tuple[int, int, int]
) -> None:
    left, top, width = box
    place = Box(left=left, top=top, width=width, height=width)
    assert detector.close_ups(seen.pixels, FoundFace(box=place, score=0.4)) == []
