"""Reads a request's body, a form or JSON with base64, into what a route asks for."""

import asyncio
import base64
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from functools import cache
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
_DATA_URL = re.compile(r"data:[\w.+/-]{0,100};base64,")
_SMALL = 64 * 1024
"""So much is read in the event loop: it takes less than a thread's beginning."""
_PORTION = 256 * 1024
"""A thread decodes so much at once, half a millisecond: in between the others get their turn."""

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


V = TypeVar("V")
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
        body = [chunk async for chunk in _chunks(request, limit)]
        return await _aside(sum(map(len, body)), lambda: _from_json(model, body))
    raise BodyUnsupported


async def photo_bytes(photo: bytes | str) -> bytes:
    """The photo itself; other requests go on while it is decoded. Raises PhotoNotBase64."""
    if isinstance(photo, bytes):
        return photo
    return await _aside(len(photo), lambda: _decoded(photo))


async def _aside(size: int, work: Callable[[], V]) -> V:
    """Do in a thread what would keep the event loop."""
    return work() if size <= _SMALL else await asyncio.to_thread(work)


def _decoded(text: str) -> bytes:
    head = _DATA_URL.match(text)
    photo, rest = bytearray(), ""
    for start in range(head.end() if head else 0, len(text), _PORTION):
        letters = rest + "".join(text[start : start + _PORTION].split())
        # Padding ends a photo: what holds some is kept for the end, where more behind it is refused.
        whole = 0 if "=" in letters else len(letters) // 4 * 4
        photo += _base64(letters[:whole])
        rest = letters[whole:]
        if len(rest) > 2 * _PORTION:
            raise PhotoNotBase64
    return bytes(photo + _base64(rest))


def _base64(letters: str) -> bytes:
    try:
        return base64.b64decode(letters, validate=True)
    except ValueError as error:
        raise PhotoNotBase64 from error


def _from_json(model: type[B], body: Sequence[bytes]) -> B:
    content = b"".join(body)
    return _validated(lambda: model.model_validate_json(content, strict=True))


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
    except (MultiPartException, UnicodeError) as error:  # UnicodeError: by the charset that the form names
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


@cache
def _many(model: type[BaseModel]) -> set[str]:
    """The fields that are lists."""
    fields = model.model_json_schema().get("properties", {})
    return {name for name, schema in fields.items() if schema.get("type") == "array"}
