"""The part of the page's stand-in that enrolls, lists and removes people."""

import hmac
import itertools
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from contracts.face import Box, Enrollment, Identity, IdentityList, ImageSize

TOKEN = "123:ADMIN"
ADMIN = "/api/v1/admin"
PEOPLE = f"{ADMIN}/identities"
COOKIE = "switchboard_admin"
UNTOUCHED = ("name", "alias", "role", "licence", "source")


class PageGallery:
    """Enrolled people in memory; a test says how the next photo is judged."""

    def __init__(self) -> None:
        self.people: dict[str, Identity] = {}
        self.photos: dict[str, bytes] = {}
        self.admin_on = True
        self.problem: tuple[int, str] | None = None
        """Status and code of what enrolling answers instead."""
        self.faces_found = 1
        self._numbers = itertools.count(1)

    def enroll(self, photo: bytes, size: ImageSize, box: Box, **fields: Any) -> Identity:
        """Add a person."""
        person = Identity(id=f"p{next(self._numbers)}", photo=size, box=box, **fields)
        self.people[person.id] = person
        self.photos[person.id] = photo
        return person

    def add_routes(self, app: FastAPI) -> None:
        """The paths that the pages use."""

        @app.post(f"{ADMIN}/sign-in")
        async def sign_in(request: Request) -> Response:
            answer = self._refusal(request) or Response(status_code=204)
            if answer.status_code == 204:
                answer.set_cookie(COOKIE, TOKEN, path=ADMIN, httponly=True, samesite="strict")
            return answer

        @app.post(f"{ADMIN}/sign-out")
        async def sign_out() -> Response:
            answer = Response(status_code=204)
            answer.delete_cookie(COOKIE, path=ADMIN, httponly=True, samesite="strict")
            return answer

        @app.get(PEOPLE)
        async def list_people(request: Request) -> Response:
            return self._refusal(request) or JSONResponse(
                IdentityList(identities=tuple(self.people.values())).model_dump()
            )

        @app.post(PEOPLE)
        async def enroll(request: Request) -> Response:
            return self._refusal(request) or await self._enroll(request)

        @app.delete(PEOPLE + "/{identity}")
        async def remove(identity: str, request: Request) -> Response:
            if refusal := self._refusal(request):
                return refusal
            if self.people.pop(identity, None) is None:
                return _problem(404, "identity_unknown")
            return Response(status_code=204)

        @app.get("/api/v1/galleries/default/identities/{identity}/photo")
        async def photo(identity: str) -> Response:
            return Response(self.photos[identity], media_type="image/jpeg")

    async def _enroll(self, request: Request) -> Response:
        if self.problem:
            return _problem(*self.problem)
        form = await request.form()
        fields = {name: str(form[name]) for name in UNTOUCHED}
        upload: Any = form["photo"]
        person = self.enroll(
            await upload.read(),
            ImageSize(width=512, height=512),
            Box(left=171, top=71, width=103, height=103),
            **fields,
        )
        return JSONResponse(Enrollment(identity=person, faces_found=self.faces_found).model_dump(), 201)

    def _refusal(self, request: Request) -> Response | None:
        if not self.admin_on:
            return _problem(404, "admin_off")
        shown = request.headers.get("authorization") or f"Bearer {request.cookies.get(COOKIE, '')}"
        return None if hmac.compare_digest(shown, f"Bearer {TOKEN}") else _problem(401, "unauthorized")


def _problem(status: int, code: str) -> Response:
    return JSONResponse({"title": code, "status": status, "code": code}, status)
