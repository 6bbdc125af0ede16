"""The pictures of a gallery's people on disk."""

import logging
from pathlib import Path

import pytest

from services.face.pictures import Pictures


def test_a_picture_that_cannot_be_deleted_keeps_no_other_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pictures = Pictures(tmp_path)
    pictures.write("b", b"jpeg")
    (tmp_path / "photos" / "a.jpg").mkdir()  # nothing that can be unlinked
    with caplog.at_level(logging.WARNING):
        pictures.drop(["a", "b"])
    assert caplog.messages == ["face.picture.not_deleted"]
    with pytest.raises(FileNotFoundError):
        pictures.read("b")
