"""Photos for tests: scikit-image's astronaut, who has a real face, in every disguise."""

import io
import struct
import zlib
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data


@cache
def astronaut() -> Image.Image:
    """512 x 512; the face is at about (179, 83), 88 wide."""
    return Image.fromarray(data.astronaut())


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The image as a file's bytes."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@cache
def astronaut_jpeg() -> bytes:
    """The plain case."""
    return encoded(astronaut(), quality=90)


@cache
def no_face_jpeg() -> bytes:
    """A cup of coffee."""
    return encoded(Image.fromarray(data.coffee()), quality=90)


def with_orientation(image: Image.Image, orientation: int, kind: str = "JPEG") -> bytes:
    """A photo whose pixels are turned so that EXIF `orientation` sets them upright."""
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image if undo is None else image.transpose(undo), kind, quality=90, exif=exif.tobytes())


def sixteen_bit_png() -> bytes:
    """Grey, 16 bits a pixel, as a scanner writes it."""
    grey: NDArray[np.uint16] = np.asarray(astronaut().convert("L"), dtype=np.uint16) * 257
    return encoded(Image.fromarray(grey), "PNG")


def blank_png(width: int, height: int, bits: int = 1, colour_type: int = 0) -> bytes:
    """A black PNG of any size, made row by row: the bytes are few, the pixels many."""
    channels = {0: 1, 2: 3, 3: 1, 6: 4}[colour_type]
    row = bytes(1 + (width * channels * bits + 7) // 8)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row * 100) for _ in range(height // 100))
    body += packer.compress(row * (height % 100)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    palette = _chunk(b"PLTE", bytes(6)) if colour_type == 3 else b""
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + palette
        + _chunk(b"IDAT", body)
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
