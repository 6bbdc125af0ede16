"""People of the gallery: administration, and the pictures of matches."""

from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, Path, Request, Response

from foundation.http import Unauthorized
from services.gateway.addresses import address_of
from services.gateway.administration import COOKIE, COOKIE_PATH, SIGNED_IN_S
from services.gateway.errors import AdminOff, TooFast
from services.gateway.routes.asking import ASKING
from services.gateway.routes.wiring import Gateway, Here, KnownPerson

PHOTO_AND_FORM_BYTES = 10_500_000
IdentityId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")]
GalleryName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]


async def shows_the_token(request: Request, here: Here) -> None:
    """Raises AdminOff without an ADMIN_TOKEN, Unauthorized for another one, TooFast after too many."""
    if not here.administration.is_on:
        raise AdminOff
    address = address_of(request)
    if not here.admin_tries.has_room(address):
        raise TooFast
    if not here.administration.opens(request.headers.get("authorization", "")):
        here.admin_tries.count(address)
        raise Unauthorized("send ADMIN_TOKEN as `Authorization: Bearer …`")


async def administrator(request: Request, here: Here) -> None:
    """The same, or the cookie of who has shown the token before."""
    if "authorization" in request.headers or not here.administration.is_on:
        await shows_the_token(request, here)
    elif not here.administration.knows(request.cookies.get(COOKIE, "")):
        raise Unauthorized("sign in, or send ADMIN_TOKEN as `Authorization: Bearer …`")


router = APIRouter(prefix="/api/v1", max_body_size=PHOTO_AND_FORM_BYTES, dependencies=ASKING)


@router.post("/admin/sign-in", status_code=204, dependencies=[Depends(shows_the_token)])
async def sign_in(here: Here, response: Response) -> None:
    """Show the token once; a cookie that no script can read stands for it."""
    _set_cookie(response, here, here.administration.cookie(), SIGNED_IN_S)


@router.post("/admin/sign-out", status_code=204)
async def sign_out(here: Here, response: Response) -> None:
    """Forget it, in this browser."""
    _set_cookie(response, here, "", 0)


@router.get("/admin/identities", dependencies=[Depends(administrator)])
async def list_identities(here: Here) -> Response:
    """Everybody who is enrolled."""
    return _passed_on(await here.faces.list())


@router.post("/admin/identities", status_code=201, dependencies=[Depends(administrator)])
async def enroll(request: Request, here: Here) -> Response:
    """Enroll a person: a multipart form of photo, name, alias, role, licence, source."""
    content_type = request.headers.get("content-type", "")
    return _passed_on(await here.faces.enroll(await request.body(), content_type))


@router.delete(
    "/admin/identities/{identity}",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(administrator)],
)
async def remove(identity: IdentityId, here: Here) -> Response:
    """Remove a person, at once and with the photo."""
    return _passed_on(await here.faces.remove(identity))


@router.get(
    "/galleries/{gallery}/identities/{identity}/photo",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
async def match_photo(
    gallery: GalleryName, identity: IdentityId, here: Here, person: KnownPerson
) -> Response:
    """An enrolled photo, for the comparison that the page draws."""
    answer = _passed_on(await here.faces.photo(gallery, identity))
    if answer.status_code == 200:
        answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


def _set_cookie(response: Response, here: Gateway, value: str, age_s: int) -> None:
    response.set_cookie(
        COOKIE,
        value,
        max_age=age_s,
        path=COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=here.settings.public_url.startswith("https:"),
    )


def _passed_on(answer: httpx.Response) -> Response:
    return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))
