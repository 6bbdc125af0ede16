"""Stores that are closed when a test ends."""

from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from services.face.index import ExactIndex, Index
from services.face.store import GalleryStore

Opened = Callable[..., Coroutine[Any, Any, GalleryStore]]


@pytest.fixture
async def opened() -> AsyncIterator[Opened]:
    """Opens stores on a folder, as one process each would."""
    stores: list[GalleryStore] = []

    async def open_store(folder: Path, engine: Callable[[], Index] = ExactIndex) -> GalleryStore:
        store = GalleryStore(folder, lambda _: engine(), look_s=0.1)
        stores.append(store)
        await store.load()
        return store

    yield open_store
    for store in stores:
        await store.close()
