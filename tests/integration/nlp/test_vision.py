"""A photo with a question goes to the vision model; every other one is looked for a likeness."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from contracts.event import PhotoRef
from contracts.problem import Problem
from contracts.turn import CallResult, TurnNeed, TurnReply
from tests.builders import OPEN_QUESTION, message
from tests.fakes.openai_server import METHOD, OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")
PICTURE = "data:image/png;base64,U0VDUkVU"
PHOTO = PhotoRef(source="telegram", id="f1")


@pytest.fixture(scope="module")
def seeing_room(folder: Path, redis_process: RedisProcess, model: OpenAIServer) -> Iterator[NlpRoom]:
    """nlp with a vision model."""
    with NlpRoom(folder, redis_process.url, OPENAI_BASE_URL=model.url, OPENAI_VISION_MODEL="seer") as room:
        yield room


@pytest.fixture(autouse=True)
def _fresh_model(model: OpenAIServer) -> None:
    model.reset()
    model.script(["A", " board."])


def _needs(room: NlpRoom, text: str) -> list[str]:
    items = room.turn(message(text, photo=PHOTO))
    return [item.kind for item in items if isinstance(item, TurnNeed)]


async def test_a_photo_with_a_question_is_shown_to_the_vision_model_and_kept_nowhere(
    seeing_room: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    event = message(OPEN_QUESTION, photo=PHOTO)
    assert seeing_room.turn(event) == [TurnNeed(call_id="photo", kind="photo")]
    results = {"photo": CallResult(value={"data_url": PICTURE})}
    assert seeing_room.says(event, results) == ["A board."]
    (asked,) = model.called(METHOD)
    assert asked["model"] == "seer"
    text, picture = asked["messages"][-1]["content"]
    assert (text["text"], picture["image_url"]["url"]) == (OPEN_QUESTION, PICTURE)
    assert "U0VDUkVU" not in str(await redis_client.hgetall("tracker:web:c1"))
    assert "U0VDUkVU" not in seeing_room.log.read_text("utf-8")
    seeing_room.turn(message(OPEN_QUESTION))
    assert "U0VDUkVU" not in str(model.called(METHOD)[1])
    assert model.called(METHOD)[1]["model"] != "seer"


def test_a_photo_without_a_question_is_looked_for_a_likeness(seeing_room: NlpRoom) -> None:
    assert _needs(seeing_room, " ") == ["face.identify"]


def test_a_question_that_a_rule_knows_leaves_the_photo_to_the_look_alike(seeing_room: NlpRoom) -> None:
    assert _needs(seeing_room, "who do I look like") == ["face.identify"]


def test_without_a_vision_model_every_photo_is_looked_for_a_likeness(room_with_model: NlpRoom) -> None:
    assert _needs(room_with_model, OPEN_QUESTION) == ["face.identify"]


def test_a_photo_that_cannot_be_had_is_said_to_be_and_costs_nothing(
    seeing_room: NlpRoom, model: OpenAIServer
) -> None:
    gone = CallResult(problem=Problem(title="gone", status=410, code="photo_gone"))
    items = seeing_room.turn(message(OPEN_QUESTION, photo=PHOTO), results={"photo": gone})
    said = [item.reply.text for item in items if isinstance(item, TurnReply)]
    assert said == ["I no longer have this photo. Please send it again."]
    assert model.calls == []


def test_a_photo_of_the_largest_size_fits_into_a_turn(seeing_room: NlpRoom) -> None:
    results = {"photo": CallResult(value={"data_url": PICTURE + "A" * 6_600_000})}
    assert seeing_room.says(message(OPEN_QUESTION, photo=PHOTO), results) == ["A board."]
