"""CompreFace's errors: a message and a number of its own.

Fault
└── Refusal
    ├── KeyMissing, KeyUnknown
    ├── SubjectUnknown, SubjectTaken, ImageUnknown
    └── TooManyFaces
"""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from foundation.http import Fault
from services.face.compreface import ErrorBody
from services.face.errors import (
    Busy,
    IdentityUnknown,
    NoFace,
    NotReady,
    PhotoEmpty,
    PhotoFailed,
    PhotoNotBase64,
    PhotoTimedOut,
    PhotoUnreadable,
    PhotoUnsupported,
)
from services.face.problems import RETRY_AFTER, Responses


class Refusal(Fault):
    """What CompreFace has a number for."""

    number: ClassVar[int] = 0


class KeyMissing(Refusal):
    """No x-api-key."""

    status = 400
    number = 20
    title = "Missing header: x-api-key"


class KeyUnknown(Refusal):
    """An x-api-key that is not the room's token."""

    status = 404
    number = 10
    title = "Recognition service with this API Key not found"


class SubjectUnknown(Refusal):
    """Nobody of this name."""

    status = 404
    number = 42

    def __init__(self, subject: str) -> None:
        super().__init__()
        self.title = f"Subject {subject} not found"


class SubjectTaken(Refusal):
    """Somebody of this name is there."""

    status = 400
    number = 43
    title = "Subject already exists"


class ImageUnknown(Refusal):
    """No saved face of this id."""

    status = 404
    number = 44

    def __init__(self, image_id: str) -> None:
        super().__init__()
        self.title = f"Image {image_id} not found"


class TooManyFaces(Refusal):
    """An example has to show one face."""

    status = 400
    number = 31
    title = "More than one face in the source image"


NO_FACE = "No face is found in the given image"

_NUMBERS: dict[type[Fault], tuple[int, int]] = {
    NoFace: (400, 28),
    IdentityUnknown: (404, 42),
    **dict.fromkeys((PhotoEmpty, PhotoUnsupported, PhotoUnreadable, PhotoNotBase64), (400, 21)),
    Busy: (429, 41),
    PhotoFailed: (500, 41),
    NotReady: (503, 41),
    PhotoTimedOut: (504, 41),
}
"""Status and number of our own faults; others keep their status, and the number is 0, "undefined"."""


class CompreFaceRoute(APIRoute):
    """A route whose errors are told as CompreFace tells them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_or_refuse(request: Request) -> Response:
            try:
                return await answer(request)
            except Fault as fault:
                return _refused(fault)
            except RequestValidationError as error:
                return JSONResponse(_invalid(request, error).model_dump(), 400)

        return answer_or_refuse


def refusals(*statuses: int) -> Responses:
    """The errors of a route for OpenAPI."""
    described = {
        400: "The image, or a parameter, is refused: 20, 21, 26, 28, 31, 33, 34, 43",
        404: "The key, the subject or the image is unknown: 10, 42, 44",
        413: "The image is too large",
        415: "Send multipart/form-data or application/json",
        429: "Too many images at once: 41",
        500: "The image could not be worked on: 41",
        503: "Not ready, or the disk refuses: 41, 0",
        504: "The image took too long: 41",
    }
    body = {"schema": ErrorBody.model_json_schema(), "example": {"message": NO_FACE, "code": 28}}
    content = {"content": {"application/json": body}}
    declared: Responses = {
        status: {"description": described[status], **content}
        | ({"headers": RETRY_AFTER} if status in (429, 503) else {})
        for status in statuses
    }
    return declared | {"default": {"description": "Any other error", **content}}


def _refused(fault: Fault) -> JSONResponse:
    number = fault.number if isinstance(fault, Refusal) else 0
    status, number = _NUMBERS.get(type(fault), (fault.status, number))
    message = NO_FACE if isinstance(fault, NoFace) else ": ".join(filter(None, (fault.title, str(fault))))
    headers = {"Retry-After": str(fault.retry_after_s)} if fault.retry_after_s else None
    return JSONResponse(ErrorBody(message=message, code=number).model_dump(), status, headers)


def _invalid(request: Request, error: RequestValidationError) -> ErrorBody:
    first = error.errors()[0]
    where, name = str(first["loc"][0]), str(first["loc"][-1])
    if first["type"] == "missing" and where == "query":
        return ErrorBody(message=f"Required parameter {name} is missing", code=33)
    if first["type"] == "missing" and request.headers.get("content-type", "").startswith("multipart/"):
        return ErrorBody(message=f"Required part {name} is missing", code=34)
    return ErrorBody(message="; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors()), code=26)
