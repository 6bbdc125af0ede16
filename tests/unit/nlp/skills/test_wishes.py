"""What a message wants of the skills, before any engine is asked."""

from dataclasses import dataclass

import pytest

from contracts.event import ButtonPressed
from services.nlp.dialogue.events import action_executed, user_uttered
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import Bot
from services.nlp.nlu.parse import Entity, Parse
from services.nlp.skills.base import Choice
from services.nlp.skills.calculate import Calculate
from services.nlp.skills.selection import Picked, opened
from services.nlp.skills.wishes import wish_of
from tests.builders import message

CONVERSATIONS = {"slack": "slack:T1:D1", "web": "web:a"}
SUM = Entity("sum", "3 plus 4", 10, 18)


@pytest.mark.parametrize(
    ("channel", "parse", "is_wish"),
    [
        ("slack", Parse("", "nlu_fallback", 0.9), True),
        ("slack", Parse("", "greet", 0.95), True),
        ("slack", Parse("", "greet", 0.95, entities=(SUM,)), False),
        ("slack", Parse("", "greet", 0.5, entities=(SUM,)), True),
        ("web", Parse("", "nlu_fallback", 0.9), False),
    ],
)
def test_a_skills_name_in_slack_is_a_command_unless_the_bot_knows_what_is_meant(
    channel: str, parse: Parse, is_wish: bool
) -> None:
    tracker = Tracker.of(Bot("small", "en"))
    tracker.channel = channel
    event = message("calculate 3 plus 4", CONVERSATIONS[channel])
    wish = wish_of(event, parse, tracker, {"calculate": Calculate()})
    assert (wish is not None) is is_wish


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


UNKNOWN = Parse("", "nlu_fallback", 1.0)


def test_a_list_is_chosen_from_until_the_session_ends() -> None:
    clock = Clock()
    tracker = Tracker.of(Bot("small", "en"), now=clock)
    listed = opened("calculate", "Sums:", [Choice("One", {"sum": "1+1"}), Choice("Two", {"sum": "2+2"})])
    tracker.update(user_uttered(Parse("sums", "nlu_fallback", 1.0), "web"))
    tracker.update(action_executed("skill_calculate"), *listed.events())
    facts = message("x", "web:a").model_dump(exclude={"kind", "text", "photo"})
    press = ButtonPressed(**facts, payload=listed.reply("en").buttons[1].payload)
    skills = {"calculate": Calculate()}

    chosen = wish_of(message("the second one", "web:a"), UNKNOWN, tracker, skills)
    assert chosen
    assert (chosen.skill, dict(chosen.args), chosen.is_chosen) == ("calculate", {"sum": "2+2"}, True)
    clock.now += tracker.bot.session.expires_after_min * 60 + 1
    assert wish_of(message("the second one", "web:a"), UNKNOWN, tracker, skills) is None
    pressed = wish_of(press, UNKNOWN, tracker, skills)
    assert pressed
    assert pressed.picked == Picked(key="skill_list_gone")
