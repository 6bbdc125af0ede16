"""A room whose language model is open to some people only."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.event import Person
from contracts.turn import TurnReply
from tests.builders import message
from tests.fakes.openai_server import OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")
STRANGE = "quux flibble"


@pytest.fixture(scope="module")
def half_open(folder: Path, redis_process: RedisProcess, model: OpenAIServer) -> Iterator[NlpRoom]:
    allowed = {"NLP_MODEL_FOR": "slack:T1, telegram@42"}
    with NlpRoom(folder, redis_process.url, OPENAI_BASE_URL=model.url, **allowed) as room:
        yield room


@pytest.fixture(autouse=True)
def _fresh_model(model: OpenAIServer) -> None:
    model.reset()
    model.script(["The model."])


def said(room: NlpRoom, conversation_id: str, person: str, text: str = STRANGE) -> str:
    event = message(text, conversation_id).model_copy(update={"user": Person(id=person)})
    [reply] = [item.reply.text for item in room.turn(event) if isinstance(item, TurnReply)]
    return reply


@pytest.mark.parametrize(("place", "person"), [("slack:T1:C1:5.1", "U9"), ("telegram:default:-7", "42")])
def test_who_is_named_is_answered_by_the_model(half_open: NlpRoom, place: str, person: str) -> None:
    assert said(half_open, place, person) == "The model."


@pytest.mark.parametrize(
    ("place", "person", "name"),
    [
        ("telegram:default:7", "7", "telegram@7"),
        ("slack:T2:C1:5.1", "U9", "slack@U9"),
        ("web:c1", "p", "web"),
    ],
)
def test_who_is_not_named_hears_which_name_would_let_them_in_and_costs_nothing(
    half_open: NlpRoom, model: OpenAIServer, place: str, person: str, name: str
) -> None:
    assert f"`{name}`" in said(half_open, place, person)
    assert model.calls == []


def test_what_the_bot_knows_it_answers_for_everybody(half_open: NlpRoom, model: OpenAIServer) -> None:
    assert "NLP_MODEL_FOR" not in said(half_open, "web:c1", "p", "thank you")
    assert model.calls == []
