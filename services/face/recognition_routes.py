"""Routes about photos alone: which faces, their embeddings, whether two are one person."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from contracts.face import Detection, EmbeddedFace, Embeddings, Verification
from services.face import examples
from services.face.answers import Answers, answer_each
from services.face.bodies import (
    PHOTOS_BYTES,
    Body,
    PhotoBody,
    PhotosBody,
    RawPhoto,
    photo_bytes,
    read_body,
)
from services.face.errors import Busy
from services.face.gallery import distance_between
from services.face.problems import READING_A_BODY, READING_A_PHOTO, answers_with, problems, takes
from services.face.reading import Question, Reading
from services.face.room import Faces, Jitters, OnePhoto, Room, SeveralPhotos

PAIR_DISTANCE = 0.6
"""Below this, the faces of two photos are one person's: the figure that dlib's authors give for pairs."""

Threshold = Annotated[
    float, Query(gt=0, le=2, description="Faces nearer to one another than this are one person's")
]


class PairBody(Body):
    """Two photos to compare."""

    photo_a: RawPhoto
    photo_b: RawPhoto


class ComparisonBody(PhotosBody):
    """A photo, and others to compare it with."""

    photo: RawPhoto


async def _pair(request: Request) -> tuple[bytes, bytes]:
    body = await read_body(request, PairBody, PHOTOS_BYTES)
    return await photo_bytes(body.photo_a), await photo_bytes(body.photo_b)


async def _comparison(request: Request) -> ComparisonBody:
    return await read_body(request, ComparisonBody, PHOTOS_BYTES)


def recognition_routes(room: Room) -> APIRouter:
    """Everything that wants no gallery."""
    router = APIRouter(tags=["photos"])
    router.include_router(_detect_routes(room))
    router.include_router(_embed_routes(room))
    router.include_router(_verify_routes(room))
    return router


def _detect_routes(room: Room) -> APIRouter:
    router = APIRouter()

    async def detection(photo: bytes, faces: Faces) -> Detection:
        reading = await room.read(Question(photo, "faces", faces))
        return Detection(image=reading.image, faces=reading.faces)

    @router.post(
        "/detect",
        openapi_extra=takes(PhotoBody, {"photo": examples.BASE64}),
        responses=problems(*READING_A_PHOTO) | answers_with(200, examples.DETECTION),
    )
    async def detect(photo: OnePhoto, faces: Faces = "all") -> Detection:
        """The faces of a photo, the main one first, each with how well it is seen. None is an answer too."""
        return await detection(photo, faces)

    @router.post(
        "/detect/batch",
        openapi_extra=takes(PhotosBody, {"photos": [examples.BASE64] * 2}),
        responses=problems(*READING_A_BODY, Busy) | answers_with(200, examples.answers(examples.DETECTION)),
    )
    async def detect_batch(photos: SeveralPhotos, faces: Faces = "all") -> Answers[Detection]:
        """The faces of several photos, each answered by a value or by a problem of its own."""

        async def one(photo: bytes | str) -> Detection:
            return await detection(await photo_bytes(photo), faces)

        return Answers(answers=await answer_each(photos, one, room.at_once()))

    return router


def _embed_routes(room: Room) -> APIRouter:
    router = APIRouter()

    async def embeddings(photo: bytes, faces: Faces, jitters: int) -> Embeddings:
        return _embeddings(await room.read(Question(photo, "embedding", faces, jitters)))

    @router.post(
        "/embed",
        openapi_extra=takes(PhotoBody, {"photo": examples.BASE64}),
        responses=problems(*READING_A_PHOTO) | answers_with(200, examples.EMBEDDINGS),
    )
    async def embed(photo: OnePhoto, faces: Faces = "main", jitters: Jitters = 0) -> Embeddings:
        """The 128 numbers of the main face, or of all faces."""
        return await embeddings(photo, faces, jitters)

    @router.post(
        "/embed/batch",
        openapi_extra=takes(PhotosBody, {"photos": [examples.BASE64] * 2}),
        responses=problems(*READING_A_BODY, Busy) | answers_with(200, examples.answers(examples.EMBEDDINGS)),
    )
    async def embed_batch(
        photos: SeveralPhotos, faces: Faces = "main", jitters: Jitters = 0
    ) -> Answers[Embeddings]:
        """The 128 numbers of the faces of several photos, each answered by a value or by a problem."""

        async def one(photo: bytes | str) -> Embeddings:
            return await embeddings(await photo_bytes(photo), faces, jitters)

        return Answers(answers=await answer_each(photos, one, room.at_once()))

    return router


def _verify_routes(room: Room) -> APIRouter:
    router = APIRouter()

    async def read(photo: bytes) -> Reading:
        return await room.read(Question(photo, "embedding"))

    async def read_both(pair: tuple[bytes, bytes]) -> tuple[Reading, Reading]:
        if room.at_once() == 1:  # both at once would need a place to wait, and there may be none
            return await read(pair[0]), await read(pair[1])
        return await asyncio.gather(read(pair[0]), read(pair[1]))

    @router.post(
        "/verify",
        openapi_extra=takes(PairBody, {"photo_a": examples.BASE64, "photo_b": examples.BASE64}),
        responses=problems(*READING_A_PHOTO) | answers_with(200, examples.VERIFICATION),
    )
    async def verify(
        pair: Annotated[tuple[bytes, bytes], Depends(_pair)], threshold: Threshold = PAIR_DISTANCE
    ) -> Verification:
        """Whether the main faces of two photos are one person's."""
        return _verification(*await read_both(pair), threshold)

    @router.post(
        "/verify/batch",
        openapi_extra=takes(ComparisonBody, {"photo": examples.BASE64, "photos": [examples.BASE64] * 2}),
        responses=problems(*READING_A_PHOTO) | answers_with(200, examples.answers(examples.VERIFICATION)),
    )
    async def verify_batch(
        body: Annotated[ComparisonBody, Depends(_comparison)], threshold: Threshold = PAIR_DISTANCE
    ) -> Answers[Verification]:
        """Which of several photos show the person of a photo; each answered by a value or by a problem."""
        known = await read(await photo_bytes(body.photo))

        async def one(photo: bytes | str) -> Verification:
            return _verification(known, await read(await photo_bytes(photo)), threshold)

        return Answers(answers=await answer_each(body.photos, one, room.at_once()))

    return router


def _embeddings(reading: Reading) -> Embeddings:
    faces = tuple(
        EmbeddedFace(**dict(face), embedding=tuple(embedding.tolist()))
        for face, embedding in zip(reading.faces, reading.embeddings, strict=False)
    )
    return Embeddings(image=reading.image, faces_found=len(reading.faces), faces=faces)


def _verification(a: Reading, b: Reading, threshold: float) -> Verification:
    if a.embedding is None or b.embedding is None:
        return Verification(outcome="no_face", threshold=threshold)
    distance = distance_between(a.embedding, b.embedding)
    return Verification(
        outcome="compared",
        distance=round(distance, 4),
        same_person=distance < threshold,
        threshold=threshold,
    )
