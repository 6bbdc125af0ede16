"""What goes wrong again and again is logged once, and now and then while it lasts."""

import logging
from pathlib import Path

import pytest

from services.face.errors import GalleryDamaged
from services.face.troubles import AGAIN_S, Troubles
from tests.unit.face.conftest import Opened
from tests.unit.face.gallery_builders import enroll
from tests.unit.face.test_replicas import people


def codes(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [vars(one)["code"] for one in caplog.records if one.message == "face.gallery.unread"]


def test_a_lasting_trouble_is_told_once_and_again_when_it_is_another_or_after_a_while(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 0.0
    troubles = Troubles(lambda: now)
    for _ in range(10):
        troubles.meet("default", GalleryDamaged("byte 7"))
        troubles.meet("other", KeyError("defect"))
    assert codes(caplog) == ["gallery_damaged", "KeyError"]
    assert [bool(one.exc_info) for one in caplog.records] == [False, True]
    troubles.meet("default", PermissionError(13, "Permission denied"))
    assert codes(caplog)[2:] == ["PermissionError: Permission denied"]
    now = AGAIN_S
    troubles.meet("other", KeyError("defect"))
    troubles.meet("other", KeyError("defect"))
    assert codes(caplog)[3:] == ["KeyError"]
    assert not caplog.records[-1].exc_info
    troubles.end("other")
    troubles.meet("other", KeyError("defect"))
    assert codes(caplog)[4:] == ["KeyError"]


async def test_a_gallery_that_cannot_be_read_for_long_is_one_line_in_the_log(
    tmp_path: Path, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    one, writer = await opened(tmp_path), await opened(tmp_path)
    await enroll(one, 1)
    (tmp_path / "default" / "journal").unlink()
    (tmp_path / "default" / "journal").mkdir()
    for count in (1, 2, 3):
        await enroll(writer, count, "healthy")
        await people(one, count)
    assert codes(caplog) == ["IsADirectoryError: Is a directory"] * 2  # each process once
