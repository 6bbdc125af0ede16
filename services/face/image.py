"""A photo's bytes become safe pixels: bounded in size, upright, 8-bit RGB."""

import io
import re
import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from pillow_heif import register_heif_opener

from contracts.face import ImageSize
from services.face.errors import PhotoEmpty, PhotoTooLarge, PhotoUnreadable, PhotoUnsupported

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
COARSE_SIDE = 640
WORKING_SIDE = 1280
PORTRAIT_SIDE = 640

Pixels = NDArray[np.uint8]

_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF", "BMP")
_PICTURE = re.compile(
    rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP|II\*\0|MM\0\*|....ftyp(avi|hei|hev|mif|msf)", re.DOTALL
)
"""How the files start that we read; what starts otherwise is no damaged picture but none at all."""
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_GREY = (128, 128, 128)


@dataclass(frozen=True)
class Picture:
    """RGB pixels, at most 1280 a side, and the size that the photo had (after EXIF rotation)."""

    pixels: Pixels
    """uint8, height x width x 3, C-contiguous."""
    size: ImageSize

    def has(self, side: int) -> bool:
        """Whether so many pixels a side are there, or as many as the photo has."""
        return bool(max(self.pixels.shape) >= min(side, max(self.size.width, self.size.height)))


def read_picture(photo: bytes, least: int = WORKING_SIDE) -> Picture:
    """Decode the first frame of a photo; `least` (at most 1280) pixels a side are enough, where it has them.

    Raises PhotoEmpty, PhotoTooLarge (over 10 MB or 40 Mpx, known before any pixel is decoded),
    PhotoUnsupported, PhotoUnreadable.
    """
    if not photo:
        raise PhotoEmpty
    if len(photo) > MAX_BYTES:
        raise PhotoTooLarge(f"{len(photo)} bytes are more than {MAX_BYTES}")
    with _open(photo) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise PhotoTooLarge(f"{width} x {height} pixels are more than {MAX_PIXELS}")
        orientation = _load(image, least)
        upright = _turn(_rgb(_shrink(image, WORKING_SIDE)), orientation)
    if orientation >= 5:
        width, height = height, width
    return Picture(np.ascontiguousarray(upright, dtype=np.uint8), ImageSize(width=width, height=height))


class Photo:
    """A photo's bytes, decoded as finely as is asked for: coarsely costs half of finely."""

    def __init__(self, content: bytes) -> None:
        """Nothing is decoded yet; `at_least` raises what `read_picture` raises."""
        self._content = content
        self._picture: Picture | None = None

    @property
    def size(self) -> ImageSize:
        """Of the original, after EXIF rotation."""
        return self.at_least(0).size

    def at_least(self, side: int) -> Picture:
        """The picture with so many pixels on its longer side, or more; or with all that it has.

        640 are the least: what is found is cut out of them.
        """
        side = max(side, COARSE_SIDE)
        picture = self._picture
        if picture is None or not picture.has(side):
            self._picture = picture = read_picture(self._content, side)
        return picture


def shrunk(pixels: Pixels, side: int) -> Pixels:
    """The same picture with at most so many pixels a side."""
    if max(pixels.shape) <= side:
        return pixels
    return np.asarray(_shrink(Image.fromarray(pixels), side))


def resized(pixels: Pixels, scale: float) -> Pixels:
    """The same picture, so many times as wide and as high."""
    size = tuple(max(1, round(length * scale)) for length in pixels.shape[1::-1])
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=2))


def jpeg_portrait(pixels: Pixels) -> tuple[bytes, ImageSize]:
    """What is kept of an enrolled photo: a JPEG of at most 640 a side that knows nothing but pixels."""
    image = _shrink(Image.fromarray(pixels), PORTRAIT_SIDE)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue(), ImageSize(width=image.width, height=image.height)


@cache
def _register_formats() -> None:
    register_heif_opener()
    warnings.filterwarnings("ignore", module="PIL")  # odd tags of strangers' photos are not our news
    Image.MAX_IMAGE_PIXELS = None  # our own limit is lower, and is an answer where Pillow's is a warning


def _open(photo: bytes) -> Image.Image:
    _register_formats()
    try:
        return Image.open(io.BytesIO(photo), formats=_FORMATS)
    except UnidentifiedImageError as error:
        if _PICTURE.match(photo):
            raise PhotoUnreadable("it ends before its header does, or the header is broken") from error
        raise PhotoUnsupported("send a JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP") from error
    except Exception as error:  # what broken bytes make a decoder raise is anybody's guess
        raise PhotoUnreadable("its header is broken") from error


def _load(image: Image.Image, least: int) -> int:
    """Decode the pixels, a JPEG's at the scale that is needed; gives the EXIF orientation."""
    try:
        image.draft(None, _fit(image.size, least))
        image.load()
    except Exception as error:  # as in _open
        raise PhotoUnreadable("its pixels cannot be decoded") from error
    # Asked after loading: decoders of TIFF and HEIC have set the picture upright themselves by then.
    return _orientation(image)


def _orientation(image: Image.Image) -> int:
    """1, upright, where nothing is said of it or what is said is broken: the pixels are there."""
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # as in _open
        return 1
    return orientation if orientation in _UPRIGHT else 1


def _fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrink(image: Image.Image, side: int) -> Image.Image:
    size = _fit(image.size, side)
    if size == image.size:
        return image
    if image.mode in ("1", "P", "PA"):  # colours of a palette cannot be averaged
        image = image.convert("RGBA" if _has_alpha(image) else "RGB")
    if image.mode.startswith("I;"):  # 16-bit greys cannot be averaged either
        image = image.convert("I")
    # Halving first, then BILINEAR: as good as LANCZOS for finding faces, at a fifth of its time.
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2)


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bit(np.asarray(image, dtype=np.float32))).convert("RGB")
    if _has_alpha(image):
        rgba = image.convert("RGBA")
        flat = Image.new("RGB", rgba.size, _GREY)
        flat.paste(rgba, mask=rgba.getchannel("A"))
        return flat
    return image.convert("RGB")


def _eight_bit(values: NDArray[np.float32]) -> Pixels:
    """Grey values of 16 or 32 bits or of floats, scaled; Pillow's own conversion clips them to white."""
    values = np.nan_to_num(values, posinf=0, neginf=0)
    peak = float(values.max())
    top = next((top for top in (1.0, 255.0, 65535.0) if peak <= top), peak)
    grey: Pixels = (np.clip(values / top, 0, 1) * 255).astype(np.uint8)
    return grey


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info


def _turn(image: Image.Image, orientation: int) -> Image.Image:
    method = _UPRIGHT.get(orientation)
    return image if method is None else image.transpose(method)
