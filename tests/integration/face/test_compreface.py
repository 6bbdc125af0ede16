"""What CompreFace's clients do, against a running room."""

import httpx

from tests.integration.face.room import TOKEN, FaceRoom
from tests.unit.face.photos import astronaut, astronaut_jpeg, encoded, no_face_jpeg

API = "/api/v1/recognition"


def test_a_client_of_compreface_saves_recognizes_and_verifies(client: httpx.Client) -> None:
    key = {"x-api-key": f"{TOKEN}:compreface"}
    saved = client.post(
        f"{API}/faces", params={"subject": "Eileen"}, files={"file": astronaut_jpeg()}, headers=key
    ).json()
    smaller = encoded(astronaut().resize((400, 400)), quality=70)
    params = {"limit": 0, "det_prob_threshold": 0.8, "prediction_count": 3, "face_plugins": "calculator"}
    answer = client.post(f"{API}/recognize", params=params, files={"file": smaller}, headers=key).json()
    [face] = answer["result"]
    assert face["subjects"][0]["subject"] == "Eileen"
    assert face["subjects"][0]["similarity"] > 0.95
    assert len(face["embedding"]) == 128
    path = f"{API}/faces/{saved['image_id']}"
    compared = client.post(f"{path}/verify", files={"file": smaller}, headers=key).json()
    assert compared["result"][0]["similarity"] > 0.95
    refused = client.post(f"{API}/recognize", files={"file": no_face_jpeg()}, headers=key)
    assert refused.json() == {"message": "No face is found in the given image", "code": 28}
    assert client.get(f"{path}/img", headers=key).content.startswith(b"\xff\xd8")
    assert client.delete(path, headers=key).json()["subject"] == "Eileen"


def test_the_log_holds_nothing_of_a_subject(room: FaceRoom, client: httpx.Client) -> None:
    client.post(f"{API}/faces", params={"subject": "Secretia"}, files={"file": astronaut_jpeg()})
    client.put(f"{API}/subjects/Secretia", json={"subject": "Nameson"})
    client.delete(f"{API}/subjects/Nameson")
    for secret in ("Secretia", "Nameson", TOKEN):
        assert secret not in room.log
