"""Whatever is asked of nlp and of Rasa's API, what comes is as OpenAPI says, and never a fault of its own."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from schemathesis import Case

from tests.integration.nlp.room import TOKEN, NlpRoom
from tests.openapi_fuzzing import fuzz
from tests.redis_process import RedisProcess

EXAMPLES = 4


@pytest.fixture
def room(tmp_path: Path, redis_process: RedisProcess) -> Iterator[NlpRoom]:
    """With the bot that starts soonest, and Rasa's API on."""
    with NlpRoom(tmp_path, redis_process.url, NLP_BOT="echo", NLP_RASA_TOKEN=TOKEN) as room:
        yield room


def test_any_question_gets_an_answer_as_declared(room: NlpRoom) -> None:
    def prepare(case: Case) -> Mapping[str, str]:
        if "bot" in case.path_parameters:
            case.path_parameters["bot"] = "echo"
        if case.query and "bot" in case.query:
            del case.query["bot"]
        return {"Authorization": f"Bearer {TOKEN}"}

    asked = fuzz(str(room.client.base_url).rstrip("/"), EXAMPLES, prepare, once={"POST /model/train"})
    assert len(asked) > 20
    assert '"level": "error"' not in room.log.read_text("utf-8")
