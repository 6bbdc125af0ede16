"""Routes about the people of a gallery: enroll, list, change, remove."""

import uuid
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, StringConstraints, model_validator

from contracts.face import EnrolledPhoto, Enrollment, Identity, IdentityList
from services.face import examples
from services.face.answers import Answers, answer_each
from services.face.bodies import (
    MAX_PHOTOS,
    ONE_PHOTO_BYTES,
    PHOTOS_BYTES,
    Body,
    PhotosBody,
    RawPhoto,
    photo_bytes,
    read_body,
)
from services.face.errors import Busy, IdentityUnknown, NoFace
from services.face.gallery import Gallery
from services.face.people import everybody, known, place_after
from services.face.problems import (
    READING_A_BODY,
    READING_A_GALLERY,
    READING_A_PHOTO,
    WRITING_A_GALLERY,
    answers_with,
    problems,
    takes,
)
from services.face.reading import Portrait, Question, Reading
from services.face.room import GalleryName, IdentityId, Jitters, Room

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=400)]
Count = Annotated[int, Field(ge=0)]

PageSize = Annotated[int | None, Query(ge=1, le=1000, description="How many; without it, all")]
After = Annotated[str, Query(max_length=64, description="The id of the last one of the page before")]
AfterName = Annotated[str, Query(description="Their name, which finds the place when they are gone by now")]
NamePart = Annotated[str, Query(max_length=200, description="Only names with this in them")]

_PREFIX = "/galleries/{gallery}/identities"
_PERSON = {"photo": examples.BASE64, "name": "Tilda Swinton", "role": "actress"}


class PersonBody(Body):
    """A new person and their first photo."""

    photo: RawPhoto
    name: Name
    alias: Text = ""
    role: Text = ""
    n_movies: Count | None = None
    licence: Text = ""
    author: Text = ""
    source: Text = ""


class PeopleBody(Body):
    """Several new people."""

    people: tuple[PersonBody, ...] = Field(min_length=1, max_length=MAX_PHOTOS)


class PeopleForm(PhotosBody):
    """Several new people as a form: a name to each photo, in the same order; the rest is everybody's."""

    names: tuple[Name, ...] = Field(min_length=1, max_length=MAX_PHOTOS)
    role: Text = ""
    licence: Text = ""
    author: Text = ""
    source: Text = ""

    @model_validator(mode="after")
    def _as_many_names_as_photos(self) -> "PeopleForm":
        if len(self.names) != len(self.photos):
            raise ValueError("send a name for each photo")
        return self

    @property
    def people(self) -> tuple[PersonBody, ...]:
        """Them, one by one."""
        shared = self.model_dump(include={"role", "licence", "author", "source"})
        return tuple(
            PersonBody(photo=photo, name=name, **shared)
            for photo, name in zip(self.photos, self.names, strict=True)
        )


class ChangeBody(Body):
    """What to change of a person; what is left out stays."""

    name: Name = ""
    alias: Text = ""
    role: Text = ""
    n_movies: Count | None = None


async def _person(request: Request) -> PersonBody:
    return await read_body(request, PersonBody, ONE_PHOTO_BYTES)


async def _people(request: Request) -> tuple[PersonBody, ...]:
    body = await read_body(request, PeopleBody, PHOTOS_BYTES, form=PeopleForm)
    return body.people


async def _change(request: Request) -> ChangeBody:
    return await read_body(request, ChangeBody, ONE_PHOTO_BYTES)


def identity_routes(room: Room) -> APIRouter:
    """The people of a gallery."""
    router = APIRouter(tags=["people"])
    router.include_router(_list_routes(room))
    router.include_router(_enroll_routes(room))
    router.include_router(_one_routes(room))
    return router


def _list_routes(room: Room) -> APIRouter:
    router = APIRouter(prefix=_PREFIX)

    @router.get(
        "",
        response_model=IdentityList,
        responses=problems(*READING_A_GALLERY, IdentityUnknown)
        | answers_with(200, examples.IDENTITIES, Link="Where the next page is"),
    )
    async def identities(
        gallery: GalleryName,
        request: Request,
        limit: PageSize = None,
        after: After = "",
        after_name: AfterName = "",
        name: NamePart = "",
    ) -> Response:
        """Everybody in the gallery, or a page of them, by name. `Link` says where the next page is."""
        people = await room.galleries.get(gallery)
        page, last = await _page(people, _place(people, after, after_name), limit, name)
        headers = {"Link": f'<{_next(request, limit, last, name)}>; rel="next"'} if last else {}
        return Response(page, headers=headers, media_type="application/json")

    return router


