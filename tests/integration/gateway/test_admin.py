"""The gallery's administration: off without a token, closed to others, and passed on to the face room."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.gateway.fake_face import PHOTO, FaceServer
from tests.integration.gateway.room import ADMIN_TOKEN, GatewayRoom
from tests.integration.gateway.web_page import WebPage
from tests.redis_process import RedisProcess, free_port

LIST = "/api/v1/admin/identities"
ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
CALLS = [("GET", LIST), ("POST", LIST), ("DELETE", f"{LIST}/id-1")]


@pytest.fixture
def lonely(tmp_path: Path, redis_process: RedisProcess) -> Iterator[GatewayRoom]:
    """A gateway without an administrator and without a face room."""
    nowhere = f"http://127.0.0.1:{free_port()}"
    room = GatewayRoom(tmp_path, redis_process.url, ADMIN_TOKEN="", FACE_URL=nowhere)
    room.start()
    yield room
    room.close()


def test_without_a_token_in_the_settings_there_is_no_administration(lonely: GatewayRoom) -> None:
    for method, path in CALLS:
        for headers in ({}, ADMIN, {"Authorization": "Bearer"}):
            answer = lonely.client.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "admin_off")


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer admin-for-test", f"Basic {ADMIN_TOKEN}"])
def test_another_token_is_refused_and_asks_nothing_of_the_face_room(
    gateway: GatewayRoom, face: FaceServer, shown: str
) -> None:
    for method, path in CALLS:
        answer = gateway.client.request(method, path, headers={"Authorization": shown} if shown else {})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert not face.calls


def test_a_persons_cookie_is_no_admin_token(gateway: GatewayRoom) -> None:
    page = WebPage(gateway.url)
    assert page.http.get(LIST).status_code == 401
    page.http.close()


def test_the_list_is_the_face_rooms(gateway: GatewayRoom, face: FaceServer) -> None:
    answer = gateway.client.get(LIST, headers=ADMIN)
    assert (answer.status_code, answer.json()) == (200, {"identities": [{"id": "id-1"}]})
    assert face.called("list")[0]["gallery"] == "default"


def test_a_form_reaches_the_face_room_as_it_came(gateway: GatewayRoom, face: FaceServer) -> None:
    photo = bytes(range(256)) * 1000
    files = {"photo": ("portrait.jpg", photo, "image/jpeg")}
    answer = gateway.client.post(LIST, headers=ADMIN, files=files, data={"name": "Ada"})
    assert (answer.status_code, answer.json()) == (201, {"id": "id-2"})
    (call,) = face.called("enroll")
    assert photo in call["body"]
    assert call["content_type"].startswith("multipart/form-data; boundary=")


def test_a_form_over_its_limit_is_refused(gateway: GatewayRoom, face: FaceServer) -> None:
    answer = gateway.client.post(LIST, headers=ADMIN, content=b"x" * 11_000_000)
    assert answer.status_code == 413
    assert not face.called("enroll")


def test_a_removed_person_is_answered_with_nothing(gateway: GatewayRoom, face: FaceServer) -> None:
    answer = gateway.client.delete(f"{LIST}/id-1", headers=ADMIN)
    assert (answer.status_code, answer.content) == (204, b"")
    assert face.called("remove")[0]["identity"] == "id-1"


@pytest.mark.parametrize("identity", ["a%2Fb", "..%2F..%2Fv1", "%2e%2e%2f", "a" * 65, "a%3Fx", "a%20b"])
def test_no_other_path_of_the_face_room_can_be_asked_for(
    gateway: GatewayRoom, face: FaceServer, identity: str
) -> None:
    assert not gateway.client.delete(f"{LIST}/{identity}", headers=ADMIN).is_success
    assert not face.calls


def test_a_matchs_picture_is_for_people_who_are_known(gateway: GatewayRoom) -> None:
    path = "/api/v1/galleries/default/identities/id-1/photo"
    assert gateway.client.get(path).status_code == 401
    page = WebPage(gateway.url)
    answer = page.http.get(path)
    assert answer.content == PHOTO
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"].startswith("private")
    page.http.close()


def test_a_picture_that_is_missing_now_is_not_remembered_as_missing(gateway: GatewayRoom) -> None:
    page = WebPage(gateway.url)
    answer = page.http.get("/api/v1/galleries/default/identities/id-9/photo")
    assert (answer.status_code, answer.json()["code"]) == (404, "identity_unknown")
    assert "max-age" not in answer.headers.get("cache-control", "")
    page.http.close()


def test_a_face_room_that_is_away_is_a_503(lonely: GatewayRoom) -> None:
    page = WebPage(lonely.url)
    answer = page.http.get("/api/v1/galleries/default/identities/id-1/photo")
    assert (answer.status_code, answer.json()["code"]) == (503, "face_down")
    assert int(answer.headers["retry-after"]) > 0
    page.http.close()
