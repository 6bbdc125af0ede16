"""The kept pictures of a gallery's people: a JPEG a photo, named by the photo's id."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from services.face.errors import GalleryUnwritable
from services.face.files import sync_folder, write_synced

log = logging.getLogger(__name__)


class Pictures:
    """Those of one gallery's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "photos"

    def read(self, photo_id: str) -> bytes:
        """The JPEG. Raises FileNotFoundError."""
        return self._path(photo_id).read_bytes()

    def write(self, photo_id: str, jpeg: bytes) -> None:
        """On the disk when this returns. Raises GalleryUnwritable."""
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            write_synced(self._path(photo_id), jpeg)
            sync_folder(self._folder)
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error

    def drop(self, photo_ids: Iterable[str]) -> None:
        """Delete them, if they are there."""
        for photo_id in photo_ids:
            try:
                self._path(photo_id).unlink(missing_ok=True)
            except OSError as error:  # the removal itself is on the disk; the next start clears this
                log.warning("face.picture.not_deleted", extra={"reason": error.strerror})

    def clear(self, keep: Callable[[str], bool]) -> None:
        """Delete what a crash has left of photos that are nobody's."""
        for path in self._folder.glob("*.jpg"):
            if not keep(path.stem):
                path.unlink()

    def _path(self, photo_id: str) -> Path:
        return self._folder / f"{photo_id}.jpg"
