"""A face room that answers the gateway's calls from memory and records them."""

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from contracts.problem import PROBLEM_MEDIA_TYPE, Problem
from tests.fakes.http_server import PlatformServer
from tests.integration.gateway.room import INTERNAL_TOKEN

PHOTO = b"\xff\xd8 the photo of an enrolled person"


class FaceServer(PlatformServer):
    """One gallery with one person, `id-1`."""

    def __init__(self) -> None:
        super().__init__()
        place = "/v1/galleries/{gallery}/identities"
        self.app.add_api_route(place, self._list, methods=["GET"])
        self.app.add_api_route(place, self._enroll, methods=["POST"])
        self.app.add_api_route(place + "/{identity}", self._remove, methods=["DELETE"])
        self.app.add_api_route(place + "/{identity}/photo", self._photo, methods=["GET"])

    async def _list(self, gallery: str, request: Request) -> Response:
        answer = JSONResponse({"identities": [{"id": "id-1"}]})
        return await self._record("list", gallery, request, answer)

    async def _enroll(self, gallery: str, request: Request) -> Response:
        return await self._record("enroll", gallery, request, JSONResponse({"id": "id-2"}, 201))

    async def _remove(self, gallery: str, identity: str, request: Request) -> Response:
        return await self._record("remove", gallery, request, Response(status_code=204), identity)

    async def _photo(self, gallery: str, identity: str, request: Request) -> Response:
        found = Response(PHOTO, media_type="image/jpeg")
        problem = Problem(title="Nobody by this id", status=404, code="identity_unknown")
        missing = JSONResponse(problem.model_dump(), 404, media_type=PROBLEM_MEDIA_TYPE)
        answer = found if identity == "id-1" else missing
        return await self._record("photo", gallery, request, answer, identity)

    async def _record(
        self, method: str, gallery: str, request: Request, answer: Response, identity: str = ""
    ) -> Response:
        if request.headers.get("authorization") != f"Bearer {INTERNAL_TOKEN}":
            return Response(status_code=401)
        args = {"gallery": gallery, "identity": identity, "body": await request.body()}
        args["content_type"] = request.headers.get("content-type", "")
        return await self.perform(method, args, "", lambda: answer)
