"""Samples of what a build has met, and the sheet that shows them."""

from pathlib import Path

import pytest
from PIL import Image

from services.face.image import MAX_PIXELS
from switchboard.gallery.samples import Samples
from tests.unit.face.photos import blank_png, encoded


def kept(folder: Path) -> list[tuple[int, int]]:
    sizes = []
    for path in sorted(folder.glob("*/*.jpg")):
        with Image.open(path) as sample:
            sizes.append(sample.size)
    return sizes


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "GIF"])
def test_a_sample_is_a_small_copy(kind: str, tmp_path: Path) -> None:
    samples = Samples(tmp_path)
    samples.add("blurred", encoded(Image.new("RGB", (600, 300)), kind))
    assert kept(tmp_path) == [(128, 64)]
    assert samples.sheet({"blurred": 1}).height > 128


def test_what_the_room_does_not_decode_nobody_decodes(tmp_path: Path) -> None:
    """Pillow would: EPS by a program that runs what it reads, and more pixels than there is memory."""
    samples = Samples(tmp_path)
    side = int(MAX_PIXELS**0.5) + 1
    for photo in (blank_png(side, side), encoded(Image.new("RGB", (8, 8)), "PPM"), b"no picture", b""):
        samples.add("unreadable", photo)
    assert kept(tmp_path) == []
