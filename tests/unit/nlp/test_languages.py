"""The demo bot speaks the language that the person reads, its own responses and those that come with it."""

from functools import cache
from pathlib import Path

import pytest

from contracts.reply import Reply
from foundation.words import Language
from services.nlp.dialogue.events import slot_set, user_uttered
from services.nlp.dialogue.stage import Stage
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import Bot
from services.nlp.formats.loader import load_bot
from services.nlp.nlu.parse import Parse
from services.nlp.nlu.script import script_of
from services.nlp.skills.base import Answer, Asked
from services.nlp.skills.calling import Caller
from services.nlp.skills.guarded import Guarded
from services.nlp.skills.words import with_built_in


@cache
def demo() -> Bot:
    bot = load_bot(Path("bots/demo"))
    bot.responses = with_built_in(bot.responses, bot.is_chinese)
    return bot


def stage(text: str, locale: str | None = None) -> Stage:
    tracker = Tracker.of(demo(), sender_id="web:c1")
    tracker.update(user_uttered(Parse(text, "greet", 1.0), "web"))
    return Stage(demo(), tracker, {}, skills=Caller({}, "en", locale))


def words(reply: Reply | None) -> str:
    assert reply
    return " ".join([reply.text, *(button.title for button in reply.buttons)])


@pytest.mark.parametrize(
    ("text", "locale", "reads"),
    [
        ("who are you and what can you do", None, "en"),
        ("/start", "en", "en"),
        ("/start", "zh-TW", "zh-Hant"),
        ("/start", "zh-CN", "zh-Hans"),
        ("你會什麼", "en", "zh-Hant"),
        ("你会什么", None, "zh-Hans"),
    ],
)
def test_every_response_is_in_the_language_that_the_person_reads(
    text: str, locale: str | None, reads: Language
) -> None:
    here = stage(text, locale)
    for name in demo().responses:
        said = words(
            here.respond(name, dict.fromkeys(("name", "others", "likeness", "person", "intent"), ""))
        )
        is_chinese = any("\u4e00" <= character <= "\u9fff" for character in said)
        assert is_chinese == (reads != "en" and name != "utter_face_other"), name
        assert not is_chinese or script_of(said, None) in (None, reads[3:].lower()), name


def test_a_bot_that_fills_the_slot_itself_decides() -> None:
    here = stage("你會什麼")
    here.tracker.update(slot_set("language", "en"))
    assert words(here.respond("utter_start")).startswith("Hello!")


class Bare:
    """A skill without what it needs."""

    name, description, hosts = "bare", "Does nothing.", ()
    parameters = {"type": "object", "properties": {}}  # noqa: RUF012 - the Protocol's own form
    is_ready = False

    async def run(self, asked: Asked) -> Answer:
        raise AssertionError("help runs nothing")


class Able(Bare):
    """One that has it."""

    name, is_ready = "able", True


async def test_help_lists_the_skills_that_can_work() -> None:
    here = stage("help")
    here.skills = Caller({skill.name: Guarded(skill, 1) for skill in (Bare(), Able())})
    [reply] = await here.say_help()
    assert ("`/able`" in reply.text, "`/bare`" in reply.text) == (True, False)
    here.skills = Caller({"bare": Guarded(Bare(), 1)})
    [alone] = await here.say_help()
    assert alone.text == words(here.respond("utter_help"))
