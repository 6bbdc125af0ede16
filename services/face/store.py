"""Galleries on disk, shared by every process that opens the same folder."""

import asyncio
import logging
import re
import shutil
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from contracts.face import EnrolledPhoto, Identity
from services.face.errors import GalleryDamaged, GalleryUnwritable, IdentityUnknown
from services.face.gallery import Gallery
from services.face.index import Embedding, ExactIndex, Index
from services.face.open_gallery import OpenGallery
from services.face.percent import Scale
from services.face.troubles import Troubles

log = logging.getLogger(__name__)

GALLERY_NAME = r"[a-z0-9-]{1,40}"

_FILE_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DROPPED = ".dropped-"

MakeIndex = Callable[[Path], Index]
"""Makes the index of the gallery that lives in this folder."""


class GalleryStore:
    """Every gallery under one folder; what others write to it is seen within a second, and by any request.

    Ids of identities and photos are file names: letters, digits, "-" and "_", at most 64; else ValueError.
    A gallery whose journal is damaged raises GalleryDamaged; the others go on.
    """

    def __init__(
        self,
        folder: Path,
        make_index: MakeIndex = lambda _: ExactIndex(),
        scale: Scale | None = None,
        look_s: float = 0.5,
    ) -> None:
        self._folder = folder
        self._make_index = make_index
        self._scale = scale
        self._look_s = look_s
        self._open: dict[str, OpenGallery] = {}
        self._looking: asyncio.Task[None] | None = None
        self._troubles = Troubles()

    async def load(self) -> None:
        """Replay every journal, cut torn tails, finish interrupted removals; then follow others' changes."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error
        for left in self._folder.glob(_DROPPED + "*"):
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        for name in self._names_on_disk():
            await self._tidy(name)
        self._looking = asyncio.get_running_loop().create_task(self._look())

    async def names(self) -> tuple[str, ...]:
        """The galleries that there are, in order."""
        return await asyncio.to_thread(self._names_on_disk)

    async def get(self, name: str) -> Gallery:
        """The gallery as it is on disk now; an empty one if nobody was ever enrolled."""
        if name not in self._open and not (self._folder / name).exists():
            return self._empty(name, lambda _: 0)
        return await self._gallery(name).fresh()

    async def enroll(self, name: str, identity: Identity, embedding: Embedding, jpeg: bytes) -> Identity:
        """Keep a person, their first photo and its embedding; on disk when this returns.

        The photo is the identity's only one, or, if it has none, one with its own id and facts. Gives the
        identity as it is kept.
        """
        if len(identity.photos) > 1:
            raise ValueError("a person is enrolled by one photo; others are added")
        check_ids(identity.id, *(photo.id for photo in identity.photos))
        return await self._gallery(name).enroll(identity, embedding, jpeg)

    async def add_photo(
        self, name: str, identity_id: str, photo: EnrolledPhoto, embedding: Embedding, jpeg: bytes
    ) -> Identity:
        """Keep one more photo of a person; on disk when this returns. Raises IdentityUnknown."""
        check_ids(photo.id)
        await self._known(name, identity_id)
        return await self._gallery(name).add_photo(identity_id, photo, embedding, jpeg)

    async def remove_photo(self, name: str, identity_id: str, photo_id: str) -> Identity | None:
        """Forget a photo; None if it was the last one, so that the person is gone.

        Raises IdentityUnknown for a person, and for a photo, that is not there.
        """
        await self._known(name, identity_id)
        return await self._gallery(name).remove_photo(identity_id, photo_id)

    async def change(self, name: str, identity_id: str, fields: Mapping[str, Any]) -> Identity:
        """Take over what of name, alias, role and n_movies is given; the rest stays as others may have left
        it this very moment. Raises IdentityUnknown.
        """
        await self._known(name, identity_id)
        return await self._gallery(name).describe(identity_id, fields)

    async def remove(self, name: str, identity_id: str) -> None:
        """Forget a person: found no more when this returns, off the disk a moment later.

        Raises IdentityUnknown.
        """
        await self._known(name, identity_id)
        await self._gallery(name).remove(identity_id)

    async def drop(self, name: str) -> None:
        """Forget a whole gallery, if it is there. Raises GalleryUnwritable."""
        if not (self._folder / name).exists():
            return
        away = self._folder / (_DROPPED + uuid.uuid4().hex)
        await self._gallery(name).drop(away)
        await asyncio.to_thread(shutil.rmtree, away, ignore_errors=True)

    async def portrait(self, name: str, identity_id: str, photo_id: str | None = None) -> bytes:
        """The kept JPEG of a person, the first one or the named one. Raises IdentityUnknown."""
        identity = await self._known(name, identity_id)
        photos = [photo.id for photo in identity.photos]
        if photo_id is not None and photo_id not in photos:
            raise IdentityUnknown
        try:
            return await self._gallery(name).picture(photo_id or photos[0])
        except FileNotFoundError as error:  # removed in between, maybe by another process
            raise IdentityUnknown from error

    async def count_found(self, name: str, identity_id: str) -> None:
        """Somebody's nearest look-alike was this person; for one who is not there, nothing happens."""
        if identity_id in await self.get(name):
            await self._gallery(name).count_found(identity_id)

    def people(self) -> int:
        """How many people are in the galleries."""
        return sum(len(one.gallery) for one in self._open.values())

    async def close(self) -> None:
        """Let what runs behind the answers come to its end."""
        if self._looking:
            self._looking.cancel()
            await asyncio.wait([self._looking])
        for one in self._open.values():
            await one.close()

    async def _known(self, name: str, identity_id: str) -> Identity:
        identity = (await self.get(name)).get(identity_id)
        if identity is None:
            raise IdentityUnknown
        return identity

    async def _tidy(self, name: str) -> None:
        try:
            await self._gallery(name).tidy()
        except GalleryDamaged as error:
            log.error("face.gallery.damaged", extra={"gallery": name, "detail": str(error)})

    async def _look(self) -> None:
        """Follow other processes' changes though nobody asks."""
        while True:
            await asyncio.sleep(self._look_s)
            for name in {*self._open, *await self._names_to_look_at()}:
                await self._look_at(name)

    async def _names_to_look_at(self) -> tuple[str, ...]:
        try:
            names = await self.names()
        except OSError as error:
            self._troubles.meet("*", error)
            return ()
        self._troubles.end("*")
        return names

    async def _look_at(self, name: str) -> None:
        try:
            await self._gallery(name).fresh()
        except Exception as error:  # the edge of what nobody asked for: the next look tries again
            self._troubles.meet(name, error)
        else:
            self._troubles.end(name)

    def _names_on_disk(self) -> tuple[str, ...]:
        found = (path.parent.name for path in self._folder.glob("*/journal"))
        return tuple(sorted(name for name in found if re.fullmatch(GALLERY_NAME, name)))

    def _gallery(self, name: str) -> OpenGallery:
        if name not in self._open:
            self._open[name] = OpenGallery(self._folder / name, partial(self._empty, name))
        return self._open[name]

    def _empty(self, name: str, found: Callable[[str], int]) -> Gallery:
        return Gallery(partial(self._make_index, self._folder / name), self._scale, found)


def check_ids(*ids: str) -> None:
    """Raises ValueError for one that is no file's name."""
    if not all(_FILE_NAME.fullmatch(one) for one in ids):
        raise ValueError("an id is made of letters, digits, - and _")
