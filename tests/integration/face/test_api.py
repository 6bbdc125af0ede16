"""The face room over HTTP: real process, real models."""

import io
import json
import re

import httpx
import pytest
from PIL import Image

from contracts.face import (
    Detection,
    Enrollment,
    Identification,
    IdentityList,
    Verification,
)
from contracts.problem import Problem
from tests.integration.face.room import FaceRoom
from tests.unit.face.photos import (
    astronaut,
    astronaut_jpeg,
    blank_png,
    encoded,
    no_face_jpeg,
    sixteen_bit_png,
    with_orientation,
)


def enroll(room: FaceRoom, gallery: str, photo: bytes, **fields: str) -> httpx.Response:
    return room.client.post(
        f"/v1/galleries/{gallery}/identities", files={"photo": ("p", photo)}, data={"name": "Eileen"} | fields
    )


def identify(room: FaceRoom, gallery: str, photo: bytes, limit: int = 1) -> Identification:
    answer = room.client.post(
        f"/v1/galleries/{gallery}/identify", params={"limit": limit}, files={"photo": ("p", photo)}
    )
    assert answer.status_code == 200, answer.text
    return Identification.model_validate_json(answer.content)


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = Problem.model_validate_json(answer.content)
    assert body.request_id
    return answer.status_code, body.code


def montage() -> bytes:
    """Two faces, the larger at the right."""
    image = Image.new("RGB", (1250, 750), "grey")
    image.paste(astronaut().resize((500, 500)), (0, 100))
    image.paste(astronaut().resize((750, 750)), (500, 0))
    return encoded(image, quality=90)


def test_health_and_readiness_need_no_token(room: FaceRoom) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert httpx.get(room.url + path, trust_env=False).status_code == 200


@pytest.mark.parametrize("shown", [None, "Bearer wrong", "token-for-tests"])
def test_without_the_token_nothing_is_told(room: FaceRoom, shown: str | None) -> None:
    headers = {"Authorization": shown} if shown else {}
    answer = httpx.get(f"{room.url}/v1/galleries/default/identities", headers=headers, trust_env=False)
    assert problem(answer) == (401, "unauthorized")


def test_a_person_is_enrolled_found_listed_and_removed(room: FaceRoom) -> None:
    fields = {
        "alias": "eileen-collins",
        "role": "astronaut",
        "n_movies": "3",
        "licence": "PD",
        "source": "NASA",
    }
    answer = enroll(room, "life", astronaut_jpeg(), **fields)
    assert answer.status_code == 201
    enrollment = Enrollment.model_validate_json(answer.content)
    identity = enrollment.identity
    assert enrollment.faces_found == 1
    assert (identity.name, identity.alias, identity.role) == ("Eileen", "eileen-collins", "astronaut")
    assert (identity.n_movies, identity.licence, identity.source) == (3, "PD", "NASA")

    found = identify(room, "life", sixteen_bit_png())
    assert (found.outcome, found.faces_found) == ("matched", 1)
    assert found.matches[0].identity == identity
    assert found.matches[0].same_person
    assert found.matches[0].percent == 100

    path = f"/v1/galleries/life/identities/{identity.id}"
    identity = identity.model_copy(update={"found": 1})
    assert room.client.get(path).json() == json.loads(identity.model_dump_json())
    listed = IdentityList.model_validate_json(room.client.get("/v1/galleries/life/identities").content)
    assert listed.identities == (identity,)

    photo = room.client.get(path + "/photo")
    kept = Image.open(io.BytesIO(photo.content))
    assert photo.headers["content-type"] == "image/jpeg"
    assert identity.photo
    assert kept.size == (identity.photo.width, identity.photo.height)

    assert room.client.delete(path).status_code == 204
    assert identify(room, "life", astronaut_jpeg()).outcome == "gallery_empty"
    for answer in (room.client.delete(path), room.client.get(path), room.client.get(path + "/photo")):
        assert problem(answer) == (404, "identity_unknown")


def test_no_face_is_an_answer_when_asking_and_an_error_when_enrolling(room: FaceRoom) -> None:
    found = identify(room, "nobody", no_face_jpeg())
    assert (found.outcome, found.faces_found, found.face, found.matches) == ("no_face", 0, None, ())
    assert (found.image.width, found.image.height) == (600, 400)
    assert problem(enroll(room, "nobody", no_face_jpeg())) == (422, "no_face")


def test_an_empty_gallery_is_an_answer_that_still_shows_the_face(room: FaceRoom) -> None:
    found = identify(room, "nobody", astronaut_jpeg())
    assert found.outcome == "gallery_empty"
    assert found.face
    assert abs(found.face.box.left - 179) < 10


