"""The galleries on disk, opened beside the running room: each sees what the other writes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.face.gallery import Gallery
from services.face.settings import FaceSettings
from services.face.store import GalleryStore
from switchboard.gallery.said import no_gallery, stop


def galleries_folder(settings: FaceSettings) -> Path:
    """Where the running room has its galleries."""
    return settings.face_data_dir / "galleries"


def build_folder(settings: FaceSettings, gallery: str) -> Path:
    """Where a gallery's work log and samples are: they go when the gallery goes."""
    return galleries_folder(settings) / gallery / "build"


def make_gallery_folder(settings: FaceSettings, gallery: str) -> None:
    """Readable by this user alone, as the room makes it."""
    folder = galleries_folder(settings)
    for each in (folder, folder / gallery):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)


@asynccontextmanager
async def opened_store(settings: FaceSettings) -> AsyncIterator[GalleryStore]:
    """The store; what it has begun is finished at the end."""
    store = GalleryStore(galleries_folder(settings))
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def opened_gallery(settings: FaceSettings, name: str) -> AsyncIterator[Gallery]:
    """One gallery as it is now, its statistics fresh. Raises GalleryDamaged; ends where there is none."""
    async with opened_store(settings) as store:
        await check_is_there(store, name)
        gallery = await store.get(name)
        gallery.load()
        yield gallery


async def check_is_there(store: GalleryStore, name: str) -> None:
    """Ends with the exit code 1 where there is no gallery of this name, and says which there are."""
    names = await store.names()
    if name not in names:
        stop(no_gallery(name, names))
