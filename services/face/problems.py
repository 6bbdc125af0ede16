"""What OpenAPI says of the API's bodies and errors."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from contracts.problem import PROBLEM_MEDIA_TYPE, Problem
from foundation.http import Fault, Unauthorized, problem_of
from services.face.errors import (
    BodyMalformed,
    BodyTooLarge,
    BodyUnsupported,
    Busy,
    GalleryDamaged,
    GalleryUnwritable,
    NotReady,
    PhotoEmpty,
    PhotoFailed,
    PhotoNotBase64,
    PhotoTimedOut,
    PhotoTooLarge,
    PhotoUnreadable,
    PhotoUnsupported,
)

Responses = dict[int | str, dict[str, Any]]

READING_A_BODY = (BodyMalformed, BodyTooLarge, BodyUnsupported)
READING_A_PHOTO = (
    *READING_A_BODY,
    PhotoTooLarge,
    PhotoUnsupported,
    PhotoEmpty,
    PhotoUnreadable,
    PhotoNotBase64,
    Busy,
    PhotoFailed,
    NotReady,
    PhotoTimedOut,
)
READING_A_GALLERY = (GalleryDamaged,)
WRITING_A_GALLERY = (*READING_A_GALLERY, GalleryUnwritable)

RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}}

_TOLD_WHEN = {Busy.code, NotReady.code}
_INVALID = Problem(
    title="The request is malformed", status=422, detail="body.name: Field required", code="invalid"
)


def problems(*faults: type[Fault], invalid: bool = True) -> Responses:
    """The errors of a route that wants the token, for OpenAPI: for each status the codes that it may have.

    `invalid` says whether the route has parameters that may be wrong.
    """
    wanting: tuple[type[Fault], ...] = (Unauthorized, *faults)
    return _by_status([problem_of(fault()) for fault in wanting] + [_INVALID] * invalid)


def open_problems(*faults: type[Fault]) -> Responses:
    """The errors of a route that everybody may call and that has no parameters."""
    return _by_status([problem_of(fault()) for fault in faults])


def _by_status(known: Sequence[Problem]) -> Responses:
    return {
        status: _response([problem for problem in known if problem.status == status])
        for status in sorted({problem.status for problem in known})
    }


def _response(known: Sequence[Problem]) -> dict[str, Any]:
    examples = {problem.code: {"value": problem.model_dump(mode="json")} for problem in known}
    response: dict[str, Any] = {
        "description": "; ".join(problem.title for problem in known),
        "content": {
            PROBLEM_MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
        },
    }
    if examples.keys() & _TOLD_WHEN:
        response["headers"] = RETRY_AFTER
    return response


def answers_with(status: int, example: BaseModel, **headers: str) -> Responses:
    """An example of the answer to a request that went well, and what its own headers are for."""
    response: dict[str, Any] = {"content": {"application/json": {"example": example.model_dump(mode="json")}}}
    if headers:
        response["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()
        }
    return {status: response}


JPEG: Responses = {
    200: {
        "description": "The picture",
        "content": {"image/jpeg": {"schema": {"type": "string", "contentMediaType": "image/jpeg"}}},
    }
}


def takes(model: type[BaseModel], example: Any, form: type[BaseModel] | None = None) -> dict[str, Any]:
    """The body of a route that reads it itself: as a form and as JSON with base64."""
    declared = takes_json(model, example)
    declared["requestBody"]["content"]["multipart/form-data"] = {"schema": _binary(_inlined(form or model))}
    return declared


def takes_json(model: type[BaseModel], example: Any) -> dict[str, Any]:
    """The body of a route that takes what no form holds."""
    content = {"application/json": {"schema": _inlined(model), "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema without references, which would point outside of OpenAPI's components."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return resolved(definitions[node["$ref"].rpartition("/")[2]])
            return {key: resolved(value) for key, value in node.items()}
        return [resolved(value) for value in node] if isinstance(node, list) else node

    inlined: dict[str, Any] = resolved(schema)
    return inlined


def _binary(node: Any) -> Any:
    if isinstance(node, dict):
        if node.get("contentEncoding") == "base64":
            return {"type": "string", "format": "binary"} | {
                k: node[k] for k in ("title", "description") if k in node
            }
        return {key: _binary(value) for key, value in node.items()}
    return [_binary(value) for value in node] if isinstance(node, list) else node
