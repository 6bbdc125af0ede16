"""OpenAPI is complete: whatever it declares is answered, and the client of all tests checks the reverse."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.face import Box, Identity
from services.face.errors import GalleryDamaged, GalleryUnwritable
from services.face.gallery import Gallery
from services.face.store import GalleryStore
from tests.unit.face.api.schema import mistakes
from tests.unit.face.api.stand import Client, document, embedding_of, served

V1, COMPREFACE = "/v1", "/api/v1/recognition"
ADA = "ada0"
JSON = {"content-type": "application/json"}
Sent = dict[str, Any]


class Full(GalleryStore):
    """On a disk that takes no more."""

    async def enroll(self, *_: Any, **__: Any) -> None:
        raise GalleryUnwritable

    async def refuse(self, *_: Any, **__: Any) -> Any:
        raise GalleryUnwritable

    change = remove = remove_photo = add_photo = drop = refuse  # type: ignore[assignment]


class Damaged(GalleryStore):
    """With a journal that cannot be read."""

    async def get(self, name: str) -> Gallery:
        raise GalleryDamaged


def encoded(photo: str) -> str:
    return base64.b64encode(photo.encode()).decode()


def body(path: str, method: str, photo: str) -> Sent:
    """What this route takes, with this photo wherever one is taken."""
    if method in ("get", "delete"):
        return {}
    one = encoded(photo)
    if path.startswith(COMPREFACE):
        named = {"json": {"subject": "Grace"}}
        if path.endswith("/faces/delete"):
            return {"json": [ADA]}
        return named if "/subjects" in path else {"json": {"file": one}, "params": {"subject": "Bob"}}
    if path.endswith("/compare"):
        box = {"left": 171, "top": 71, "width": 103, "height": 103}
        return {"json": {"photo": one, "identity": ADA, **box}}
    if path.endswith("/verify"):
        return {"json": {"photo_a": one, "photo_b": one}}
    if path.endswith("/verify/batch"):
        return {"json": {"photo": one, "photos": [one]}}
    if path.endswith("/identities/batch"):
        return {"json": {"people": [{"photo": one, "name": "Bob"}]}}
    if path.endswith("/batch"):
        return {"json": {"photos": [one]}}
    if path.endswith("/identities"):
        return {"json": {"photo": one, "name": "Bob"}}
    return {"json": {"alias": "a"} if method == "patch" else {"photo": one}}


def address(path: str, other: dict[str, str]) -> str:
    known = {"gallery": "default", "subject": "Ada", "image_id": ADA, "identity": ADA, "photo": ADA}
    return path.format(**known | other)


async def ask(client: Client, method: str, path: str, sent: Sent) -> httpx.Response:
    return await client.request(method, address(path, sent.pop("at", {})), **sent)


def well(path: str, method: str) -> Sent:
    return body(path, method, "ada")


def unknown(path: str, method: str) -> Sent:
    """Who, or what, is not there; CompreFace says 404 to a wrong key too."""
    if path.startswith(COMPREFACE):
        return well(path, method) | {"headers": {"x-api-key": "wrong"}}
    if path in ("/v1/galleries/{gallery}", "/v1/galleries/{gallery}/compare"):
        return well(path, method) | {"at": {"gallery": "nobody"}}
    if method == "get" and path.endswith("/identities"):
        return {"params": {"after": "nobody"}}
    return well(path, method) | {"at": {"identity": "nobody"}}


def invalid(path: str, method: str) -> Sent:
    if path.startswith(COMPREFACE):
        return well(path, method) | {"headers": {"x-api-key": ""}}
    if "{gallery}" in path:
        return well(path, method) | {"at": {"gallery": "No Gallery"}}
    return {"json": {}}


CAUSES: dict[int, Callable[[str, str], Sent]] = {
    200: well,
    201: well,
    204: well,
    400: lambda path, method: (
        {"content": b"{", "headers": JSON} if path.startswith(V1) else invalid(path, method)
    ),
    401: lambda path, method: well(path, method) | {"headers": {"Authorization": "Bearer wrong"}},
    404: unknown,
    413: lambda *_: {"content": b"{}", "headers": JSON | {"content-length": "100000000"}},
    415: lambda *_: {"content": b"words", "headers": {"content-type": "text/plain"}},
    422: invalid,
    429: lambda path, method: body(path, method, "busy"),
    500: lambda path, method: body(path, method, "deadly"),
    503: lambda path, method: body(path, method, "early"),
    504: lambda path, method: body(path, method, "slow"),
}


def declared() -> list[tuple[str, str, int]]:
    api = document()
    return [
        (method, path, int(status))
        for method, path in api.operations()
        for status in api.operation(method, path)["responses"]
        if status != "default"
    ]


@pytest.fixture
async def enrolled(tmp_path: Path) -> AsyncIterator[Identity]:
    """Ada, in the gallery `default`."""
    galleries = GalleryStore(tmp_path)
    await galleries.load()
    identity = Identity(id=ADA, name="Ada", box=Box(left=171, top=71, width=103, height=103))
    await galleries.enroll("default", identity, embedding_of("ada"), b"jpeg")
    yield identity
    await galleries.close()


def disk(method: str, path: str, status: int) -> type[GalleryStore]:
    """Whose fault a 500 or a 503 is, on a route that takes no photo."""
    takes_photo = any(name in json.dumps(body(path, method, "ada")) for name in ("photo", "file"))
    reads_photo = method == "post" and takes_photo and "batch" not in path
    if reads_photo or status not in (500, 503):
        return GalleryStore
    return Damaged if status == 500 else Full


@pytest.mark.parametrize(("method", "path", "status"), declared())
async def test_every_declared_status_is_answered(
    tmp_path: Path, enrolled: Identity, method: str, path: str, status: int
) -> None:
    async with served(tmp_path, disk(method, path, status)) as client:
        answer = await ask(client, method, path, CAUSES[status](path, method))
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(("method", "path"), document().operations())
def test_every_operation_says_what_it_does_and_gives_an_example(method: str, path: str) -> None:
    api = document()
    operation = api.operation(method, path)
    assert operation["description"]
    assert operation["security"]
    contents = [one.get("content", {}) for one in operation["responses"].values()]
    contents.append(operation.get("requestBody", {}).get("content", {}))
    for content in contents:
        for kind, described in content.items():
            examples = [one["value"] for one in described.get("examples", {}).values()]
            examples += [described["example"]] if "example" in described else []
            assert examples or not kind.endswith("json") or path.startswith(COMPREFACE)
            for example in examples:
                assert mistakes(example, described["schema"], api.content) == []


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ({"title": "T", "status": 404, "code": "c"}, True),
        ({"title": "T", "status": "404", "code": "c"}, False),
        ({"title": "T", "status": 404}, False),
        ({"title": "T", "status": 404, "code": "c", "more": 1}, False),
        ({"title": "T", "status": 404, "code": "c", "request_id": None}, True),
        ({"title": "T", "status": 404, "code": "c", "request_id": 5}, False),
    ],
)
def test_the_check_against_the_schema_finds_mistakes(value: dict[str, Any], right: bool) -> None:
    schema = {"$ref": "#/components/schemas/Problem"}
    assert (mistakes(value, schema, document().content) == []) == right