def test_of_several_faces_the_main_one_is_enrolled_and_the_answer_says_so(room: FaceRoom) -> None:
    enrollment = Enrollment.model_validate_json(enroll(room, "several", montage()).content)
    assert enrollment.faces_found == 2
    assert enrollment.identity.box
    assert enrollment.identity.box.left > 250  # of 640: the right half
    assert identify(room, "several", montage()).faces_found == 2


def test_several_matches_come_nearest_first(room: FaceRoom) -> None:
    enroll(room, "ranked", encoded(astronaut().resize((200, 200)), quality=40), name="Small")
    enroll(room, "ranked", astronaut_jpeg(), name="Exact")
    found = identify(room, "ranked", astronaut_jpeg(), limit=10)
    assert [match.identity.name for match in found.matches] == ["Exact", "Small"]
    assert found.matches[0].distance == 0 < found.matches[1].distance


def test_detect_tells_all_faces_the_main_one_first(room: FaceRoom) -> None:
    answer = room.client.post("/v1/detect", files={"photo": montage()})
    detection = Detection.model_validate_json(answer.content)
    assert detection.faces[0].box.left > 600 > detection.faces[1].box.left
    assert (detection.image.width, detection.image.height) == (1250, 750)


def test_verify_compares_the_main_faces_of_two_photos(room: FaceRoom) -> None:
    both = {"photo_a": astronaut_jpeg(), "photo_b": with_orientation(astronaut().resize((600, 600)), 6)}
    verification = Verification.model_validate_json(room.client.post("/v1/verify", files=both).content)
    assert (verification.outcome, verification.same_person) == ("compared", True)
    both["photo_b"] = no_face_jpeg()
    verification = Verification.model_validate_json(room.client.post("/v1/verify", files=both).content)
    assert (verification.outcome, verification.distance, verification.same_person) == ("no_face", None, None)


def test_verify_takes_two_photos_of_nearly_ten_megabytes(room: FaceRoom) -> None:
    padded = astronaut_jpeg() + bytes(9_900_000)
    answer = room.client.post("/v1/verify", files={"photo_a": padded, "photo_b": padded})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("photo", "wanted"),
    [
        (b"", (422, "photo_empty")),
        (b"I am text, whatever my name says", (415, "photo_unsupported")),
        (astronaut_jpeg()[:5000], (422, "photo_unreadable")),
        (blank_png(20_000, 20_000), (413, "photo_too_large")),
        (astronaut_jpeg() + bytes(10 * 1024 * 1024 - 1000), (413, "photo_too_large")),
    ],
    ids=["empty", "text.jpg", "truncated", "bomb", "10 MB"],
)
def test_a_bad_photo_gets_its_own_clear_answer(room: FaceRoom, photo: bytes, wanted: tuple[int, str]) -> None:
    assert problem(room.client.post("/v1/detect", files={"photo": ("photo.jpg", photo)})) == wanted


def test_a_larger_body_is_refused(room: FaceRoom) -> None:
    answer = room.client.post("/v1/detect", files={"photo": bytes(30_000_000)})
    assert problem(answer) == (413, "body_too_large")


@pytest.mark.parametrize("name", ["Upper", "a_b", "..%2f", "a" * 41])
def test_gallery_names_are_plain(room: FaceRoom, name: str) -> None:
    assert room.client.get(f"/v1/galleries/{name}/identities").status_code in (404, 422)


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": " "}, {"name": "a" * 201}, {"n_movies": "many"}, {"n_movies": "-1"}]
)
def test_a_bad_field_is_refused_before_the_photo_is_looked_at(room: FaceRoom, fields: dict[str, str]) -> None:
    assert problem(enroll(room, "fields", astronaut_jpeg(), **fields)) == (422, "invalid")


def test_numbers_for_a_monitor_are_told(room: FaceRoom) -> None:
    room.client.post("/v1/detect", files={"photo": astronaut_jpeg()})
    text = room.client.get("/metrics").text
    assert 'switchboard_face_photos_total{outcome="read"}' in text
    assert "switchboard_face_photos_waiting 0.0" in text
    assert re.search(r'switchboard_face_stage_seconds_count\{stage="find"\} [1-9]', text)
    assert re.search(r"switchboard_faces_found_total [1-9]", text)
    assert re.search(r"switchboard_disk_free_bytes [1-9]", text)


def test_the_log_holds_json_and_nothing_of_a_person(room: FaceRoom) -> None:
    enroll(room, "logged", astronaut_jpeg(), name="Secretia Nameson")
    identify(room, "logged", astronaut_jpeg())
    room.client.post("/v1/detect", files={"photo": b"words of a person"})
    for line in room.log.splitlines():
        assert json.loads(line)["room"] == "face"
    for secret in ("Secretia", "token-for-tests", "words of a person"):
        assert secret not in room.log