def _enroll_routes(room: Room) -> APIRouter:
    router = APIRouter(prefix=_PREFIX)

    async def enrolled(gallery: str, person: PersonBody, jitters: int) -> Enrollment:
        question = Question(await photo_bytes(person.photo), "portrait", jitters=jitters)
        reading, portrait = face_of(await room.read(question))
        identity = _new_identity(person, portrait)
        kept = await room.galleries.enroll(gallery, identity, reading.embeddings[0], portrait.jpeg)
        return Enrollment(identity=kept, faces_found=len(reading.faces))

    @router.post(
        "",
        status_code=201,
        openapi_extra=takes(PersonBody, _PERSON),
        responses=problems(*READING_A_PHOTO, NoFace, *WRITING_A_GALLERY)
        | answers_with(201, examples.ENROLLMENT),
    )
    async def enroll(
        gallery: GalleryName, person: Annotated[PersonBody, Depends(_person)], jitters: Jitters = 0
    ) -> Enrollment:
        """Add the main face of a photo to the gallery, under a name."""
        return await enrolled(gallery, person, jitters)

    @router.post(
        "/batch",
        openapi_extra=takes(
            PeopleBody,
            {"people": [_PERSON, _PERSON]},
            form=PeopleForm,
        ),
        responses=problems(*READING_A_BODY, Busy) | answers_with(200, examples.answers(examples.ENROLLMENT)),
    )
    async def enroll_batch(
        gallery: GalleryName,
        people: Annotated[tuple[PersonBody, ...], Depends(_people)],
        jitters: Jitters = 0,
    ) -> Answers[Enrollment]:
        """Add several people, each answered by a value or by a problem of their own."""

        async def one(person: PersonBody) -> Enrollment:
            return await enrolled(gallery, person, jitters)

        return Answers(answers=await answer_each(people, one, room.at_once()))

    return router


def _one_routes(room: Room) -> APIRouter:
    router = APIRouter(prefix=_PREFIX)

    @router.get(
        "/{identity}",
        responses=problems(*READING_A_GALLERY, IdentityUnknown) | answers_with(200, examples.IDENTITY),
    )
    async def identity(gallery: GalleryName, identity: IdentityId) -> Identity:
        """One person."""
        return known(await room.galleries.get(gallery), identity)

    @router.patch(
        "/{identity}",
        openapi_extra=takes(ChangeBody, {"alias": "tilda-swinton", "n_movies": 97}),
        responses=problems(*READING_A_BODY, *WRITING_A_GALLERY, IdentityUnknown)
        | answers_with(200, examples.IDENTITY),
    )
    async def change(
        gallery: GalleryName, identity: IdentityId, body: Annotated[ChangeBody, Depends(_change)]
    ) -> Identity:
        """Change a person's name, alias, role or number of films; what is left out stays."""
        return await room.galleries.change(gallery, identity, body.model_dump(exclude_unset=True))

    @router.delete("/{identity}", status_code=204, responses=problems(*WRITING_A_GALLERY, IdentityUnknown))
    async def remove(gallery: GalleryName, identity: IdentityId) -> None:
        """Forget a person and all their photos; effective at once."""
        await room.galleries.remove(gallery, identity)

    return router


def face_of(reading: Reading) -> tuple[Reading, Portrait]:
    """The reading and its portrait. Raises NoFace."""
    if reading.embedding is None or reading.portrait is None:
        raise NoFace
    return reading, reading.portrait


def _new_identity(person: PersonBody, portrait: Portrait) -> Identity:
    number = uuid.uuid4().hex
    photo = EnrolledPhoto(
        id=number,
        size=portrait.size,
        box=portrait.box,
        **person.model_dump(include={"licence", "author", "source"}),
    )
    return Identity(
        id=number,
        photo=portrait.size,
        box=portrait.box,
        photos=(photo,),
        **person.model_dump(include={"name", "alias", "role", "n_movies", "licence", "source"}),
    )


def _next(request: Request, limit: int | None, last: Identity, name: str) -> str:
    query = {"limit": limit, "after": last.id, "after_name": last.name, "name": name}
    return f"{request.url.path}?{urlencode({key: value for key, value in query.items() if value})}"


def _place(gallery: Gallery, after: str, after_name: str) -> int:
    """Where a page begins. Raises IdentityUnknown."""
    if not after:
        return 0
    return gallery.place_after(after_name, after) if after_name else place_after(gallery, after)


async def _page(gallery: Gallery, place: int, limit: int | None, name: str) -> tuple[bytes, Identity | None]:
    """An IdentityList, and its last person where there are more.

    Written one by one: a large gallery, written at once, would keep all other requests waiting.
    """
    written: list[bytes] = []
    last: Identity | None = None
    wanted = name.casefold()
    async for one in everybody(gallery, place):
        if wanted not in one.name.casefold():
            continue
        if len(written) == limit:
            return _identity_list(written), last
        written.append(one.model_dump_json().encode())
        last = one
    return _identity_list(written), None


def _identity_list(written: list[bytes]) -> bytes:
    return b'{"identities":[' + b",".join(written) + b"]}"
