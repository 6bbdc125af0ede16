"""A photo's bytes become safe pixels, or a clear error."""

import io
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pillow_heif import register_heif_opener

from services.face.errors import PhotoEmpty, PhotoTooLarge, PhotoUnreadable, PhotoUnsupported
from services.face.image import MAX_BYTES, jpeg_portrait, read_picture
from tests.unit.face.photos import (
    astronaut,
    astronaut_jpeg,
    blank_png,
    encoded,
    sixteen_bit_png,
    with_orientation,
)


def unlike(photo: bytes) -> float:
    """Mean difference from the astronaut, in grey levels."""
    pixels = read_picture(photo).pixels
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert pixels.shape == (512, 512, 3)
    return float(np.abs(pixels.astype(int) - np.asarray(astronaut()).astype(int)).mean())


def test_a_plain_jpeg_keeps_its_pixels() -> None:
    assert unlike(astronaut_jpeg()) < 3


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF", "BMP", "HEIF", "MPO"])
def test_other_kinds_are_read_alike(kind: str) -> None:
    register_heif_opener()
    assert unlike(encoded(astronaut(), kind)) < 6


@pytest.mark.parametrize("mode", ["CMYK", "P", "RGBA"])
def test_other_colour_modes_are_read_alike(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert unlike(encoded(astronaut().convert(mode), kind)) < 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_set_upright(orientation: int) -> None:
    assert unlike(with_orientation(astronaut(), orientation)) < 4


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF", "HEIF"])
@pytest.mark.parametrize("orientation", [3, 6])
def test_other_kinds_are_set_upright_too(kind: str, orientation: int) -> None:
    register_heif_opener()
    photo = read_picture(with_orientation(astronaut().resize((300, 200)), orientation, kind))
    assert (photo.size.width, photo.size.height) == (300, 200)
    shown = photo.pixels.astype(int) - np.asarray(astronaut().resize((300, 200))).astype(int)
    assert np.abs(shown).mean() < 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("exif", [b"garbage", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0\xff" + bytes(8)])
def test_a_photo_whose_exif_is_broken_has_its_pixels_all_the_same(kind: str, exif: bytes) -> None:
    assert unlike(encoded(astronaut(), kind, quality=90, exif=b"Exif\0\0" + exif)) < 5


def test_the_size_told_is_that_of_the_upright_original() -> None:
    sideways = with_orientation(astronaut().resize((3000, 2000)), 6)
    picture = read_picture(sideways)
    assert (picture.size.width, picture.size.height) == (3000, 2000)
    assert picture.pixels.shape == (853, 1280, 3)


def test_sixteen_bit_grey_is_scaled_and_not_clipped_to_white() -> None:
    grey = np.asarray(astronaut().convert("L")).astype(int)
    pixels = read_picture(sixteen_bit_png()).pixels[:, :, 0].astype(int)
    assert np.abs(pixels - grey).max() <= 1


@pytest.mark.parametrize("peak", [1.0, 255.0, 65535.0, 3.0e6])
def test_a_picture_of_floats_is_scaled_to_its_range(peak: float) -> None:
    ramp = np.tile(np.linspace(0, peak, 256, dtype=np.float32), (4, 1))
    pixels = read_picture(encoded(Image.fromarray(ramp), "TIFF")).pixels
    assert pixels[0, 0, 0] == 0
    assert pixels[0, 255, 0] == 255
    assert 120 < pixels[0, 127, 0] < 135


def test_large_sixteen_bit_grey_is_shrunken() -> None:
    assert read_picture(blank_png(3000, 1500, 16)).pixels.shape == (640, 1280, 3)


def test_transparent_places_become_grey() -> None:
    assert read_picture(encoded(Image.new("RGBA", (8, 8), (255, 0, 0, 0)), "PNG")).pixels[0, 0].tolist() == [
        128,
        128,
        128,
    ]


def test_of_an_animation_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    gif = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert read_picture(gif).pixels[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_thin_pictures_are_read(size: tuple[int, int]) -> None:
    assert read_picture(encoded(Image.new("RGB", size), "PNG")).pixels.size >= 3


def test_no_bytes_are_an_empty_photo() -> None:
    with pytest.raises(PhotoEmpty):
        read_picture(b"")


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"BMW",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypisom",
        b"\0" * 99,
    ],
)
def test_what_is_no_picture_is_unsupported(content: bytes) -> None:
    with pytest.raises(PhotoUnsupported):
        read_picture(content)


@pytest.mark.parametrize("kept", [4, 30, 300, 3000, 30000])
def test_a_truncated_jpeg_is_unreadable(kept: int) -> None:
    with pytest.raises(PhotoUnreadable):
        read_picture(astronaut_jpeg()[:kept])


def test_more_than_ten_megabytes_are_too_large() -> None:
    with pytest.raises(PhotoTooLarge):
        read_picture(astronaut_jpeg() + bytes(MAX_BYTES))


def test_four_hundred_megapixels_under_100_kilobytes_are_too_large() -> None:
    bomb = blank_png(20_000, 20_000)
    assert len(bomb) < 100_000
    with pytest.raises(PhotoTooLarge):
        read_picture(bomb)


MEASURE = """
import sys
from services.face.image import read_picture

def peak_kb():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])

large = open(sys.argv[1], "rb").read()
read_picture(open(sys.argv[2], "rb").read())  # what libraries load on first use is not the photo's
open("/proc/self/clear_refs", "w").write("5")
before = peak_kb()
try:
    read_picture(large)
except Exception as error:
    print(type(error).__name__)
print(peak_kb() - before)
"""


def memory_for(photo: bytes, folder: Path) -> tuple[str, float]:
    """What reading said, and the megabytes by which the process grew at its peak."""
    (folder / "large").write_bytes(photo)
    (folder / "small").write_bytes(astronaut_jpeg())
    arguments = [sys.executable, "-c", MEASURE, str(folder / "large"), str(folder / "small")]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True, env={"PYTHONPATH": "."})
    *said, kilobytes = done.stdout.split()
    return "".join(said), int(kilobytes) / 1024


def test_a_decompression_bomb_takes_no_memory(tmp_path: Path) -> None:
    said, megabytes = memory_for(blank_png(20_000, 20_000), tmp_path)
    assert said == "PhotoTooLarge"
    assert megabytes < 20


@pytest.mark.parametrize("bits_and_colour", [(1, 0), (16, 0), (8, 3), (16, 6)])
def test_the_largest_allowed_picture_takes_a_bounded_amount_of_memory(
    tmp_path: Path, bits_and_colour: tuple[int, int]
) -> None:
    bits, colour_type = bits_and_colour
    said, megabytes = memory_for(blank_png(6300, 6300, bits, colour_type), tmp_path)
    assert said == ""
    assert megabytes < 450


def test_a_portrait_is_small_and_knows_nothing_but_pixels() -> None:
    photo = with_orientation(astronaut().resize((1000, 500)), 6)
    jpeg, size = jpeg_portrait(read_picture(photo).pixels)
    kept = Image.open(io.BytesIO(jpeg))
    assert (kept.format, kept.size) == ("JPEG", (640, 320))
    assert (size.width, size.height) == (640, 320)
    assert not kept.getexif()


FUZZED = [astronaut_jpeg()[:4000], encoded(Image.new("RGB", (9, 9), "red"), "PNG"), sixteen_bit_png()[:4000]]
FUZZED += [encoded(astronaut().resize((16, 16)), kind) for kind in ("GIF", "TIFF", "WEBP", "BMP", "JPEG")]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FUZZED), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12))
def test_broken_bytes_give_pixels_or_a_fault_and_nothing_else(
    photo: bytes, edits: list[tuple[int, int]]
) -> None:
    broken = bytearray(photo)
    for place, value in edits:
        broken[place % len(broken)] = value
    with suppress(PhotoUnreadable, PhotoUnsupported, PhotoTooLarge):
        assert read_picture(bytes(broken)).pixels.ndim == 3
