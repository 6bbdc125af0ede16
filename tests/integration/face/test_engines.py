"""The other search engine, through the whole room."""

import json
from collections.abc import Callable

from contracts.face import Identification
from tests.integration.face.room import FaceRoom
from tests.unit.face.photos import astronaut_jpeg, sixteen_bit_png


def test_a_room_that_searches_by_graph_answers_alike(start_room: Callable[..., FaceRoom]) -> None:
    room = start_room(FACE_INDEX="hnsw", FACE_PROCESSES="2")
    assert len(room.workers()) == 2
    room.client.post(
        "/v1/galleries/default/identities", files={"photo": astronaut_jpeg()}, data={"name": "Eileen"}
    )
    answer = room.client.post("/v1/galleries/default/identify", files={"photo": sixteen_bit_png()})
    match = Identification.model_validate_json(answer.content).matches[0]
    assert (match.identity.name, match.same_person) == ("Eileen", True)
    assert all(json.loads(line) for line in room.log.splitlines())
