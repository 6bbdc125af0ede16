"""The part of CompreFace's recognition API that takes images."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from services.face import examples
from services.face.bodies import ONE_PHOTO_BYTES, photo_bytes, read_body
from services.face.compreface import (
    PLUGINS,
    Comparison,
    Example,
    FileBody,
    Likeness,
    Recognition,
    RecognizedFace,
    SubjectName,
    VerifiedFace,
    face_box,
    probability,
    similarity,
)
from services.face.compreface_errors import CompreFaceRoute, TooManyFaces, refusals
from services.face.compreface_key import Key
from services.face.compreface_subjects import Subjects
from services.face.errors import NoFace
from services.face.gallery import Gallery, distance_between
from services.face.index import Embedding
from services.face.problems import takes
from services.face.reading import Question, Reading
from services.face.room import Room

Threshold = Annotated[float, Query(ge=0, le=1, alias="det_prob_threshold")]

_TAKES = takes(FileBody, {"file": examples.BASE64})
_READS = refusals(400, 404, 413, 415, 429, 500, 503, 504)


class _Options:
    """What is wanted of an image, beside whom it is like."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=0)] = 0,
        threshold: Threshold = 0,
        face_plugins: str = "",
        status: bool = False,
    ) -> None:
        self.limit = limit
        self.threshold = threshold
        self.embedding = "calculator" in {slug.strip() for slug in face_plugins.split(",")}
        self.status = status

    def question(self, photo: bytes) -> Question:
        """For the fewest faces that answer it: small ones take long to look for."""
        return Question(photo, "embedding", "main" if self.limit == 1 and not self.threshold else "all")

    def places(self, reading: Reading) -> list[int]:
        """Which faces of the reading count. Raises NoFace."""
        sure = [
            place
            for place in range(len(reading.embeddings))
            if probability(reading.faces[place].score) >= self.threshold
        ]
        if not sure:
            raise NoFace
        return sure[: self.limit or None]

    def extras(self, embedding: Embedding, begun: float) -> dict[str, Any]:
        """What each face tells on top."""
        told: dict[str, Any] = {"embedding": embedding.tolist()} if self.embedding else {}
        if self.status:
            told["execution_time"] = {"total": round(1000 * (time.monotonic() - begun), 1)}
        return told

    @property
    def plugins(self) -> dict[str, str] | None:
        """What the answer tells on top."""
        return PLUGINS if self.status else None


Options = Annotated[_Options, Depends()]


async def _file(request: Request) -> bytes:
    return await photo_bytes((await read_body(request, FileBody, ONE_PHOTO_BYTES)).file)


File = Annotated[bytes, Depends(_file)]


def recognize_routes(room: Room, key: Key) -> APIRouter:
    """Save a face, recognize faces, compare faces with a saved one."""
    router = APIRouter()
    for routes in (_save_routes, _recognize_routes, _verify_routes):
        router.include_router(routes(room, key))
    return router


def _save_routes(room: Room, key: Key) -> APIRouter:
    router = APIRouter(route_class=CompreFaceRoute)

    @router.post("/faces", status_code=201, openapi_extra=_TAKES, responses=_READS)
    async def save(
        subjects: Annotated[Subjects, Depends(key)],
        subject: Annotated[SubjectName, Query()],
        file: File,
        threshold: Threshold = 0,
    ) -> Example:
        """Save the face of an image, which has to show one, for a subject."""
        reading = await room.read(Question(file, "portrait"))
        sure = [face for face in reading.faces if probability(face.score) >= threshold]
        if reading.portrait is None or not sure or sure[0] != reading.faces[0]:
            raise NoFace
        if len(sure) > 1:
            raise TooManyFaces
        return await subjects.save(subject, reading.embeddings[0], reading.portrait)

    return router


def _recognize_routes(room: Room, key: Key) -> APIRouter:
    router = APIRouter(route_class=CompreFaceRoute)

    @router.post("/recognize", openapi_extra=_TAKES, responses=_READS, response_model_exclude_none=True)
    async def recognize(
        subjects: Annotated[Subjects, Depends(key)],
        file: File,
        options: Options,
        prediction_count: Annotated[int, Query(ge=1)] = 1,
    ) -> Recognition:
        """Whom the faces of an image are like."""
        begun = time.monotonic()
        reading = await room.read(options.question(file))
        gallery = await subjects.gallery()
        faces = [
            RecognizedFace(
                box=face_box(reading.faces[place], reading.image),
                subjects=await _likenesses(gallery, reading.embeddings[place], prediction_count),
                **options.extras(reading.embeddings[place], begun),
            )
            for place in options.places(reading)
        ]
        return Recognition(result=faces, plugins_versions=options.plugins)

    return router


def _verify_routes(room: Room, key: Key) -> APIRouter:
    router = APIRouter(route_class=CompreFaceRoute)

    @router.post(
        "/faces/{image_id}/verify", openapi_extra=_TAKES, responses=_READS, response_model_exclude_none=True
    )
    async def verify(
        image_id: str, subjects: Annotated[Subjects, Depends(key)], file: File, options: Options
    ) -> Comparison:
        """How alike the faces of an image are to a saved one."""
        begun = time.monotonic()
        saved = await subjects.embedding(image_id)
        reading = await room.read(options.question(file))
        faces = [
            VerifiedFace(
                box=face_box(reading.faces[place], reading.image),
                similarity=similarity(distance_between(saved, reading.embeddings[place])),
                **options.extras(reading.embeddings[place], begun),
            )
            for place in options.places(reading)
        ]
        return Comparison(result=faces, plugins_versions=options.plugins)

    return router


_MOST = 1000
"""So many subjects are answered at most: 20,000 would keep the room from everybody else for half a second."""


async def _likenesses(gallery: Gallery, embedding: Embedding, limit: int) -> list[Likeness]:
    """The nearest subjects; of several people of one name, the nearest."""
    await asyncio.sleep(0)  # an image may have many faces: others are answered in between
    found: dict[str, Likeness] = {}
    for match in gallery.nearest(embedding, min(limit, len(gallery), _MOST)):
        name = match.identity.name
        found.setdefault(name.casefold(), Likeness(subject=name, similarity=similarity(match.distance)))
    return list(found.values())
