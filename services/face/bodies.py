"""Reads a request's body, a form or JSON with base64, into what a route asks for."""

import base64
import binascii
import re
from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any, TypeVar, overload

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError, WithJsonSchema
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from services.face.errors import BodyMalformed, BodyTooLarge, BodyUnsupported, PhotoNotBase64
from services.face.image import MAX_BYTES

FORM_BYTES = 1024 * 1024
"""What a body may weigh beside its photos, and by how much a photo may be too large and still be told so
by a problem of its own."""
ONE_PHOTO_BYTES = MAX_BYTES * 4 // 3 + FORM_BYTES
"""The largest body with one photo in it, as base64."""
PHOTOS_BYTES = 2 * MAX_BYTES * 4 // 3 + FORM_BYTES
"""The largest body with two photos or more."""
MAX_PHOTOS = 16
UNLIMITED = 1 << 62
"""FastAPI's own limit answers by plain text, whatever we say: a route that reads its body here is without."""

_MAX_PARTS = 4 * MAX_PHOTOS
_DATA_URL = re.compile(r"\Adata:[\w.+/-]*;base64,")

_BASE64_IMAGE = {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/*"}

RawPhoto = Annotated[StrictStr | bytes, Field(union_mode="left_to_right"), WithJsonSchema(_BASE64_IMAGE)]
"""A photo as it came: the bytes of a form's part, or JSON's base64."""


class Body(BaseModel):
    """The base of what routes ask for."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PhotoBody(Body):
    """One photo."""

    photo: RawPhoto


class PhotosBody(Body):
    """Several photos, which are answered one by one."""

    photos: tuple[RawPhoto, ...] = Field(min_length=1, max_length=MAX_PHOTOS)


B = TypeVar("B", bound=BaseModel)
F = TypeVar("F", bound=BaseModel)


@overload
async def read_body(request: Request, model: type[B], limit: int) -> B: ...


@overload
async def read_body(request: Request, model: type[B], limit: int, form: type[F]) -> B | F: ...


async def read_body(
    request: Request, model: type[BaseModel], limit: int, form: type[BaseModel] | None = None
) -> BaseModel:
    """The body as `model`, or as `form` where it is one and differs.

    Raises BodyTooLarge (before more than `limit` bytes are read), BodyUnsupported, BodyMalformed,
    RequestValidationError.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        asked = form or model
        fields = await _form(request, limit, many=_many(asked))
        return _validated(lambda: asked.model_validate(fields))
    if kind == "application/json" or kind.endswith("+json"):
        body = b"".join([chunk async for chunk in _chunks(request, limit)])
        return _validated(lambda: model.model_validate_json(body, strict=True))
    raise BodyUnsupported


def photo_bytes(photo: bytes | str) -> bytes:
    """The photo itself. Raises PhotoNotBase64."""
    if isinstance(photo, bytes):
        return photo
    text = "".join(_DATA_URL.sub("", photo, count=1).split())
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PhotoNotBase64 from error


def _validated(validate: Callable[[], B]) -> B:
    try:
        return validate()
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        if found[0]["type"] == "json_invalid":
            raise BodyMalformed("this is not JSON") from None
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in found]) from None


async def _form(request: Request, limit: int, many: set[str]) -> dict[str, Any]:
    parser = MultiPartParser(
        request.headers,
        _chunks(request, limit),
        max_files=_MAX_PARTS,
        max_fields=_MAX_PARTS,
        max_part_size=limit,
    )
    parser.spool_max_size = limit + 1  # a person's photo never touches the disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise BodyMalformed("this is not a form") from error
    fields: dict[str, list[bytes | str]] = {}
    for name, part in form.multi_items():
        value = await part.read() if isinstance(part, UploadFile) else part
        if value != "":  # a form's empty field is one that was not filled in
            fields.setdefault(name, []).append(value)
    await form.close()
    return {name: values if name in many or len(values) > 1 else values[0] for name, values in fields.items()}


async def _chunks(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > limit:
        raise BodyTooLarge(f"{told} bytes are more than {limit}")
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge(f"more than {limit} bytes")
            yield chunk
    except ClientDisconnect as error:
        raise BodyMalformed("it ended before its end") from error


def _many(model: type[BaseModel]) -> set[str]:
    fields = model.model_json_schema().get("properties", {})
    return {name for name, schema in fields.items() if schema.get("type") == "array"}
