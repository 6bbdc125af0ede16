"""Which photos are good enough, the same picture, or another person's."""

import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.face import Box, FoundFace, Quality
from switchboard.gallery.filters import Limits, Reason, duplicates, fault_of, outliers

GOOD = Quality(eye_distance=50, roll=0, yaw=0, sharpness=100, brightness=120)


def face(width: int = 100, **quality: float) -> FoundFace:
    box = Box(left=0, top=0, width=width, height=width)
    return FoundFace(box=box, score=1, quality=GOOD.model_copy(update=quality))


def at(*places: float) -> list[NDArray[np.float32]]:
    """Embeddings on a line: their distances are those of the places."""
    found = np.zeros((len(places), 128), dtype=np.float32)
    found[:, 0] = places
    return list(found)


@pytest.mark.parametrize(
    ("faces", "reason"),
    [
        ([], "no_face"),
        ([face()], None),
        ([face(), face(50)], "several_faces"),
        ([face(), face(49)], None),
        ([face(eye_distance=19.9)], "small"),
        ([face(roll=-36)], "rolled"),
        ([face(yaw=-0.71)], "turned"),
        ([face(sharpness=14.9)], "blurred"),
        ([face(eye_distance=20, roll=35, yaw=0.7, sharpness=15)], None),
    ],
)
def test_a_photo_is_dropped_for_what_is_wrong_with_it(faces: list[FoundFace], reason: Reason | None) -> None:
    assert fault_of(faces, Limits()) == reason


def test_of_the_same_picture_the_first_is_kept() -> None:
    assert duplicates([], at(0, 0.1, 1, 1.1), 0.2) == {1, 3}
    assert duplicates(at(1), at(0, 0.1, 1.1), 0.2) == {1, 2}


def test_a_photo_of_somebody_else_is_dropped_though_two_strangers_vouch_for_each_other() -> None:
    assert outliers([], at(0, 0.1, 0.2, 2, 2.1), 0.6) == {3, 4}
    assert outliers([], at(0, 0.1, 0.2), 0.6) == set()
    assert outliers([], at(0), 0.6) == set()


def test_of_two_that_differ_the_first_is_believed() -> None:
    assert outliers([], at(0, 1), 0.6) == {1}
    assert outliers([], at(1, 0), 0.6) == {1}


def test_what_the_gallery_knows_is_believed_more_than_what_comes() -> None:
    assert outliers(at(0), at(1, 0.1), 0.6) == {0}
    assert outliers(at(0), at(1), 0.6) == {0}
