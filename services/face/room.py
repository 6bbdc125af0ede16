"""What the room's routes work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request

from services.face.bodies import ONE_PHOTO_BYTES, PHOTOS_BYTES, PhotoBody, PhotosBody, photo_bytes, read_body
from services.face.comparison import Comparison
from services.face.reading import Question, Reading
from services.face.store import GALLERY_NAME, GalleryStore


@dataclass(frozen=True)
class Room:
    """The processes that read photos, and the galleries."""

    read: Callable[[Question], Awaitable[Reading]]
    """What a photo shows. Raises what Pool.ask raises."""
    draw: Callable[[Comparison], Awaitable[bytes]]
    """Two faces as a JPEG. Raises what Pool.ask raises."""
    galleries: GalleryStore
    at_once: Callable[[], int]
    """How many photos of one request are read at the same time."""


async def _one_photo(request: Request) -> bytes:
    return await photo_bytes((await read_body(request, PhotoBody, ONE_PHOTO_BYTES)).photo)


async def _several(request: Request) -> tuple[bytes | str, ...]:
    return (await read_body(request, PhotosBody, PHOTOS_BYTES)).photos


OnePhoto = Annotated[bytes, Depends(_one_photo)]
"""The photo of a body that holds nothing else."""
SeveralPhotos = Annotated[tuple[bytes | str, ...], Depends(_several)]
"""The photos, as they came, of a body that holds nothing else."""
Faces = Annotated[
    Literal["main", "all"],
    Query(description="Only the main face, or all: then small ones are looked for too, which takes longer"),
]
Jitters = Annotated[
    int,
    Query(
        ge=0,
        le=100,
        description="The embedding as the mean over so many slightly disturbed copies of the face",
    ),
]
GalleryName = Annotated[str, Path(alias="gallery", pattern=f"^{GALLERY_NAME}$")]
IdentityId = Annotated[str, Path(alias="identity", max_length=64)]
PhotoId = Annotated[str, Path(alias="photo", max_length=64)]
