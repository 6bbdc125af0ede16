"""People of the gallery: administration, and the pictures of matches."""

from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, Path, Request, Response

from foundation.http import require_bearer
from services.gateway.errors import AdminOff
from services.gateway.routes.wiring import Here, KnownPerson

PHOTO_AND_FORM_BYTES = 10_500_000
IdentityId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$")]
GalleryName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,40}$")]


def administrator(request: Request, here: Here) -> None:
    """Raises AdminOff without an ADMIN_TOKEN, Unauthorized for who does not show it."""
    token = here.settings.admin_token.get_secret_value()
    if not token:
        raise AdminOff
    require_bearer(token)(request)


router = APIRouter(prefix="/api/v1", max_body_size=PHOTO_AND_FORM_BYTES)


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


def _passed_on(answer: httpx.Response) -> Response:
    return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))
