"""The route of the picture of two faces side by side."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from contracts.face import Box
from services.face import examples
from services.face.bodies import ONE_PHOTO_BYTES, Body, RawPhoto, photo_bytes, read_body
from services.face.comparison import Comparison
from services.face.errors import IdentityUnknown
from services.face.problems import JPEG, READING_A_GALLERY, READING_A_PHOTO, problems, takes
from services.face.room import GalleryName, Room

_MOST_PIXELS = 100_000
_Place = Annotated[int, Field(ge=-_MOST_PIXELS, le=_MOST_PIXELS)]
_Length = Annotated[int, Field(ge=1, le=_MOST_PIXELS)]
_Turn = Annotated[int, Field(ge=0, le=270, multiple_of=90)]
_EXAMPLE = {
    "photo": examples.BASE64,
    "identity": "8c5e2f2d9d2a4f0f9f0e7c4d5b6a7980",
    "left": 171,
    "top": 71,
    "width": 103,
    "height": 103,
}


class ComparisonBody(Body):
    """A photo that was identified, the box and the turn that were answered, and whom to show beside it."""

    photo: RawPhoto
    identity: Annotated[str, Field(max_length=64)]
    left: _Place
    top: _Place
    width: _Length
    height: _Length
    turn: _Turn = 0

    @property
    def box(self) -> Box:
        """The face, in pixels of the photo."""
        return Box(left=self.left, top=self.top, width=self.width, height=self.height)


async def _body(request: Request) -> ComparisonBody:
    return await read_body(request, ComparisonBody, ONE_PHOTO_BYTES)


def comparison_routes(room: Room) -> APIRouter:
    """One route."""
    router = APIRouter(prefix="/galleries/{gallery}/compare", tags=["galleries"])

    @router.post(
        "",
        response_class=Response,
        openapi_extra=takes(ComparisonBody, _EXAMPLE),
        responses=problems(*READING_A_PHOTO, *READING_A_GALLERY, IdentityUnknown) | JPEG,
    )
    async def compare(gallery: GalleryName, body: Annotated[ComparisonBody, Depends(_body)]) -> Response:
        """The face in the photo's box beside an enrolled one, as a JPEG. Nothing of it is kept."""
        enrolled = (await room.galleries.get(gallery)).get(body.identity)
        if enrolled is None or enrolled.box is None:
            raise IdentityUnknown
        portrait = await room.galleries.portrait(gallery, body.identity)
        photo = await photo_bytes(body.photo)
        jpeg = await room.draw(Comparison(photo, body.box, portrait, enrolled.box, body.turn))
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    return router
