"""Photos for tests: a public portrait that ships in a wheel, and what becomes of it in the wild."""

import io
import zlib

import numpy as np
import skimage.data
from PIL import Image, ImageOps


def astronaut() -> Image.Image:
    """A real face (NASA, public domain), 512 by 512 pixels."""
    return Image.fromarray(skimage.data.astronaut())


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The picture as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def mirrored() -> bytes:
    """Another photo of the same person, for the pixels: nothing of it is ever enrolled."""
    return encoded(ImageOps.mirror(astronaut()), quality=88)


def exif_rotated() -> bytes:
    """A phone held sideways: the pixels lie on their side and EXIF says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(astronaut().rotate(90, expand=True), exif=exif)


def sixteen_bit() -> bytes:
    """A 16-bit grey PNG."""
    grey = np.asarray(astronaut().convert("L"), dtype=np.uint16) * 257
    return encoded(Image.fromarray(grey), "PNG")


def animated() -> bytes:
    """A GIF of two frames, the face on the first."""
    frames = [astronaut().convert("P"), Image.new("P", (512, 512))]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def two_faces() -> bytes:
    """The same face large and small, side by side."""
    canvas = Image.new("RGB", (900, 512), "white")
    canvas.paste(astronaut(), (0, 0))
    canvas.paste(astronaut().resize((340, 340)), (540, 80))
    return encoded(canvas)


def no_face() -> bytes:
    """A plain wall."""
    return encoded(Image.new("RGB", (640, 480), "grey"))


def bomb(side: int = 20_000) -> bytes:
    """A PNG of side x side pixels whose file is under 100 kB."""
    row = b"\0" + bytes(side // 8)
    packer = zlib.compressobj(9)
    packed = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
