"""Whatever bytes are called a photo: its pixels within bounds, or an error that the room knows."""

import base64
import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from foundation.http import Fault
from services.face.bodies import photo_bytes
from services.face.errors import PhotoNotBase64, PhotoTooLarge
from services.face.image import WORKING_SIDE, read_picture
from tests.fuzzing import fuzzed


def encoded(kind: str) -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, kind)
    return file.getvalue()


def png(width: int, height: int, content: bytes = b"", chunk: bytes = b"") -> bytes:
    head = piece(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk + piece(b"IDAT", zlib.compress(content)) + piece(b"IEND", b"")


def piece(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


PHOTOS = [encoded(kind) for kind in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")]
ROWS = b"\0" * 31 * 10
PACKED = zlib.compress(b"x" * 20_000_000, 9)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A photo that ends early, and of which some bytes are others, the header's first of all."""
    photo = bytearray(draw(st.sampled_from(PHOTOS)))
    del photo[draw(st.integers(1, len(photo))) :]
    for _ in range(draw(st.integers(0, 5))):
        place = draw(st.integers(0, 60) | st.integers(0, len(photo)))
        photo[place % len(photo)] = draw(st.integers(0, 255))
    return bytes(photo)


@fuzzed
@given(broken() | st.binary(max_size=100))
@example(png(10, 10, ROWS, piece(b"zTXt", b"a\0\0" + PACKED)))
@example(png(10, 10, ROWS, piece(b"iCCP", b"a\0\0" + PACKED)))
@example(png(10, 10, ROWS, piece(b"eXIf", b"MM\0*" + b"\xff" * 50_000)))
@example(png(6000, 6000, b"\0" * 100))
@example(b"II*\0\x08\0\0\0\0\0\x08\0\0\0")
@example(b"II*\0\x08\0\0\0" + b"\xff" * 50_000)
@example(b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\xf0\0\0" + b"\0" * 6 + b",")
@example(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1000000 1000000\n")
@example(b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>')
def test_a_photo_of_any_bytes_is_pixels_or_a_fault(photo: bytes) -> None:
    with suppress(Fault):
        picture = read_picture(photo)
        assert max(picture.pixels.shape) <= WORKING_SIDE


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (2**31 - 1, 1), (7000, 7000)])
def test_a_header_that_promises_too_much_is_refused_before_pixels_are_made(width: int, height: int) -> None:
    with pytest.raises(PhotoTooLarge):
        read_picture(png(width, height))


@fuzzed
@given(st.text(alphabet="AQ=/+ \n\t-_é,;:data", max_size=80))
@example("=" * 100_000)
@example("data:image/png;base64," + "A" * 100_001)
@example("data:" * 10_000)
async def test_a_text_that_should_be_base64_is_bytes_or_refused(text: str) -> None:
    with suppress(PhotoNotBase64):
        assert isinstance(await photo_bytes(text), bytes)


@fuzzed
@given(st.binary(max_size=300))
async def test_what_was_encoded_is_decoded(content: bytes) -> None:
    assert await photo_bytes(base64.b64encode(content).decode()) == content
