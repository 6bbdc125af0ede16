"""One gallery that is open: its journal, its pictures, its counts, and its people in memory."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

from contracts.face import EnrolledPhoto, Identity
from foundation.http import Fault
from services.face.changes import (
    Change,
    Described,
    Description,
    Enrolled,
    PhotoAdded,
    PhotoRemoved,
    Removed,
    complete,
    with_photos,
)
from services.face.errors import GalleryDamaged, GalleryUnwritable, IdentityUnknown
from services.face.files import sync_folder
from services.face.found import FoundCounts
from services.face.gallery import Gallery
from services.face.index import Embedding
from services.face.journal import Journal, JournalWriter
from services.face.news import News, apply_all
from services.face.pictures import Pictures

log = logging.getLogger(__name__)

_COMPACT_AFTER_S = 1.0

MakeGallery = Callable[[Callable[[str], int]], Gallery]
"""Makes an empty one, from what counts how often a person was found."""


Writing = Callable[[JournalWriter, News], None]


class OpenGallery:
    """Changes it one by one, and follows what other processes write to it."""

    def __init__(self, folder: Path, make_gallery: MakeGallery) -> None:
        self._folder = folder
        self._journal = Journal(folder)
        self._pictures = Pictures(folder)
        self._found = FoundCounts(folder)
        self._make_gallery = partial(make_gallery, self._found.of)
        self._lock = asyncio.Lock()
        self._behind: dict[str, asyncio.Task[None]] = {}
        self._wanted: set[str] = set()
        self._closing = asyncio.Event()
        self._damage: GalleryDamaged | None = None
        self._damaged_stamp: object = None
        self.gallery = self._make_gallery()

    async def fresh(self) -> Gallery:
        """The people as they are on disk now. Raises GalleryDamaged."""
        if self._lock.locked():  # an update may have read past a change, and not have applied it
            async with self._lock:
                pass
        if self._journal.changed():
            self._meet_known_damage()
            await self._update(self._read)
        self._found.read()
        self._refresh_if_stale()
        return self.gallery

    async def enroll(self, identity: Identity, embedding: Embedding, jpeg: bytes) -> Identity:
        """Add a person with a first photo; on disk when this returns."""
        identity = complete(identity)
        identity = with_photos(identity, identity.photos)

        def write(writer: JournalWriter, news: News) -> None:
            news.refuse_known_person(identity.id)
            news.refuse_known_photo(identity.photos[0].id)
            self._append(writer, Enrolled(identity, embedding), identity.photos[0].id, jpeg)

        await self._change(write)
        return identity

    async def add_photo(
        self, identity_id: str, photo: EnrolledPhoto, embedding: Embedding, jpeg: bytes
    ) -> Identity:
        """Add a photo of a person. Raises IdentityUnknown."""

        def write(writer: JournalWriter, news: News) -> None:
            news.person(identity_id)
            news.refuse_known_photo(photo.id)
            self._append(writer, PhotoAdded(identity_id, photo, embedding), photo.id, jpeg)

        await self._change(write)
        return self._known(identity_id)

    async def remove_photo(self, identity_id: str, photo_id: str) -> Identity | None:
        """Take a photo away; None if the person went with it. Raises IdentityUnknown."""

        def write(writer: JournalWriter, news: News) -> None:
            photos = [photo.id for photo in news.person(identity_id).photos]
            if photo_id not in photos:
                raise IdentityUnknown
            is_last = len(photos) == 1
            writer.append(Removed(identity_id) if is_last else PhotoRemoved(identity_id, photo_id))
            self._pictures.drop([photo_id])

        await self._change(write)
        self._run_behind("compact", self._compact)
        return self.gallery.get(identity_id)

    async def describe(self, identity_id: str, fields: Mapping[str, Any]) -> Identity:
        """Tell anew who somebody is; what is left out stays. Raises IdentityUnknown."""

        def write(writer: JournalWriter, news: News) -> None:
            there = news.person(identity_id).model_dump(include=set(Description.model_fields))
            writer.append(Described(identity_id, Description.model_validate(there | dict(fields))))

        await self._change(write)
        return self._known(identity_id)

    async def remove(self, identity_id: str) -> None:
        """Forget a person: found no more when this returns. Raises IdentityUnknown."""

        def write(writer: JournalWriter, news: News) -> None:
            photos = [photo.id for photo in news.person(identity_id).photos]
            writer.append(Removed(identity_id))
            self._pictures.drop(photos)

        await self._change(write)
        self._run_behind("compact", self._compact)

    async def drop(self, away: Path) -> None:
        """Move the whole folder away, and forget everybody. Raises GalleryUnwritable."""

        def write() -> None:
            with self._journal.writing():
                try:
                    self._folder.rename(away)
                    sync_folder(away.parent)
                except OSError as error:
                    raise GalleryUnwritable(error.strerror) from error

        async with self._lock:
            await asyncio.to_thread(write)
        await self.fresh()

    async def picture(self, photo_id: str) -> bytes:
        """The kept JPEG of a photo. Raises FileNotFoundError."""
        return await asyncio.to_thread(self._pictures.read, photo_id)

    async def count_found(self, identity_id: str) -> None:
        """Somebody's nearest was this person."""
        await asyncio.to_thread(self._found.add, identity_id)
        self._found.read()
        if self._found.is_long:
            self._run_behind("count", lambda: asyncio.to_thread(self._found.compact, self.gallery))

    async def tidy(self) -> None:
        """Finish what a crash cut short: torn tails, interrupted removals, pictures of nobody."""

        def write(writer: JournalWriter, news: News) -> None:
            writer.compact()
            self._pictures.clear(news.gallery.has_photo)

        await self._update(partial(self._write, write))
        await asyncio.to_thread(self._tidy_memory)
        self._refresh_if_stale()

    async def close(self) -> None:
        """Let what runs behind the answers come to its end."""
        self._closing.set()
        self.gallery.close()
        await asyncio.gather(*self._behind.values())
        async with self._lock:
            self._journal.close()

    def _tidy_memory(self) -> None:
        self._found.read()
        if self._found.is_long:
            self._found.compact(self.gallery)
        self.gallery.load()

    def _known(self, identity_id: str) -> Identity:
        identity = self.gallery.get(identity_id)
        if identity is None:  # removed right after
            raise IdentityUnknown
        return identity

    async def _change(self, writing: Writing) -> None:
        await self._update(partial(self._write, writing))
        self._refresh_if_stale()

    async def _update(self, act: Callable[[News], None]) -> None:
        # Shielded: what was read from the journal must reach the memory, whoever hangs up meanwhile.
        await asyncio.shield(self._do_update(act))

    async def _do_update(self, act: Callable[[News], None]) -> None:
        async with self._lock:
            news = News(self.gallery, self._make_gallery)
            try:
                await asyncio.to_thread(act, news)
                self._swap(news.gallery)
                apply_all(self.gallery, news.changes)
            except GalleryUnwritable:  # the lock was not to be had: nothing was read
                raise
            except BaseException as error:
                if isinstance(error, GalleryDamaged):
                    self._damage, self._damaged_stamp = error, self._journal.stamp()
                self._journal.close()  # what was read and did not reach the memory is read again, all of it
                self._swap(self._make_gallery())
                raise
        if news.refusal:
            raise news.refusal

    def _swap(self, gallery: Gallery) -> None:
        if gallery is not self.gallery:
            self.gallery.close()
        self.gallery = gallery

    def _meet_known_damage(self) -> None:
        """The file is not read to its damage at every request."""
        if self._damage and self._journal.stamp() == self._damaged_stamp:
            raise GalleryDamaged(str(self._damage))

    def _read(self, news: News) -> None:
        news.take(self._journal.read())

    def _write(self, writing: Writing, news: News) -> None:
        with self._journal.writing() as writer:
            news.take(writer.catch_up())
            try:
                writing(writer, news)
            except (Fault, ValueError) as refusal:
                news.refusal = refusal
            news.take(writer.catch_up())

    async def _compact(self) -> None:
        with suppress(TimeoutError):  # many removals in a row are one compaction
            await asyncio.wait_for(self._closing.wait(), _COMPACT_AFTER_S)
        try:
            with ExitStack() as held:
                await self._compact_aside(held)
        except (Fault, OSError) as error:  # the removal stands; the next one, or the next start, tries again
            code = error.code if isinstance(error, Fault) else GalleryUnwritable.code
            log.warning("face.gallery.not_compacted", extra={"gallery": self._folder.name, "code": code})

    async def _compact_aside(self, held: ExitStack) -> None:
        """Write the new file while requests and changes go on; they wait for its taking over only."""
        compaction = await asyncio.to_thread(
            lambda: held.enter_context(self._journal.compacting(is_locked=False))
        )
        if compaction is None:
            return
        is_shorter = await asyncio.to_thread(lambda: compaction.write(only_removals=True))
        if is_shorter:
            await self._change(lambda writer, _: writer.replace_by(compaction))

    def _refresh_if_stale(self) -> None:
        if self.gallery.stale():
            self._run_behind("refresh", lambda: asyncio.to_thread(self.gallery.refresh))

    def _run_behind(self, kind: str, work: Callable[[], Coroutine[object, object, None]]) -> None:
        """One of a kind at a time; what is asked for meanwhile is done once more behind it."""
        self._wanted.add(kind)
        if kind not in self._behind:
            self._behind[kind] = asyncio.get_running_loop().create_task(self._work_off(kind, work))

    async def _work_off(self, kind: str, work: Callable[[], Coroutine[object, object, None]]) -> None:
        try:
            while kind in self._wanted:
                self._wanted.discard(kind)
                await work()
        except Exception:  # the edge of what nobody waits for
            log.exception("face.gallery.work_failed", extra={"gallery": self._folder.name, "kind": kind})
        finally:
            del self._behind[kind]

    def _append(self, writer: JournalWriter, change: Change, photo_id: str, jpeg: bytes) -> None:
        try:
            self._pictures.write(photo_id, jpeg)
            writer.append(change)
        except (Fault, ValueError):
            self._pictures.drop([photo_id])
            raise
