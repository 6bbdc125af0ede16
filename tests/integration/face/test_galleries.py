"""Galleries of running rooms: what one does the other knows, and what is broken stays alone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.face import Enrollment
from services.face.changes import Enrolled, format_change
from tests.integration.face.room import FaceRoom
from tests.synthetic_faces import enrolled
from tests.unit.face.gallery_builders import person
from tests.unit.face.photos import astronaut_jpeg
from tests.waiting import until

StartRoom = Callable[..., FaceRoom]


def enroll(room: FaceRoom, name: str, gallery: str = "default") -> str:
    answer = room.client.post(
        f"/v1/galleries/{gallery}/identities", files={"photo": astronaut_jpeg()}, data={"name": name}
    )
    return Enrollment.model_validate_json(answer.content).identity.id


def people(room: FaceRoom) -> int:
    """By its metrics, which read no gallery."""
    found = re.search(r"^switchboard_face_people (\d+)", room.client.get("/metrics").text, re.MULTILINE)
    assert found
    return int(found[1])


@pytest.mark.alone
def test_what_one_room_does_the_other_knows_within_a_second_though_nobody_asks(start_room: StartRoom) -> None:
    one, other = start_room(), start_room()
    person_id = enroll(one, "Ada")
    until(lambda: people(other) == 1, "the other room knows her", timeout_s=1)
    one.client.delete(f"/v1/galleries/default/identities/{person_id}")
    until(lambda: people(other) == 0, "the other room has forgotten her", timeout_s=1)


def test_a_damaged_gallery_answers_so_and_the_others_go_on(start_room: StartRoom, tmp_path: Path) -> None:
    damaged = tmp_path / "face" / "galleries" / "damaged"
    damaged.mkdir(parents=True)
    (damaged / "journal").write_bytes(b"nonsense\nnonsense\n")
    room = start_room()
    answer = room.client.get("/v1/galleries/damaged/identities")
    assert (answer.status_code, answer.json()["code"]) == (500, "gallery_damaged")
    listed = room.client.get("/v1/galleries").json()["galleries"]
    assert [(one["name"], one["is_damaged"]) for one in listed] == [("damaged", True)]
    enroll(room, "Ada")
    answer = room.client.post("/v1/galleries/default/identify", files={"photo": astronaut_jpeg()})
    assert answer.json()["matches"][0]["identity"]["name"] == "Ada"


def test_a_room_builds_its_graph_while_it_answers_and_has_it_after_a_sigkill(
    start_room: StartRoom, tmp_path: Path
) -> None:
    folder = tmp_path / "face" / "galleries" / "default"
    folder.mkdir(parents=True)
    lines = [format_change(Enrolled(person(n), row)) for n, row in enumerate(enrolled(3000))]
    (folder / "journal").write_bytes(b"".join(lines))
    room = start_room(FACE_INDEX="hnsw")
    until(lambda: (folder / "graph").exists(), "the graph is built")
    room.kill()
    [graph] = folder.glob("graph-*.bin")
    room.start()
    answer = room.client.post("/v1/galleries/default/identify", files={"photo": astronaut_jpeg()})
    assert answer.json()["outcome"] == "matched"
    assert list(folder.glob("graph-*.bin")) == [graph]
