"""HTTP for the picture of two faces side by side."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Path, Response

from contracts.face import Box
from foundation.http import require_bearer
from services.face.comparison import Comparison
from services.face.errors import IdentityUnknown
from services.face.pool import Pool
from services.face.store import GALLERY_NAME, GalleryStore

_MOST_PIXELS = 100_000
_Place = Annotated[int, Form(ge=-_MOST_PIXELS, le=_MOST_PIXELS)]
_Length = Annotated[int, Form(ge=1, le=_MOST_PIXELS)]


def comparison_routes(pool: Pool[Any, Any], galleries: GalleryStore, token: str) -> APIRouter:
    """The one route; it wants the token. The pool's processes are made by `make_worker`."""
    router = APIRouter(prefix="/v1", dependencies=[Depends(require_bearer(token))])

    @router.post(
        "/galleries/{gallery}/compare",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}}, "description": "JPEG, the photo's face on the left"}},
    )
    async def compare(
        gallery: Annotated[str, Path(pattern=f"^{GALLERY_NAME}$")],
        photo: Annotated[bytes, File(description="The photo that was identified")],
        identity: Annotated[str, Form(max_length=64)],
        box: Annotated[Box, Depends(_box)],
    ) -> Response:
        """The face in the photo's box beside an enrolled one. Nothing of it is kept."""
        enrolled = (await galleries.get(gallery)).get(identity)
        if enrolled is None or enrolled.box is None:
            raise IdentityUnknown
        portrait = await galleries.portrait(gallery, identity)
        jpeg = await pool.ask(Comparison(photo, box, portrait, enrolled.box))
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    return router


def _box(left: _Place, top: _Place, width: _Length, height: _Length) -> Box:
    return Box(left=left, top=top, width=width, height=height)
