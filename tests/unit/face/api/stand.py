"""The room's API over real galleries, with photos that say themselves what is on them."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx
import numpy as np
from fastapi import FastAPI
from numpy.typing import NDArray

from contracts.face import Box, FoundFace, ImageSize, Quality
from foundation.http import Fault, add_problem_answers
from services.face.comparison import Comparison
from services.face.errors import (
    Busy,
    NotReady,
    PhotoEmpty,
    PhotoFailed,
    PhotoTimedOut,
    PhotoTooLarge,
    PhotoUnreadable,
    PhotoUnsupported,
)
from services.face.reading import Portrait, Question, Reading
from services.face.room import Room
from services.face.routes import api_routes
from services.face.store import GalleryStore
from tests.unit.face.api.openapi import Document

TOKEN = "token-for-tests"
_SIZE = ImageSize(width=1000, height=500)
_FAULTS: dict[bytes, type[Fault]] = {
    b"": PhotoEmpty,
    b"busy": Busy,
    b"early": NotReady,
    b"slow": PhotoTimedOut,
    b"deadly": PhotoFailed,
    b"huge": PhotoTooLarge,
    b"broken": PhotoUnreadable,
    b"text": PhotoUnsupported,
}


def embedding_of(name: str) -> NDArray[np.float32]:
    """128 numbers that are this name's; two names are about 0.9 apart, "ada" and "ada'" 0.3."""
    person = _numbers(name.rstrip("'")) * 0.64
    return (person + name.count("'") * 0.3 * _numbers(name)).astype(np.float32)


def _numbers(name: str) -> NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    numbers = np.random.default_rng(seed).normal(size=128)
    return np.asarray(numbers / np.linalg.norm(numbers))


async def read(question: Question) -> Reading:
    """A photo "ada bob" shows Ada, the main one, and Bob at the left of her; "nobody" shows no face."""
    if fault := _FAULTS.get(question.photo):
        raise fault
    names = [] if question.photo == b"nobody" else question.photo.decode().split()
    faces = tuple(_face(place) for place in range(len(names)))
    wanted = names if question.faces == "all" else names[:1]
    return Reading(
        image=_SIZE,
        faces=faces,
        embeddings=() if question.wish == "faces" else tuple(embedding_of(name) for name in wanted),
        portrait=Portrait(b"jpeg of " + question.photo, _SIZE, faces[0].box)
        if faces and question.wish == "portrait"
        else None,
    )


async def draw(comparison: Comparison) -> bytes:
    """A JPEG that says whom it shows."""
    if fault := _FAULTS.get(comparison.photo):
        raise fault
    return b"jpeg of " + comparison.photo + b" and " + comparison.portrait


def _face(place: int) -> FoundFace:
    return FoundFace(
        box=Box(left=800 - 300 * place, top=-10, width=300, height=300),
        score=1.5 - place,
        quality=Quality(eye_distance=90, roll=0, yaw=0, sharpness=300, brightness=120),
    )


class _Shelf:
    """Passes on to the galleries of the test that runs."""

    galleries: GalleryStore

    def __getattr__(self, name: str) -> Any:
        return getattr(self.galleries, name)


_SHELF = _Shelf()


@cache
def shared_app() -> FastAPI:
    """To build the routes takes a quarter of a second: most tests share them."""
    return make_app(cast(GalleryStore, _SHELF))


@cache
def document() -> Document:
    """What OpenAPI says of the API."""
    return Document(json.loads(json.dumps(shared_app().openapi())))


class Client(httpx.AsyncClient):
    """Shows the token, and holds every answer against OpenAPI."""

    def __init__(self, app: FastAPI) -> None:
        async def check(response: httpx.Response) -> None:
            await response.aread()
            document().check(response)

        super().__init__(
            transport=httpx.ASGITransport(app),
            base_url="http://face",
            headers={"Authorization": f"Bearer {TOKEN}", "x-api-key": TOKEN},
            event_hooks={"response": [check]},
        )


def make_app(galleries: GalleryStore) -> FastAPI:
    """The API as a whole."""
    app = FastAPI()
    add_problem_answers(app)
    app.include_router(api_routes(Room(read, draw, galleries, lambda: 2), TOKEN))
    return app


@asynccontextmanager
async def served(
    folder: Path, kind: type[GalleryStore] = GalleryStore, second: bool = False
) -> AsyncIterator[Client]:
    """A client of the API on this folder; a second one at the same time is said to be that."""
    galleries = kind(folder)
    await galleries.load()
    if not second:
        _SHELF.galleries = galleries
    async with Client(make_app(galleries) if second else shared_app()) as client:
        yield client
    await galleries.close()
