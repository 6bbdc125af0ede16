"""Detect, embed, verify: what is asked and what is answered."""

import base64
from typing import Any

import httpx
import numpy as np
import pytest

from contracts.face import Detection, Embeddings, Verification
from contracts.problem import Problem
from tests.unit.face.api.stand import Client, embedding_of

JSON = {"content-type": "application/json"}


def encoded(photo: str | bytes) -> str:
    return base64.b64encode(photo.encode() if isinstance(photo, str) else photo).decode()


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, Problem.model_validate_json(answer.content).code


async def test_a_photo_may_come_as_a_form_or_as_json(client: Client) -> None:
    as_form = await client.post("/v1/detect", files={"photo": b"ada"})
    as_json = await client.post("/v1/detect", json={"photo": encoded("ada")})
    as_data_url = await client.post("/v1/detect", json={"photo": "data:image/jpeg;base64," + encoded("ada")})
    assert as_form.status_code == 200
    assert as_form.json() == as_json.json() == as_data_url.json()


async def test_detect_tells_each_face_and_how_well_it_is_seen(client: Client) -> None:
    answer = await client.post("/v1/detect", files={"photo": b"ada bob"})
    detection = Detection.model_validate_json(answer.content)
    assert [face.box.left for face in detection.faces] == [800, 500]
    assert all(face.quality for face in detection.faces)


@pytest.mark.parametrize("path", ["/v1/detect", "/v1/embed", "/v1/galleries/actors/identify"])
async def test_no_face_is_an_answer(client: Client, path: str) -> None:
    answer = await client.post(path, files={"photo": b"nobody"})
    assert answer.status_code == 200
    assert not answer.json().get("faces")


async def test_embed_gives_the_main_face_or_all(client: Client) -> None:
    for faces, names in (("main", ["ada"]), ("all", ["ada", "bob"])):
        answer = await client.post("/v1/embed", params={"faces": faces}, files={"photo": b"ada bob"})
        found = Embeddings.model_validate_json(answer.content)
        assert found.faces_found == 2
        told = np.array([face.embedding for face in found.faces], dtype=np.float32)
        assert np.array_equal(told, np.array([embedding_of(name) for name in names]))


@pytest.mark.parametrize(
    ("params", "same"), [({}, True), ({"threshold": 0.2}, False), ({"threshold": 2}, True)]
)
async def test_verify_draws_the_line_where_it_is_asked_to(
    client: Client, params: dict[str, float], same: bool
) -> None:
    pair = {"photo_a": encoded("ada"), "photo_b": encoded("ada'")}
    answer = await client.post("/v1/verify", params=params, json=pair)
    found = Verification.model_validate_json(answer.content)
    assert (found.outcome, found.same_person) == ("compared", same)
    assert found.threshold == params.get("threshold", 0.6)
    assert found.distance
    assert abs(found.distance - 0.3) < 0.01


async def test_verify_without_a_face_is_an_answer(client: Client) -> None:
    answer = await client.post("/v1/verify", files={"photo_a": b"ada", "photo_b": b"nobody"})
    found = Verification.model_validate_json(answer.content)
    assert (found.outcome, found.distance, found.same_person) == ("no_face", None, None)


@pytest.mark.parametrize("path", ["/v1/detect/batch", "/v1/embed/batch"])
async def test_one_bad_photo_of_several_fails_alone(client: Client, path: str) -> None:
    photos = [encoded("ada"), encoded("broken"), "no base64!", encoded("nobody"), encoded("busy")]
    answers = (await client.post(path, json={"photos": photos})).json()["answers"]
    told = [one["problem"] and one["problem"]["code"] for one in answers]
    assert told == [None, "photo_unreadable", "photo_not_base64", None, "busy"]
    assert [len(one["value"]["faces"]) for one in answers if one["value"]] == [1, 0]


async def test_several_photos_are_answered_in_their_order(client: Client) -> None:
    photos = [("photos", b"ada bob cyd"[: 4 * size - 1]) for size in (2, 1, 3, 1)]
    answers = (await client.post("/v1/detect/batch", files=photos)).json()["answers"]
    assert [len(one["value"]["faces"]) for one in answers] == [2, 1, 3, 1]


async def test_verify_compares_one_photo_with_several(client: Client) -> None:
    files = [("photo", b"ada"), *(("photos", photo) for photo in (b"ada'", b"bob", b"broken"))]
    answers = (await client.post("/v1/verify/batch", files=files)).json()["answers"]
    assert [one["value"] and one["value"]["same_person"] for one in answers] == [True, False, None]


async def test_when_no_photo_gets_a_place_the_whole_request_is_told_to_come_again(client: Client) -> None:
    answer = await client.post("/v1/detect/batch", files=[("photos", b"busy")] * 3)
    assert problem(answer) == (429, "busy")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("count", [0, 17])
async def test_the_number_of_photos_is_bounded(client: Client, count: int) -> None:
    answer = await client.post("/v1/detect/batch", json={"photos": [encoded("ada")] * count})
    assert problem(answer) == (422, "invalid")


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ({"json": {"photo": "§"}}, (422, "photo_not_base64")),
        ({"json": {}}, (422, "invalid")),
        ({"json": {"photo": None}}, (422, "invalid")),
        ({"json": {"photo": encoded("ada"), "foto": ""}}, (422, "invalid")),
        ({"json": []}, (422, "invalid")),
        ({"json": {"photo": 5}}, (422, "invalid")),
        ({"content": b'{"photo": "\\ud800"}', "headers": JSON}, (400, "body_malformed")),
        ({"content": b"{", "headers": JSON}, (400, "body_malformed")),
        (
            {"content": b"[" * 100_000, "headers": JSON},
            (400, "body_malformed"),
        ),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, (400, "body_malformed")),
        (
            {"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}},
            (400, "body_malformed"),
        ),
        ({"content": b"ada", "headers": {"content-type": "image/jpeg"}}, (415, "body_unsupported")),
        ({"files": {"photo": b"text"}}, (415, "photo_unsupported")),
        ({"files": [("photo", b"ada"), ("photo", b"bob")]}, (422, "invalid")),
        ({"files": {"photo": b"ada"}, "params": {"faces": "some"}}, (422, "invalid")),
    ],
)
async def test_a_bad_request_is_told_what_is_wrong(
    client: Client, sent: dict[str, Any], wanted: tuple[int, str]
) -> None:
    assert problem(await client.post("/v1/detect", **sent)) == wanted


async def test_jitters_are_bounded(client: Client) -> None:
    for jitters, status in ((0, 200), (100, 200), (101, 422), (-1, 422)):
        answer = await client.post("/v1/embed", params={"jitters": jitters}, files={"photo": b"ada"})
        assert answer.status_code == status


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: Client) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        while True:
            read += 1_000_000
            yield bytes(1_000_000)

    for headers in (
        {"content-type": "application/json"},
        {"content-type": "multipart/form-data; boundary=b"},
    ):
        answer = await client.post("/v1/detect", content=endless(), headers=headers)
        assert answer.status_code in (400, 413)
    assert read < 50_000_000
    told = {"content-type": "application/json", "content-length": "100000000"}
    assert problem(await client.post("/v1/detect", content=b"{}", headers=told)) == (413, "body_too_large")


async def test_without_the_token_no_body_is_read(client: Client) -> None:
    async def unread() -> Any:
        raise AssertionError("it was read")
        yield b""

    headers = {"Authorization": "Bearer wrong", "content-type": "application/json"}
    answer = await client.post("/v1/detect", content=unread(), headers=headers)
    assert problem(answer) == (401, "unauthorized")
