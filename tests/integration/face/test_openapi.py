"""Whatever is asked of face's API, what comes is what OpenAPI says, and never a fault of its own."""

from collections.abc import Mapping

from schemathesis import Case

from tests.integration.face.room import TOKEN, FaceRoom
from tests.openapi_fuzzing import fuzz

EXAMPLES = 4


def test_any_question_gets_an_answer_as_declared(room: FaceRoom) -> None:
    def prepare(_: Case) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {TOKEN}", "x-api-key": TOKEN}

    asked = fuzz(room.url, EXAMPLES, prepare)
    assert len(asked) > 30
    assert '"level": "error"' not in room.log
