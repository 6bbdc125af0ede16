"""CompreFace's recognition API over our galleries, so that its clients work here."""

from math import ceil
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.convertors import PathConvertor, register_url_convertor

from services.face.bodies import ONE_PHOTO_BYTES, read_body
from services.face.compreface import (
    Deleted,
    Example,
    ExamplePage,
    ImageIds,
    Renamed,
    Subject,
    SubjectNames,
)
from services.face.compreface_errors import (
    CompreFaceRoute,
    ImageUnknown,
    SubjectTaken,
    SubjectUnknown,
    refusals,
)
from services.face.compreface_key import Key
from services.face.compreface_recognition import recognize_routes
from services.face.compreface_subjects import Subjects
from services.face.problems import takes_json
from services.face.room import Room


class _TextConvertor(PathConvertor):
    """Any text: Starlette's own `path` stops at a line's end."""

    regex = r"[\s\S]*"


register_url_convertor("text", _TextConvertor())

_NAME = {"subject": "Tilda Swinton"}
_READS = refusals(400, 404, 500)
_WRITES = refusals(400, 404, 500, 503)
_TAKES = refusals(400, 404, 413, 415, 500, 503)


async def _subject(request: Request) -> str:
    return (await read_body(request, Subject, ONE_PHOTO_BYTES)).subject


async def _image_ids(request: Request) -> list[str]:
    return (await read_body(request, ImageIds, ONE_PHOTO_BYTES)).root


def compreface_routes(room: Room, token: str) -> APIRouter:
    """Subjects, their saved faces, and who is on an image; `x-api-key` is the room's token."""
    router = APIRouter(prefix="/api/v1/recognition", tags=["CompreFace"])
    key = Key(room.galleries, token)
    router.include_router(_subject_routes(key))
    router.include_router(_all_subjects_routes(key))
    router.include_router(_example_routes(key))
    router.include_router(_page_routes(key))
    router.include_router(recognize_routes(room, key))
    return router


def _subject_routes(key: Key) -> APIRouter:
    router = APIRouter(prefix="/subjects", route_class=CompreFaceRoute)

    @router.put("/{subject:text}", openapi_extra=takes_json(Subject, _NAME), responses=_TAKES)
    async def rename(
        subject: str,
        subjects: Annotated[Subjects, Depends(key)],  # first: without the key no body is read
        name: Annotated[str, Depends(_subject)],
    ) -> Renamed:
        """Another name; where it is somebody's already, the faces of both come together under it."""
        return Renamed(updated=await subjects.rename(subject, name))

    @router.delete("/{subject:text}", responses=_WRITES)
    async def delete(subject: str, subjects: Annotated[Subjects, Depends(key)]) -> Subject:
        """Forget a subject and its faces."""
        people = await subjects.people(subject)
        if not people:
            raise SubjectUnknown(subject)
        await subjects.remove(subject)
        return Subject(subject=people[0].name)

    return router


def _all_subjects_routes(key: Key) -> APIRouter:
    router = APIRouter(route_class=CompreFaceRoute)

    @router.get("/subjects", responses=_READS)
    @router.get("/subjects/", include_in_schema=False)
    async def names(subjects: Annotated[Subjects, Depends(key)]) -> SubjectNames:
        """Every subject."""
        return SubjectNames(subjects=await subjects.names())

    @router.post(
        "/subjects",
        status_code=201,
        openapi_extra=takes_json(Subject, _NAME),
        responses=refusals(400, 404, 413, 415, 500),
    )
    async def add(
        subjects: Annotated[Subjects, Depends(key)], name: Annotated[str, Depends(_subject)]
    ) -> Subject:
        """Says whether the name is free. A subject is kept from its first face on, not before."""
        if await subjects.people(name):
            raise SubjectTaken
        return Subject(subject=name)

    @router.delete("/subjects", responses=_WRITES)
    async def delete_all(subjects: Annotated[Subjects, Depends(key)]) -> Deleted:
        """Forget every subject; tells how many they were."""
        names = await subjects.names()
        await subjects.remove_all()
        return Deleted(deleted=len(names))

    return router


def _example_routes(key: Key) -> APIRouter:
    router = APIRouter(prefix="/faces", route_class=CompreFaceRoute)

    @router.post(
        "/delete",
        openapi_extra=takes_json(ImageIds, ["6b135f5b-a365-4522-b1f1-4c9ac2dd0728"]),
        responses=_TAKES,
    )
    async def delete_several(
        subjects: Annotated[Subjects, Depends(key)], images: Annotated[list[str], Depends(_image_ids)]
    ) -> list[Example]:
        """Forget several saved faces; unknown ones are passed over."""
        deleted = []
        for image in images:
            try:
                deleted.append(await subjects.remove_example(image))
            except ImageUnknown:
                continue
        return deleted

    @router.delete("/{image_id}", responses=_WRITES)
    async def delete_one(image_id: str, subjects: Annotated[Subjects, Depends(key)]) -> Example:
        """Forget a saved face; a subject without faces is forgotten too."""
        return await subjects.remove_example(image_id)

    @router.get("/{image_id}/img", response_class=OctetResponse, responses=_READS)
    async def picture(image_id: str, subjects: Annotated[Subjects, Depends(key)]) -> Response:
        """The kept JPEG of a saved face; no bytes where there is none."""
        try:
            jpeg = await subjects.picture(image_id)
        except ImageUnknown:
            jpeg = b""
        return OctetResponse(jpeg, headers={"Cache-Control": "private, no-store"})

    return router


def _page_routes(key: Key) -> APIRouter:
    router = APIRouter(route_class=CompreFaceRoute)

    @router.get("/faces", responses=_READS)
    async def page_of(
        subjects: Annotated[Subjects, Depends(key)],
        page: Annotated[int, Query(ge=0)] = 0,
        size: Annotated[int, Query(ge=1, le=2000)] = 20,
        subject: str = "",
    ) -> ExamplePage:
        """The saved faces of a subject, or of all, page by page."""
        examples, count = await subjects.examples(subject, page * size, size)
        return ExamplePage(
            faces=examples,
            page_number=page,
            page_size=size,
            total_pages=ceil(count / size),
            total_elements=count,
        )

    @router.delete("/faces", responses=_WRITES)
    async def delete_of(subjects: Annotated[Subjects, Depends(key)], subject: str = "") -> Deleted:
        """Forget the saved faces of a subject, or all; tells how many they were."""
        if subject:
            return Deleted(deleted=await subjects.remove(subject))
        faces = len((await subjects.gallery()).index)
        await subjects.remove_all()
        return Deleted(deleted=faces)

    return router


class OctetResponse(Response):
    """Bytes, as CompreFace sends pictures."""

    media_type = "application/octet-stream"
