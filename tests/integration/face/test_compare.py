"""The route that draws a look-alike beside the person: real process, real models."""

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps
from pydantic import SecretStr

from contracts.face import Box, Enrollment, Identification, Identity
from contracts.problem import Problem
from services.face.app import create_app
from services.face.comparison import GAP, SIDE
from services.face.settings import FaceSettings
from tests.integration.face.room import TOKEN, FaceRoom
from tests.integration.face.test_no_spooling import below_tmp
from tests.unit.face.photos import astronaut, astronaut_jpeg, encoded

BOX = {"left": 180, "top": 80, "width": 90, "height": 90}


@pytest.fixture(scope="module")
def enrolled(room: FaceRoom) -> Identity:
    answer = room.client.post(
        "/v1/galleries/pairs/identities", files={"photo": ("p", astronaut_jpeg())}, data={"name": "Eileen"}
    )
    return Enrollment.model_validate_json(answer.content).identity


def compare(room: FaceRoom, photo: bytes, identity: str, box: dict[str, Any]) -> httpx.Response:
    return room.client.post(
        "/v1/galleries/pairs/compare", files={"photo": ("p", photo)}, data={"identity": identity, **box}
    )


def test_who_was_identified_is_seen_beside_the_match(room: FaceRoom, enrolled: Identity) -> None:
    mirrored = encoded(ImageOps.mirror(astronaut()), quality=90)
    found = room.client.post("/v1/galleries/pairs/identify", files={"photo": ("p", mirrored)})
    face = Identification.model_validate_json(found.content).face
    assert face
    answer = compare(room, mirrored, enrolled.id, face.box.model_dump())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    person, match = halves(answer.content)
    assert np.abs(person[:, ::-1] - match).mean() < 12  # the same face, found a little elsewhere
    assert np.abs(person - match).mean() > 20


def test_whoever_holds_the_camera_sideways_stands_upright_beside_the_match(
    room: FaceRoom, enrolled: Identity
) -> None:
    lying = encoded(ImageOps.mirror(astronaut()).transpose(Image.Transpose.ROTATE_90), quality=90)
    found = room.client.post("/v1/galleries/pairs/identify", files={"photo": ("p", lying)})
    face = Identification.model_validate_json(found.content).face
    assert face
    answer = compare(room, lying, enrolled.id, face.box.model_dump() | {"turn": face.turn})
    person, match = halves(answer.content)
    assert np.abs(person[:, ::-1] - match).mean() < 12


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"identity": "nobody"}, 404, "identity_unknown"),
        ({"width": "0"}, 422, "invalid"),
        ({"left": "x"}, 422, "invalid"),
        ({"turn": "45"}, 422, "invalid"),
    ],
)
def test_what_cannot_be_compared_is_told_by_a_problem(
    room: FaceRoom, enrolled: Identity, change: dict[str, str], status: int, code: str
) -> None:
    fields = {"identity": enrolled.id, **BOX, **change}
    answer = compare(room, astronaut_jpeg(), fields.pop("identity"), fields)
    assert answer.status_code == status
    assert Problem.model_validate_json(answer.content).code == code


def test_a_photo_that_is_none_is_refused(room: FaceRoom, enrolled: Identity) -> None:
    answer = compare(room, b"no picture at all", enrolled.id, BOX)
    assert (answer.status_code, answer.json()["code"]) == (415, "photo_unsupported")


def test_the_picture_is_for_who_has_the_token(room: FaceRoom) -> None:
    answer = httpx.post(f"{room.url}/v1/galleries/pairs/compare", files={"photo": ("p", b"x")})
    assert answer.status_code == 401


def test_neither_photo_nor_picture_is_kept(room: FaceRoom, enrolled: Identity) -> None:
    photo = encoded(ImageOps.mirror(astronaut()), quality=93)
    jpeg = compare(room, photo, enrolled.id, Box(**BOX).model_dump()).content
    kept = [path.read_bytes() for path in room.folder.rglob("*") if path.is_file()]
    assert len(kept) > 2
    assert not [content for content in kept if photo[9000:9064] in content or jpeg[9000:9064] in content]


async def test_a_large_photo_touches_no_file_on_its_way(tmp_path: Path) -> None:
    opened: list[str] = []
    listening = False

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if listening and event in ("open", "tempfile.mkstemp") and isinstance(arguments[0], str):
            opened.append(arguments[0])

    sys.addaudithook(hear)
    app = create_app(FaceSettings(face_data_dir=tmp_path / "face", internal_token=SecretStr(TOKEN)))
    transport, headers = httpx.ASGITransport(app), {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://face", headers=headers) as client:
        listening = True
        files, fields = {"photo": bytes(9_000_000)}, {"identity": "nobody", **BOX}
        answer = await client.post("/v1/galleries/pairs/compare", files=files, data=fields)
        by_photo = below_tmp(opened)
        with tempfile.TemporaryFile():
            pass  # so that we know that the hook hears
        listening = False
    assert answer.json()["code"] == "identity_unknown"  # which is told when all of the body was read
    assert by_photo == []
    assert below_tmp(opened)


def halves(jpeg: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    pixels = np.asarray(Image.open(io.BytesIO(jpeg))).astype(np.int64)
    return pixels[:, :SIDE], pixels[:, SIDE + GAP :]
