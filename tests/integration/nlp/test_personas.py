"""Personas: by channel and chat, shown and switched by /persona, read anew when the file changes."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.event import CommandGiven, Person
from tests.builders import NOON, OPEN_QUESTION, message
from tests.fakes.openai_server import METHOD, OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")
PROMPTS = """\
personas:
  plain: {title: Says it plainly, instructions: You are plain.}
  pirate: {title: A pirate, instructions: You are a pirate.}
rules: [{channel: slack, persona: pirate}]
default: plain
"""


@pytest.fixture(scope="module")
def bots(folder: Path) -> Path:
    """A folder of bots of its own."""
    shutil.copytree("bots/demo", folder / "bots" / "demo")
    return folder / "bots"


@pytest.fixture(scope="module")
def persona_room(
    folder: Path, bots: Path, redis_process: RedisProcess, model: OpenAIServer
) -> Iterator[NlpRoom]:
    """nlp with a language model and these bots."""
    with NlpRoom(folder, redis_process.url, OPENAI_BASE_URL=model.url, NLP_BOTS_DIR=str(bots)) as room:
        yield room


@pytest.fixture(autouse=True)
def _fresh(model: OpenAIServer, bots: Path) -> None:
    model.reset()
    model.script(["Well."])
    _write(bots, PROMPTS)


def _write(bots: Path, text: str) -> None:
    (bots / "demo" / "prompts.yml").write_text(text, "utf-8")


def _command(
    text: str, number: int, locale: str | None = None, conversation_id: str = "web:c1"
) -> CommandGiven:
    facts = {"event_id": f"p{number}", "conversation_id": "web:c1", "at": NOON}
    return CommandGiven(**facts, user=Person(id="p1", locale=locale), name="persona", text=text)


def _prompt(room: NlpRoom, model: OpenAIServer, conversation_id: str = "web:c1") -> str:
    room.turn(message(OPEN_QUESTION, conversation_id=conversation_id))
    return str(model.called(METHOD)[-1]["messages"][0]["content"])


def test_a_rule_says_which_persona_answers_where(persona_room: NlpRoom, model: OpenAIServer) -> None:
    assert _prompt(persona_room, model) == "You are plain."
    assert _prompt(persona_room, model, "slack:T1:C1:1.2") == "You are a pirate."


def test_a_changed_file_counts_from_the_next_turn(
    persona_room: NlpRoom, model: OpenAIServer, bots: Path
) -> None:
    assert _prompt(persona_room, model) == "You are plain."
    _write(bots, PROMPTS.replace("You are plain.", "You are plainer still."))
    assert _prompt(persona_room, model) == "You are plainer still."


def test_while_the_file_is_wrong_the_last_right_one_counts_and_the_mistake_is_logged(
    persona_room: NlpRoom, model: OpenAIServer, bots: Path
) -> None:
    assert _prompt(persona_room, model) == "You are plain."
    _write(bots, "personas:\n  plain: {tone: x}\n")
    assert _prompt(persona_room, model) == "You are plain."
    mistakes = persona_room.logged("nlp.prompts.refused")[-1]["mistakes"]
    assert mistakes[0].startswith("prompts.yml:2: tone:")


def test_a_bot_without_the_file_has_the_prompt_of_its_config(
    persona_room: NlpRoom, model: OpenAIServer, bots: Path
) -> None:
    (bots / "demo" / "prompts.yml").unlink()
    assert "demo bot" in _prompt(persona_room, model)
    assert persona_room.says(_command("", 1)) == ["I have one persona only."]


def test_persona_lists_all_and_says_which_one_answers(persona_room: NlpRoom, model: OpenAIServer) -> None:
    (said,) = persona_room.says(_command("", 2))
    assert "I answer as **plain** here." in said
    assert "- **pirate**: A pirate" in said
    assert model.calls == []


def test_persona_with_a_name_switches_this_conversation_alone(
    persona_room: NlpRoom, model: OpenAIServer
) -> None:
    assert persona_room.says(_command("Pirate", 3)) == ["From now on I answer as **pirate** here."]
    assert _prompt(persona_room, model) == "You are a pirate."
    assert _prompt(persona_room, model, "web:c2") == "You are plain."


def test_a_persona_that_there_is_not_changes_nothing(persona_room: NlpRoom, model: OpenAIServer) -> None:
    assert "plain, pirate" in persona_room.says(_command("ninja", 4))[0]
    assert _prompt(persona_room, model) == "You are plain."


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh-Hant-TW", "從現在起，我在這裡以 **pirate** 的角色回答。"),
        ("zh-Hans", "从现在起，我在这里以 **pirate** 的角色回答。"),
    ],
)
def test_who_reads_chinese_is_told_in_chinese(persona_room: NlpRoom, locale: str, said: str) -> None:
    assert persona_room.says(_command("pirate", 5, locale)) == [said]
