"""What a skill is asked with, where a rule calls it."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from contracts.reply import Reply
from services.nlp.dialogue.events import user_uttered
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import Bot
from services.nlp.nlu.parse import Entity, Parse
from services.nlp.skills.base import Answer, Asked
from services.nlp.skills.calling import Caller
from services.nlp.skills.guarded import Guarded


@dataclass
class Look:
    """Notes what it was asked."""

    reads_sentences: bool
    name = "look"
    description = "Looks something up."
    parameters: ClassVar[dict[str, Any]] = {"type": "object", "properties": {"topic": {}, "day": {}}}
    hosts = ()
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def run(self, asked: Asked) -> Answer:
        self.asked.append(dict(asked.args))
        return Answer(Reply(text="found"))


async def called(skill: Look, text: str, *entities: Entity) -> dict[str, Any]:
    tracker = Tracker.of(Bot(name="b"), sender_id="web:a")
    tracker.update(user_uttered(Parse(text, "ask", 1.0, entities=entities), "web", "e1"))
    await Caller({"look": Guarded(skill, 1)}).act("skill_look", tracker)
    return skill.asked[0]


async def test_a_skill_that_reads_sentences_has_the_message_where_its_first_argument_is_not() -> None:
    assert await called(Look(True), "誰是李白") == {"topic": "誰是李白"}


async def test_another_skill_is_told_nothing_then() -> None:
    assert await called(Look(False), "what is the weather") == {}


@pytest.mark.parametrize("text", ["/ask", '/ask{"x": 1}'])
async def test_a_buttons_payload_is_no_sentence(text: str) -> None:
    assert not (await called(Look(True), text)).get("topic")


async def test_an_entity_comes_before_the_message() -> None:
    entity = Entity("topic", "李白", 2, 4)
    assert await called(Look(True), "誰是李白", entity) == {"topic": "李白"}


async def test_another_argument_that_is_told_leaves_the_message_first() -> None:
    assert await called(Look(True), "誰是李白", Entity("day", "今天")) == {"topic": "誰是李白", "day": "今天"}
