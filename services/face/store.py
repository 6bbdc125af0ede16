"""Galleries on disk, shared by every process that opens the same folder."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from pathlib import Path

from contracts.face import Identity
from services.face.errors import GalleryUnwritable, IdentityUnknown
from services.face.gallery import Gallery
from services.face.index import Embedding, Index
from services.face.journal import (
    Change,
    Enrolled,
    Journal,
    JournalWriter,
    Removed,
    sync_folder,
    write_synced,
)

log = logging.getLogger(__name__)

GALLERY_NAME = r"[a-z0-9-]{1,40}"

_News = tuple[bool, list[Change]]
"""Whether the changes start from nothing, and the changes."""


class GalleryStore:
    """Every gallery under one folder; what others write to it is seen by the next request."""

    def __init__(self, folder: Path, make_index: Callable[[], Index]) -> None:
        self._folder = folder
        self._make_index = make_index
        self._open: dict[str, _OpenGallery] = {}

    async def load(self) -> None:
        """Replay every journal, cut torn tails, finish interrupted removals."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise GalleryUnwritable(error.strerror) from error
        for folder in sorted(self._folder.iterdir()):
            if re.fullmatch(GALLERY_NAME, folder.name):
                await self._gallery(folder.name).tidy()

    async def get(self, name: str) -> Gallery:
        """The gallery as it is on disk now; an empty one if nobody was ever enrolled."""
        if name not in self._open and not (self._folder / name).exists():
            return Gallery(self._make_index)
        return await self._gallery(name).fresh()

    async def enroll(self, name: str, identity: Identity, embedding: Embedding, jpeg: bytes) -> None:
        """Keep a person, their embedding and their portrait; on disk when this returns."""
        await self._gallery(name).enroll(identity, embedding, jpeg)

    async def remove(self, name: str, identity_id: str) -> None:
        """Forget a person: found no more when this returns, off the disk a moment later."""
        if (await self.get(name)).get(identity_id) is None:
            raise IdentityUnknown
        await self._gallery(name).remove(identity_id)

    async def portrait(self, name: str, identity_id: str) -> bytes:
        """The kept JPEG of a person."""
        if (await self.get(name)).get(identity_id) is None:
            raise IdentityUnknown
        try:
            return await asyncio.to_thread(_portrait_path(self._folder / name, identity_id).read_bytes)
        except FileNotFoundError as error:  # removed in between, maybe by another process
            raise IdentityUnknown from error

    def people(self) -> int:
        """How many people are in the galleries that are open."""
        return sum(len(one.gallery) for one in self._open.values())

    async def close(self) -> None:
        """Let what runs behind the answers come to its end."""
        for one in self._open.values():
            await one.close()

    def _gallery(self, name: str) -> "_OpenGallery":
        if name not in self._open:
            self._open[name] = _OpenGallery(Journal(self._folder / name), self._make_index)
        return self._open[name]


class _OpenGallery:
    """One gallery: its journal, and the people in memory."""

    def __init__(self, journal: Journal, make_index: Callable[[], Index]) -> None:
        self._journal = journal
        self._make_index = make_index
        self._lock = asyncio.Lock()
        self._behind: set[asyncio.Task[None]] = set()
        self.gallery = Gallery(make_index)

    async def fresh(self) -> Gallery:
        # An update that is under way brings what is new; waiting for it could mean waiting for another
        # process's lock.
        if not self._lock.locked() and self._journal.changed():
            await self._update(self._journal.read)
        return self.gallery

    async def enroll(self, identity: Identity, embedding: Embedding, jpeg: bytes) -> None:
        def write(writer: JournalWriter) -> None:
            _write_portrait(self._journal.folder, identity.id, jpeg)
            writer.append(Enrolled(identity, embedding))

        await self._update(lambda: self._write(write))

    async def remove(self, identity_id: str) -> None:
        def write(writer: JournalWriter) -> None:
            writer.append(Removed(identity_id))
            _portrait_path(self._journal.folder, identity_id).unlink(missing_ok=True)

        await self._update(lambda: self._write(write))
        self._run_behind(self._compact())

    async def tidy(self) -> None:
        def write(writer: JournalWriter) -> None:
            writer.compact()
            self._drop_orphans(writer.living())

        await self._update(lambda: self._write(write))

    async def close(self) -> None:
        await asyncio.gather(*self._behind)
        self._journal.close()

    async def _update(self, act: Callable[[], _News]) -> None:
        # Shielded: what was read from the journal must reach the memory, whoever hangs up meanwhile.
        await asyncio.shield(self._do_update(act))

    async def _do_update(self, act: Callable[[], _News]) -> None:
        async with self._lock:
            try:
                replaced, changes = await asyncio.to_thread(act)
                if replaced:
                    self.gallery = await asyncio.to_thread(_applied, Gallery(self._make_index), changes)
                else:
                    _applied(self.gallery, changes)
            except BaseException:
                self._journal.close()  # what was read and did not reach the memory is read again
                raise
        self._refresh_if_stale()

    def _write(self, act: Callable[[JournalWriter], None]) -> _News:
        with self._journal.writing() as writer:
            replaced, changes = writer.catch_up()
            act(writer)
            replaced_again, own = writer.catch_up()
            return replaced or replaced_again, [*changes, *own]

    async def _compact(self) -> None:
        try:
            await self._update(lambda: self._write(lambda writer: writer.compact()))
        except GalleryUnwritable:  # the removal itself stands; the next one, or the next start, tries again
            log.warning("face.gallery.not_compacted", extra={"gallery": self._journal.folder.name})

    def _refresh_if_stale(self) -> None:
        if self.gallery.index.stale() and not self._behind:
            self._run_behind(asyncio.to_thread(self.gallery.index.refresh))

    def _run_behind(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    def _drop_orphans(self, living: set[str]) -> None:
        """Delete portraits whose enrolling or removal was cut short by a crash."""
        for path in (self._journal.folder / "photos").glob("*.jpg"):
            if path.stem not in living:
                path.unlink()


def _applied(gallery: Gallery, changes: list[Change]) -> Gallery:
    for change in changes:
        if isinstance(change, Enrolled):
            gallery.enroll(change.identity, change.embedding)
        elif gallery.get(change.identity_id):  # two processes may have removed the same person
            gallery.remove(change.identity_id)
    return gallery


def _portrait_path(folder: Path, identity_id: str) -> Path:
    return folder / "photos" / f"{identity_id}.jpg"


def _write_portrait(folder: Path, identity_id: str, jpeg: bytes) -> None:
    path = _portrait_path(folder, identity_id)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_synced(path, jpeg)
        sync_folder(path.parent)
    except OSError as error:
        raise GalleryUnwritable(error.strerror) from error
