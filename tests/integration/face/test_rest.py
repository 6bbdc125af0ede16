"""The API of a running room: several photos, all faces, JSON; each answer held against its OpenAPI."""

import base64
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from contracts.face import Detection, Embeddings, Enrollment, Identification
from contracts.problem import Problem
from tests.integration.face.room import TOKEN, FaceRoom
from tests.integration.face.test_api import montage
from tests.unit.face.photos import astronaut, astronaut_jpeg, encoded, no_face_jpeg

PEOPLE = "/v1/galleries/{}/identities"


def base64_of(photo: bytes) -> str:
    return base64.b64encode(photo).decode()


def embeddings(client: httpx.Client, photo: bytes, **params: Any) -> list[Any]:
    answer = client.post("/v1/embed", params=params, files={"photo": photo})
    found = Embeddings.model_validate_json(answer.content)
    return [np.array(face.embedding, dtype=np.float32) for face in found.faces]


def test_a_face_is_told_with_how_well_it_is_seen(client: httpx.Client) -> None:
    [face] = Detection.model_validate_json(
        client.post("/v1/detect", files={"photo": astronaut_jpeg()}).content
    ).faces
    assert face.quality
    assert 30 < face.quality.eye_distance < 60
    assert abs(face.quality.roll) < 20
    assert face.quality.sharpness > 20


def test_json_and_form_give_the_same_numbers(client: httpx.Client) -> None:
    [by_form] = embeddings(client, astronaut_jpeg())
    answer = client.post("/v1/embed", json={"photo": base64_of(astronaut_jpeg())})
    by_json = Embeddings.model_validate_json(answer.content).faces[0].embedding
    assert np.array_equal(by_form, np.array(by_json, dtype=np.float32))


def test_jitters_move_the_numbers_a_little(client: httpx.Client) -> None:
    [plain] = embeddings(client, astronaut_jpeg())
    [jittered] = embeddings(client, astronaut_jpeg(), jitters=5)
    assert 0.001 < np.linalg.norm(plain - jittered) < 0.3


def test_both_faces_of_a_photo_are_embedded_on_request(client: httpx.Client) -> None:
    assert len(embeddings(client, montage())) == 1
    one, other = embeddings(client, montage(), faces="all")
    assert np.linalg.norm(one - other) < 0.3


def test_each_face_of_a_photo_is_identified_on_request(client: httpx.Client) -> None:
    client.post(PEOPLE.format("rest"), files={"photo": astronaut_jpeg()}, data={"name": "Eileen"})
    answer = client.post("/v1/galleries/rest/identify", params={"faces": "all"}, files={"photo": montage()})
    found = Identification.model_validate_json(answer.content)
    assert (found.number, found.faces_found, found.people) == (2, 2, 1)
    [other] = found.others
    assert (other.number, other.matches[0].identity.name, other.matches[0].same_person) == (1, "Eileen", True)


def test_a_second_photo_of_a_person_is_found_as_theirs(client: httpx.Client) -> None:
    small = encoded(astronaut().resize((300, 300)), quality=60)
    people = PEOPLE.format("second")
    answer = client.post(people, files={"photo": small}, data={"name": "Eileen"})
    identity = Enrollment.model_validate_json(answer.content).identity
    added = client.post(f"{people}/{identity.id}/photos", json={"photo": base64_of(astronaut_jpeg())})
    assert added.status_code == 201
    found = client.post("/v1/galleries/second/identify", files={"photo": astronaut_jpeg()}).json()
    assert (found["matches"][0]["distance"], found["people"]) == (0, 1)


def test_of_several_photos_one_bad_one_fails_alone(client: httpx.Client) -> None:
    photos = [astronaut_jpeg(), astronaut_jpeg()[:5000], no_face_jpeg()]
    answer = client.post("/v1/detect/batch", files=[("photos", photo) for photo in photos])
    told = [one["value"] and len(one["value"]["faces"]) for one in answer.json()["answers"]]
    assert told == [1, None, 0]


def test_a_photo_of_nearly_ten_megabytes_may_come_as_json(client: httpx.Client) -> None:
    photo = astronaut_jpeg() + bytes(9_900_000)
    assert client.post("/v1/detect", json={"photo": base64_of(photo)}).status_code == 200


def test_a_room_in_which_nobody_may_wait_compares_two_photos_and_reads_several(
    start_room: Callable[..., FaceRoom],
) -> None:
    room = start_room(FACE_QUEUE="0")
    both = {"photo_a": astronaut_jpeg(), "photo_b": astronaut_jpeg()}
    assert room.client.post("/v1/verify", files=both).status_code == 200
    several = room.client.post("/v1/detect/batch", files=[("photos", astronaut_jpeg())] * 3).json()
    assert [one["problem"] for one in several["answers"]] == [None] * 3


@pytest.mark.parametrize("path", ["/v1/detect", "/v1/verify", "/v1/detect/batch"])
def test_a_body_that_is_too_large_is_a_problem_as_any_other(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"photo": "a" * 40_000_000})
    assert answer.headers["content-type"] == "application/problem+json"
    assert Problem.model_validate_json(answer.content).code == "body_too_large"


def test_the_log_holds_nothing_of_a_person_who_came_as_json(room: FaceRoom, client: httpx.Client) -> None:
    client.post(PEOPLE.format("log"), json={"photo": base64_of(astronaut_jpeg()), "name": "Secretia"})
    client.get(PEOPLE.format("log"), params={"name": "Secretia"})
    client.post("/v1/detect", json={"photo": base64_of(b"words of a person")})
    for secret in ("Secretia", TOKEN, base64_of(b"words of a person")):
        assert secret not in room.log
