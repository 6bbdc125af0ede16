"""The face room's HTTP API."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, Path, Query, Response

from contracts.face import (
    Detection,
    Enrollment,
    Identification,
    Identity,
    IdentityList,
    Verification,
)
from foundation.http import require_bearer
from services.face.errors import IdentityUnknown, NoFace, NotReady
from services.face.gallery import distance_between, is_same_person
from services.face.image import MAX_BYTES
from services.face.metrics import Metrics
from services.face.pool import Pool
from services.face.reading import Question, Reading, Wish
from services.face.store import GALLERY_NAME, GalleryStore

FORM_BYTES = 1024 * 1024
"""What a form may weigh beside its photos, and by how much a photo may be too large and still be told so
by a problem of ours. Beyond that, FastAPI refuses the body by a bare 413."""

Photo = Annotated[bytes, File(description="JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP; at most 10 MB")]
GalleryName = Annotated[str, Path(alias="gallery", pattern=f"^{GALLERY_NAME}$")]
IdentityId = Annotated[str, Path(alias="identity", max_length=64)]
Text = Annotated[str, Form(max_length=400)]

ReadPhoto = Callable[..., Awaitable[Reading]]


def health_routes(pool: Pool[Question, Reading], metrics: Metrics) -> APIRouter:
    """What a supervisor and a monitor ask."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz() -> dict[str, str]:
        """A process with warm models is there."""
        if not pool.ready():
            raise NotReady
        return {"status": "ready"}

    @router.get("/metrics")
    async def numbers() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    return router


def face_routes(
    pool: Pool[Question, Reading], galleries: GalleryStore, metrics: Metrics, token: str
) -> APIRouter:
    """Everything that wants the token."""

    async def read(photo: bytes, wish: Wish, faces: Literal["main", "all"] = "main") -> Reading:
        with metrics.photo():
            return await pool.ask(Question(photo, wish, faces))

    router = APIRouter(prefix="/v1", dependencies=[Depends(require_bearer(token))])
    router.include_router(_recognition_routes(read, galleries))
    router.include_router(_gallery_routes(read, galleries))
    return router


def _recognition_routes(read: ReadPhoto, galleries: GalleryStore) -> APIRouter:
    router = APIRouter()

    @router.post("/detect")
    async def detect(photo: Photo) -> Detection:
        """All faces, the main one first."""
        reading = await read(photo, "faces", "all")
        return Detection(image=reading.image, faces=reading.faces)

    @router.post("/verify", max_body_size=2 * MAX_BYTES + FORM_BYTES)
    async def verify(photo_a: Photo, photo_b: Photo) -> Verification:
        """Whether the main faces of two photos are one person's."""
        a, b = await asyncio.gather(read(photo_a, "embedding"), read(photo_b, "embedding"))
        if a.embedding is None or b.embedding is None:
            return Verification(outcome="no_face")
        distance = distance_between(a.embedding, b.embedding)
        return Verification(
            outcome="compared", distance=round(distance, 4), same_person=is_same_person(distance)
        )

    @router.post("/galleries/{gallery}/identify")
    async def identify(
        gallery: GalleryName, photo: Photo, limit: Annotated[int, Query(ge=1, le=10)] = 1
    ) -> Identification:
        """Who of the gallery the main face is most like."""
        reading = await read(photo, "embedding")
        if reading.embedding is None:
            return Identification(outcome="no_face", image=reading.image, faces_found=0)
        matches = (await galleries.get(gallery)).nearest(reading.embedding, limit)
        return Identification(
            outcome="matched" if matches else "gallery_empty",
            image=reading.image,
            faces_found=len(reading.faces),
            face=reading.faces[0],
            matches=matches,
        )

    return router


def _gallery_routes(read: ReadPhoto, galleries: GalleryStore) -> APIRouter:
    router = APIRouter(prefix="/galleries/{gallery}/identities")

    @router.post("", status_code=201)
    async def enroll(
        gallery: GalleryName, photo: Photo, person: Annotated[Identity, Depends(_person)]
    ) -> Enrollment:
        """Add the main face of a photo to the gallery, under a name."""
        reading = await read(photo, "portrait")
        if reading.embedding is None or reading.portrait is None:
            raise NoFace
        portrait = reading.portrait
        identity = person.model_copy(update={"photo": portrait.size, "box": portrait.box})
        identity = await galleries.enroll(gallery, identity, reading.embedding, portrait.jpeg)
        return Enrollment(identity=identity, faces_found=len(reading.faces))

    @router.get("")
    async def identities(gallery: GalleryName) -> IdentityList:
        """Everybody in the gallery, by name."""
        return IdentityList(identities=(await galleries.get(gallery)).identities())

    @router.get("/{identity}")
    async def identity(gallery: GalleryName, identity: IdentityId) -> Identity:
        """One person."""
        found = (await galleries.get(gallery)).get(identity)
        if found is None:
            raise IdentityUnknown
        return found

    @router.delete("/{identity}", status_code=204)
    async def remove(gallery: GalleryName, identity: IdentityId) -> None:
        """Forget a person; effective at once."""
        await galleries.remove(gallery, identity)

    @router.get("/{identity}/photo")
    async def portrait(gallery: GalleryName, identity: IdentityId) -> Response:
        """The person's kept picture."""
        jpeg = await galleries.portrait(gallery, identity)
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})

    return router


def _person(
    name: Annotated[str, Form(min_length=1, max_length=200, pattern=r"\S")],
    alias: Text = "",
    role: Text = "",
    n_movies: Annotated[int | None, Form(ge=0)] = None,
    licence: Text = "",
    source: Text = "",
) -> Identity:
    return Identity(
        id=uuid.uuid4().hex,
        name=name.strip(),
        alias=alias,
        role=role,
        n_movies=n_movies,
        licence=licence,
        source=source,
    )
