"""What a message wants of the skills, before any engine is asked."""

import pytest

from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import Bot
from services.nlp.nlu.parse import Entity, Parse
from services.nlp.skills.calculate import Calculate
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
