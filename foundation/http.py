"""HTTP manners that the rooms share: problems as answers, the token between rooms, correlation."""

import hmac
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from contracts.log import CORRELATION, correlation, header_name
from contracts.problem import PROBLEM_MEDIA_TYPE, Problem

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


PROBLEM_ANSWERS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A Problem",
        "content": {PROBLEM_MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
}
"""What OpenAPI says of every error of an app with `add_problem_answers`."""


async def _closing() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


Closing = Annotated[AsyncExitStack, Depends(_closing)]
"""Closes what an event stream has opened when the response is over, also when its reader has left.

FastAPI's own sender does not: a generator that it left waiting at a `yield` lives until it is collected.
"""


class Fault(Exception):
    """The root of every room's errors: whose fault (status), which (code), does again help.

    Leaves set the class attributes; the text of an instance is for people.
    """

    code = "internal"
    status = 500
    retryable = False
    title = "Something went wrong"
    retry_after_s: int | None = None


class Unauthorized(Fault):
    """The caller showed no token or a wrong one."""

    code = "unauthorized"
    status = 401
    title = "A valid token is needed"


def problem_response(problem: Problem, retry_after_s: int | None = None) -> JSONResponse:
    """A Problem as an HTTP answer."""
    problem = problem.model_copy(update={"request_id": correlation.get().get("request_id")})
    headers = {"Retry-After": str(retry_after_s)} if retry_after_s is not None else None
    return JSONResponse(problem.model_dump(), problem.status, headers, media_type=PROBLEM_MEDIA_TYPE)


def problem_of(fault: Fault) -> Problem:
    """A Fault as the body that another room reads."""
    return Problem(
        title=fault.title,
        status=fault.status,
        detail=str(fault),
        code=fault.code,
        retryable=fault.retryable,
    )


def add_problem_answers(app: FastAPI) -> None:
    """Make every error of the app a Problem."""

    @app.exception_handler(Fault)
    async def on_fault(request: Request, fault: Fault) -> JSONResponse:
        return problem_response(problem_of(fault), fault.retry_after_s)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        places = "; ".join(".".join(map(str, e["loc"])) + ": " + e["msg"] for e in error.errors())
        return problem_response(
            Problem(title="The request is malformed", status=422, detail=places, code="invalid")
        )

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}.get(error.status_code, "http")
        response = problem_response(Problem(title=str(error.detail), status=error.status_code, code=code))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(ClientDisconnect)
    async def on_departure(request: Request, error: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody is there to read it, and nothing is wrong here

    @app.exception_handler(Exception)
    async def on_bug(request: Request, error: Exception) -> JSONResponse:
        route = request.scope.get("route")  # its pattern: the path itself may hold a name
        return bug_response(error, getattr(route, "path", ""))


def bug_response(error: Exception, path: str) -> JSONResponse:
    """What a bug is to who asks; logged."""
    log.error("http.request.failed", exc_info=error, extra={"path": path})
    return problem_response(Problem(title=Fault.title, status=500, code="internal"))


def require_bearer(token: str) -> Callable[[Request], None]:
    """A dependency that lets in only who shows this token."""
    expected = f"Bearer {token}".encode()

    def check(request: Request) -> None:
        shown = request.headers.get("authorization", "").encode()
        if not token or not hmac.compare_digest(shown, expected):
            raise Unauthorized("send it as `Authorization: Bearer …`")

    return check


_FIELDS = {header_name(field).lower().encode(): field for field in CORRELATION}


class CorrelationMiddleware:
    """Gives every log line of a request the request's id, and what the room that asks has sent along.

    Strangers are not believed: they would put words into our log, and into calls of other rooms.
    """

    def __init__(self, app: ASGIApp, *, asked_by_rooms: bool = False) -> None:
        self.app = app
        self._asked_by_rooms = asked_by_rooms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fields = _fields_of(scope) if self._asked_by_rooms else {}
        if "request_id" not in fields:
            fields["request_id"] = f"{random.getrandbits(48):012x}"  # names a request, and guards nothing
        token = correlation.set(fields)
        await self.app(scope, receive, send)
        correlation.reset(token)  # after a bug they stay, for who reports it further out


def _fields_of(scope: Scope) -> dict[str, str]:
    return {
        _FIELDS[name]: value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _FIELDS and value
    }
