"""Dialogue first, and the model where the dialogue is not sure enough."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.event import ButtonPressed, Person
from tests.builders import NOON, message
from tests.fakes.openai_server import OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")
KNOWN = "thank you"
PAUSE = """
intents: [call_a_person]
actions: [action_pause]
rules:
  - rule: a person takes over
    steps: [{intent: call_a_person}, {action: action_pause}]
"""
PAUSES = """
from rasa_sdk import Action
from rasa_sdk.events import ConversationPaused


class Pause(Action):
    def name(self):
        return "action_pause"

    def run(self, dispatcher, tracker, domain):
        return [ConversationPaused()]
"""


@pytest.fixture(scope="module")
def bots(folder: Path) -> Path:
    """The demo bot, that answers nothing itself but what it cannot mistake."""
    demo = folder / "bots" / "demo"
    shutil.copytree("bots/demo", demo)
    config = (demo / "config.yml").read_text("utf-8")
    (demo / "config.yml").write_text(
        config.replace("llm:\n  threshold: 0.7", "llm:\n  threshold: 1.0"), "utf-8"
    )
    (demo / "data" / "pause.yml").write_text(PAUSE, "utf-8")
    (demo / "actions.py").write_text(PAUSES, "utf-8")
    return demo.parent


def _places(bots: Path) -> dict[str, str]:
    """Models of its own: another room's demo bot would move `current` to its version."""
    return {"NLP_BOTS_DIR": str(bots), "NLP_MODELS_DIR": str(bots.parent / "hybrid-models")}


@pytest.fixture(scope="module")
def hybrid_room(
    folder: Path, bots: Path, redis_process: RedisProcess, model: OpenAIServer
) -> Iterator[NlpRoom]:
    """nlp with this bot and a model."""
    with NlpRoom(folder, redis_process.url, OPENAI_BASE_URL=model.url, **_places(bots)) as room:
        yield room


@pytest.fixture(scope="module")
def modelless_room(folder: Path, bots: Path, redis_process: RedisProcess) -> Iterator[NlpRoom]:
    """nlp with this bot and no model."""
    with NlpRoom(folder, redis_process.url, **_places(bots)) as room:
        yield room


@pytest.fixture(autouse=True)
def _fresh_model(model: OpenAIServer) -> None:
    model.reset()
    model.script(["The model."])


def test_what_the_dialogue_is_less_sure_of_than_the_threshold_goes_to_the_model(
    hybrid_room: NlpRoom, room_with_model: NlpRoom
) -> None:
    assert room_with_model.says(message(KNOWN)) != ["The model."]
    assert hybrid_room.says(message(KNOWN, conversation_id="web:c2")) == ["The model."]


@pytest.mark.parametrize("text", ["give me 5 ideas for a birthday", "my order 4711 is late"])
def test_a_number_alone_makes_no_sum_where_there_is_a_model(room_with_model: NlpRoom, text: str) -> None:
    assert room_with_model.says(message(text)) == ["The model."]


def test_what_the_dialogue_is_sure_of_stays_its_own(hybrid_room: NlpRoom, model: OpenAIServer) -> None:
    facts = {"event_id": "b1", "conversation_id": "web:c1", "at": NOON, "user": Person(id="p1")}
    assert hybrid_room.says(ButtonPressed(**facts, payload="/ask_help")) != ["The model."]
    assert model.calls == []


def test_without_a_model_the_dialogue_answers_what_it_can(modelless_room: NlpRoom) -> None:
    (said,) = modelless_room.says(message(KNOWN))
    assert "did not understand" not in said


def test_while_the_bot_is_paused_no_engine_answers(hybrid_room: NlpRoom, model: OpenAIServer) -> None:
    facts = {"conversation_id": "web:c3", "at": NOON, "user": Person(id="p1")}
    assert hybrid_room.says(ButtonPressed(event_id="b2", payload="/call_a_person", **facts)) == []
    assert hybrid_room.says(message("what is love", conversation_id="web:c3")) == []
    assert model.calls == []
