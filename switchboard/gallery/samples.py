"""A few small pictures of every reason, kept beside the work log, and the sheet that shows them."""

import hashlib
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from foundation.http import Fault
from services.face.image import read_picture, shrunk
from switchboard.gallery.filters import REASONS

PER_REASON = 8
_SIDE = 128
_GAP = 8
_LABEL = 170
_KEPT = "kept"


class Samples:
    """The folder of samples; more of a reason than a row holds are not taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._counts: dict[str, int] = {}

    def wants(self, reason: str) -> bool:
        """Whether there is room for one more."""
        if reason not in self._counts:
            self._counts[reason] = len(list((self._folder / reason).glob("*.jpg")))
        return self._counts[reason] < PER_REASON

    def add(self, reason: str, photo: bytes) -> None:
        """Keep a small copy, unless the room could not decode the photo; a copy that is there is replaced."""
        try:
            picture = read_picture(photo, 2 * _SIDE)  # no more formats and no larger ones than the room takes
        except Fault:
            return
        self._counts[reason] = self._counts.get(reason, 0) + 1
        folder = self._folder / reason
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        small = Image.fromarray(shrunk(picture.pixels, _SIDE))
        small.save(folder / f"{hashlib.sha256(photo).hexdigest()[:16]}.jpg", quality=85)

    def sheet(self, counts: dict[str, int]) -> Image.Image:
        """A row for each reason that has counts: its name, how many there are, and its samples."""
        reasons = [reason for reason in (_KEPT, *REASONS) if counts.get(reason)]
        width = _LABEL + PER_REASON * (_SIDE + _GAP)
        sheet = Image.new("RGB", (width, max(1, len(reasons)) * (_SIDE + _GAP) + _GAP), "white")
        draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
        for row, reason in enumerate(reasons):
            top = _GAP + row * (_SIDE + _GAP)
            draw.text((_GAP, top), f"{reason.replace('_', ' ')}\n{counts[reason]}", "black", font)
            for column, path in enumerate(sorted((self._folder / reason).glob("*.jpg"))[:PER_REASON]):
                with Image.open(path) as small:
                    sheet.paste(small, (_LABEL + column * (_SIDE + _GAP), top))
        return sheet
