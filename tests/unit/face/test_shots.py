"""Photos that builds get."""

import os
from pathlib import Path
from typing import cast

import pytest

from services.face.reading import Question, Reading
from switchboard.gallery.catalogue import Person, PhotoPlace
from switchboard.gallery.filters import Limits
from switchboard.gallery.shots import Photographer
from switchboard.gallery.web import Web


async def never(question: Question) -> Reading:
    raise AssertionError("there is no photo to read")


@pytest.mark.parametrize("place", ["missing.jpg", "nought\0.jpg", "half\ud800.jpg", os.fsdecode(b"\xe9.jpg")])
async def test_a_file_that_cannot_be_had_is_a_dropped_photo_and_ends_no_build(
    place: str, tmp_path: Path
) -> None:
    photographer = Photographer(never, cast(Web, None), Limits(), 0, 1)
    shot = await photographer.shoot(Person("Ann", "ann"), PhotoPlace(str(tmp_path / place)), set())
    assert shot.reason == "unreadable"
    assert shot.seen().model_dump_json()
