"""Routes about the photos of one person of a gallery."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from contracts.face import EnrolledPhoto, Enrollment, Identity
from services.face import examples
from services.face.answers import Answers, PhotoList, answer_each
from services.face.bodies import (
    ONE_PHOTO_BYTES,
    PHOTOS_BYTES,
    Body,
    PhotosBody,
    RawPhoto,
    photo_bytes,
    read_body,
)
from services.face.errors import Busy, IdentityUnknown, NoFace, PhotoUnknown
from services.face.identity_routes import Text, face_of
from services.face.people import known
from services.face.problems import (
    JPEG,
    READING_A_BODY,
    READING_A_GALLERY,
    READING_A_PHOTO,
    WRITING_A_GALLERY,
    answers_with,
    problems,
    takes,
)
from services.face.reading import Question
from services.face.room import GalleryName, IdentityId, Jitters, PhotoId, Room

_PRIVATE = {"Cache-Control": "private, no-store"}


class _Origin(Body):
    licence: Text = ""
    author: Text = ""
    source: Text = ""


class NewPhotoBody(_Origin):
    """One more photo of a person."""

    photo: RawPhoto


class NewPhotosBody(PhotosBody, _Origin):
    """Several more photos of a person, of one origin."""


async def _photo(request: Request) -> NewPhotoBody:
    return await read_body(request, NewPhotoBody, ONE_PHOTO_BYTES)


async def _photos(request: Request) -> NewPhotosBody:
    return await read_body(request, NewPhotosBody, PHOTOS_BYTES)


def photo_routes(room: Room) -> APIRouter:
    """The photos of one person."""
    router = APIRouter(prefix="/galleries/{gallery}/identities/{identity}", tags=["people"])
    router.include_router(_kept_routes(room))
    router.include_router(_one_more_routes(room))
    router.include_router(_several_more_routes(room))
    return router


def _kept_routes(room: Room) -> APIRouter:
    router = APIRouter()
    unknown = problems(*READING_A_GALLERY, IdentityUnknown, PhotoUnknown)

    @router.get(
        "/photo", response_class=Response, responses=problems(*READING_A_GALLERY, IdentityUnknown) | JPEG
    )
    async def shown(gallery: GalleryName, identity: IdentityId) -> Response:
        """The picture that is shown of the person."""
        jpeg = await room.galleries.portrait(gallery, identity)
        return Response(jpeg, media_type="image/jpeg", headers=_PRIVATE)

    @router.get(
        "/photos",
        responses=problems(*READING_A_GALLERY, IdentityUnknown) | answers_with(200, examples.PHOTOS),
    )
    async def photos(gallery: GalleryName, identity: IdentityId) -> PhotoList:
        """What is known of the person's photos, the shown one first."""
        return PhotoList(photos=known(await room.galleries.get(gallery), identity).photos)

    @router.get("/photos/{photo}", response_class=Response, responses=unknown | JPEG)
    async def photo(gallery: GalleryName, identity: IdentityId, photo: PhotoId) -> Response:
        """One picture of the person."""
        await _check(gallery, identity, photo)
        jpeg = await room.galleries.portrait(gallery, identity, photo)
        return Response(jpeg, media_type="image/jpeg", headers=_PRIVATE)

    @router.delete(
        "/photos/{photo}",
        status_code=204,
        responses=problems(*WRITING_A_GALLERY, IdentityUnknown, PhotoUnknown),
    )
    async def remove(gallery: GalleryName, identity: IdentityId, photo: PhotoId) -> None:
        """Forget a photo; a person without photos is forgotten too."""
        await _check(gallery, identity, photo)
        await room.galleries.remove_photo(gallery, identity, photo)

    async def _check(gallery: str, identity_id: str, photo_id: str) -> None:
        person = known(await room.galleries.get(gallery), identity_id)
        if photo_id not in {one.id for one in person.photos}:
            raise PhotoUnknown

    return router


def _one_more_routes(room: Room) -> APIRouter:
    router = APIRouter()

    @router.post(
        "/photos",
        status_code=201,
        openapi_extra=takes(NewPhotoBody, {"photo": examples.BASE64, "licence": "CC BY-SA 4.0"}),
        responses=problems(*READING_A_PHOTO, NoFace, *WRITING_A_GALLERY, IdentityUnknown)
        | answers_with(201, examples.ENROLLMENT),
    )
    async def add_photo(
        gallery: GalleryName,
        identity: IdentityId,
        body: Annotated[NewPhotoBody, Depends(_photo)],
        jitters: Jitters = 0,
    ) -> Enrollment:
        """Add the main face of a photo to a person; the nearest of a person's photos counts in searches."""
        person = known(await room.galleries.get(gallery), identity)
        return await _added(room, gallery, person, body, jitters)

    return router


def _several_more_routes(room: Room) -> APIRouter:
    router = APIRouter()

    @router.post(
        "/photos/batch",
        openapi_extra=takes(NewPhotosBody, {"photos": [examples.BASE64] * 2}),
        responses=problems(*READING_A_BODY, Busy, *READING_A_GALLERY, IdentityUnknown)
        | answers_with(200, examples.answers(examples.ENROLLMENT)),
    )
    async def add_photos(
        gallery: GalleryName,
        identity: IdentityId,
        body: Annotated[NewPhotosBody, Depends(_photos)],
        jitters: Jitters = 0,
    ) -> Answers[Enrollment]:
        """Add several photos to a person, each answered by a value or by a problem of its own."""
        person = known(await room.galleries.get(gallery), identity)
        origin = body.model_dump(include={"licence", "author", "source"})

        async def one(photo: bytes | str) -> Enrollment:
            return await _added(room, gallery, person, NewPhotoBody(photo=photo, **origin), jitters)

        return Answers(answers=await answer_each(body.photos, one, room.at_once()))

    return router


async def _added(room: Room, gallery: str, person: Identity, body: NewPhotoBody, jitters: int) -> Enrollment:
    question = Question(await photo_bytes(body.photo), "portrait", jitters=jitters)
    reading, portrait = face_of(await room.read(question))
    photo = EnrolledPhoto(
        id=uuid.uuid4().hex,
        size=portrait.size,
        box=portrait.box,
        **body.model_dump(exclude={"photo"}),
    )
    changed = await room.galleries.add_photo(gallery, person.id, photo, reading.embeddings[0], portrait.jpeg)
    return Enrollment(identity=changed, faces_found=len(reading.faces))
