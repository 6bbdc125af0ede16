"""Routes about galleries: which there are, and whom of one a face is most like."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.face import FaceMatches, FoundFace, Identification, Match
from foundation import tracing
from services.face import examples
from services.face.answers import Answers, GalleryList, GallerySummary, answer_each
from services.face.bodies import PhotoBody, PhotosBody, photo_bytes
from services.face.errors import Busy, GalleryDamaged, GalleryUnknown, GalleryUnwritable
from services.face.gallery import Gallery
from services.face.problems import (
    READING_A_BODY,
    READING_A_GALLERY,
    READING_A_PHOTO,
    answers_with,
    problems,
    takes,
)
from services.face.reading import Question, Reading
from services.face.room import Faces, GalleryName, OnePhoto, Room, SeveralPhotos

Limit = Annotated[int, Query(ge=1, le=100, description="How many people to answer, at most")]
Distance = Annotated[
    float | None, Query(gt=0, le=2, description="Leave out who is farther than this; without it, nobody is")
]


class _Search:
    """What was asked about a gallery, beside the photo."""

    def __init__(
        self, gallery: GalleryName, limit: Limit = 1, threshold: Distance = None, faces: Faces = "main"
    ) -> None:
        self.gallery = gallery
        self.limit = limit
        self.threshold = threshold
        self.faces = faces

    async def matches(self, gallery: Gallery, reading: Reading, place: int) -> tuple[Match, ...]:
        """Of the face at this place of the reading, nearest first."""
        await asyncio.sleep(0)  # a photo may have many faces: others are answered in between
        found = gallery.nearest(reading.embeddings[place], self.limit)
        if self.threshold is None:
            return found
        return tuple(match for match in found if match.distance <= self.threshold)


Search = Annotated[_Search, Depends()]


def gallery_routes(room: Room) -> APIRouter:
    """Galleries as a whole."""
    router = APIRouter(prefix="/galleries", tags=["galleries"])

    @router.get(
        "",
        responses=problems(invalid=False) | answers_with(200, examples.GALLERIES),
    )
    async def galleries() -> GalleryList:
        """Every gallery, and how many people and photos it has."""
        names = await room.galleries.names()
        return GalleryList(galleries=tuple([await _summary(room, name) for name in names]))

    @router.delete("/{gallery}", status_code=204, responses=problems(GalleryUnwritable, GalleryUnknown))
    async def drop(gallery: GalleryName) -> None:
        """Forget everybody of a gallery, and the gallery; effective at once."""
        if gallery not in await room.galleries.names():
            raise GalleryUnknown
        await room.galleries.drop(gallery)

    router.include_router(_identify_routes(room))
    return router


def _identify_routes(room: Room) -> APIRouter:
    router = APIRouter(prefix="/{gallery}/identify")

    async def identification(photo: bytes, search: _Search) -> Identification:
        with tracing.span("read"):
            reading = await room.read(Question(photo, "embedding", search.faces))
        with tracing.span("search"):
            gallery = await room.galleries.get(search.gallery)
            found = await _identification(gallery, reading, search)
        if found.matches:
            await room.galleries.count_found(search.gallery, found.matches[0].identity.id)
        return found

    @router.post(
        "",
        openapi_extra=takes(PhotoBody, {"photo": examples.BASE64}),
        responses=problems(*READING_A_PHOTO, *READING_A_GALLERY) | answers_with(200, examples.IDENTIFICATION),
    )
    async def identify(photo: OnePhoto, search: Search) -> Identification:
        """Who of the gallery the main face is most like; with `faces=all`, who each face is most like."""
        return await identification(photo, search)

    @router.post(
        "/batch",
        openapi_extra=takes(PhotosBody, {"photos": [examples.BASE64] * 2}),
        responses=problems(*READING_A_BODY, Busy)
        | answers_with(200, examples.answers(examples.IDENTIFICATION)),
    )
    async def identify_batch(photos: SeveralPhotos, search: Search) -> Answers[Identification]:
        """Who the faces of several photos are most like; each answered by a value or by a problem."""

        async def one(photo: bytes | str) -> Identification:
            return await identification(await photo_bytes(photo), search)

        return Answers(answers=await answer_each(photos, one, room.at_once()))

    return router


async def _summary(room: Room, name: str) -> GallerySummary:
    try:
        gallery = await room.galleries.get(name)
    except GalleryDamaged:
        return GallerySummary(name=name, is_damaged=True)
    return GallerySummary(name=name, people=len(gallery), photos=len(gallery.index))


async def _identification(gallery: Gallery, reading: Reading, search: _Search) -> Identification:
    if not reading.embeddings:
        return Identification(outcome="no_face", image=reading.image, faces_found=0, people=len(gallery))
    numbers = _numbers(reading.faces)
    return Identification(
        outcome="matched" if len(gallery) else "gallery_empty",
        image=reading.image,
        faces_found=len(reading.faces),
        face=reading.faces[0],
        number=numbers[0],
        people=len(gallery),
        matches=await search.matches(gallery, reading, 0),
        others=tuple(
            [
                FaceMatches(
                    face=reading.faces[place],
                    number=numbers[place],
                    matches=await search.matches(gallery, reading, place),
                )
                for place in range(1, len(reading.embeddings))
            ]
        ),
    )


def _numbers(faces: tuple[FoundFace, ...]) -> list[int]:
    """For each face, the how many-eth it is from the left, from 1."""
    ordered = sorted(range(len(faces)), key=lambda place: (faces[place].box.left, faces[place].box.top))
    return [ordered.index(place) + 1 for place in range(len(faces))]
