"""A request's body is read beside the event loop, and a photo's text is base64 or refused."""

import asyncio
import base64
import json
import random
from collections.abc import Awaitable
from typing import TypeVar

import pytest
from fastapi import Request
from starlette.types import Message

from services.face.bodies import PHOTOS_BYTES, PhotoBody, PhotosBody, photo_bytes, read_body
from services.face.errors import BodyMalformed, PhotoNotBase64

LARGE = random.Random(0).randbytes(3_000_000)

T = TypeVar("T")


async def turns_during(work: Awaitable[T]) -> tuple[T, int]:
    """The result, and how often others got the event loop meanwhile."""
    turns, done = 0, False

    async def other() -> None:
        nonlocal turns
        while not done:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    try:
        return await work, turns
    finally:
        done = True
        await task


def request_with(body: bytes, kind: str = "application/json") -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", kind.encode())]
    return Request({"type": "http", "headers": headers}, receive)


async def test_other_requests_go_on_while_a_large_photo_is_decoded() -> None:
    photo, turns = await turns_during(photo_bytes(base64.b64encode(LARGE).decode()))
    assert photo == LARGE
    assert turns > 1


async def test_other_requests_go_on_while_a_large_body_is_parsed() -> None:
    body = json.dumps({"photos": [base64.b64encode(LARGE).decode()] * 2}).encode()
    read, turns = await turns_during(read_body(request_with(body), PhotosBody, PHOTOS_BYTES))
    assert len(read.photos) == 2
    assert turns > 1


@pytest.mark.parametrize("size", [0, 1, 2, 3, 200_000, 400_001, 786_432])
@pytest.mark.parametrize("gap", [0, 76])
async def test_a_photo_of_any_size_comes_through_however_its_lines_are_broken(size: int, gap: int) -> None:
    text = base64.b64encode(LARGE[:size]).decode()
    lines = [text[start : start + gap] for start in range(0, len(text), gap)] if gap else [text]
    assert await photo_bytes("data:image/jpeg;base64," + "\r\n".join(lines)) == LARGE[:size]


@pytest.mark.parametrize("size", [1, 400_000, 2_000_000])
@pytest.mark.parametrize("wrong", ["{0}=", "{0}", "*{1}", "{1}é", "{0}=={1}", "{0}={1}", "data:{1}"])
async def test_what_is_no_base64_is_refused_wherever_it_is_wrong(size: int, wrong: str) -> None:
    whole = base64.b64encode(LARGE[: size // 3 * 3 + 3]).decode()
    cut = base64.b64encode(LARGE[: size // 3 * 3 + 1]).decode().rstrip("=")
    with pytest.raises(PhotoNotBase64):
        await photo_bytes(wrong.format(cut, whole))


async def test_a_form_by_a_charset_that_decodes_nothing_is_refused() -> None:
    part = b'--X\r\nContent-Disposition: form-data; name="photo"\r\n\r\nada\r\n--X--\r\n'
    request = request_with(part, "multipart/form-data; boundary=X; charset=undefined")
    with pytest.raises(BodyMalformed):
        await read_body(request, PhotoBody, PHOTOS_BYTES)
