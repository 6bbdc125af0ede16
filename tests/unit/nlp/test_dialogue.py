"""Rules decide what to do next, over a tracker that is a fold of its events."""

import json
import random
from pathlib import Path

import pytest

from contracts.reply import Reply
from services.nlp.dialogue.responses import respond
from services.nlp.dialogue.rules import next_action
from services.nlp.dialogue.slots import fill_slots
from services.nlp.dialogue.tracker import (
    MAX_BYTES,
    MAX_EVENTS,
    Tracker,
    action_executed,
    bot_uttered,
    session_started,
    slot_set,
    user_uttered,
)
from services.nlp.formats.bot import Bot
from services.nlp.training.model import train
from tests.unit.nlp.folders import load

DOMAIN = """
entities: [city]
slots:
  city: {type: text, mappings: [{type: from_entity, entity: city}]}
  wants_news: {type: bool, initial_value: false, mappings: [{type: from_intent, intent: news, value: true}]}
responses:
  utter_a: [{text: "a"}]
  utter_b: [{text: "in {city}, {{braces}}, {unknown}"}]
  utter_c: [{text: "for all"}, {text: "for slack", channel: slack}]
  utter_d:
    - text: "where?"
    - {text: "there", condition: [{type: slot, name: city, value: Rome}]}
"""
RULES = """
rules:
  - rule: Plain
    steps: [{intent: go}, {action: utter_a}]
  - rule: With a city
    steps: [{intent: go, entities: [city]}, {action: utter_b}, {action: utter_a}]
  - rule: In Rome
    condition: [{slot_was_set: [{city: Rome}]}]
    steps: [{intent: go}, {action: utter_c}]
  - rule: At the start
    conversation_start: true
    steps: [{intent: hello}, {action: utter_a}]
"""


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return load(tmp_path, domain=DOMAIN, rules=RULES)


def _actions(bot: Bot, tracker: Tracker) -> list[str]:
    """What the rules do until they listen."""
    done: list[str] = []
    while (action := next_action(bot, tracker)) not in (None, "action_listen"):
        assert action
        done.append(action)
        tracker.update(action_executed(action))
    return done


def test_actions_of_a_rule_follow_one_another_and_then_it_listens(bot: Bot) -> None:
    tracker = Tracker.of(bot, [user_uttered("x", "go", [("city", "Oslo")])])
    assert _actions(bot, tracker) == ["utter_b", "utter_a"]
    assert next_action(bot, tracker) == "action_listen"


def test_the_rule_that_asks_for_most_wins(bot: Bot) -> None:
    assert _actions(bot, Tracker.of(bot, [user_uttered("x", "go")])) == ["utter_a"]
    in_rome = [slot_set("city", "Rome"), user_uttered("x", "go", [("city", "Rome")])]
    assert _actions(bot, Tracker.of(bot, in_rome)) == ["utter_c"]


def test_what_no_rule_is_about_has_no_next_action(bot: Bot) -> None:
    assert next_action(bot, Tracker.of(bot, [user_uttered("x", "nothing")])) is None


def test_a_rule_for_the_start_holds_at_the_start_only(bot: Bot) -> None:
    hello = user_uttered("x", "hello")
    assert _actions(bot, Tracker.of(bot, [hello])) == ["utter_a"]
    assert _actions(bot, Tracker.of(bot, [hello, hello])) == []
    assert _actions(bot, Tracker.of(bot, [hello, session_started(), hello])) == ["utter_a"]


def test_folding_the_events_again_gives_the_same_tracker(bot: Bot) -> None:
    events = [slot_set("city", "Rome"), user_uttered("x", "go", [("city", "Rome")]), bot_uttered("a")]
    once = Tracker.of(bot, events)
    assert Tracker.of(bot, json.loads(json.dumps(once.events))) == once


def test_a_new_beginning_forgets_the_slots(bot: Bot) -> None:
    tracker = Tracker.of(bot, [slot_set("city", "Rome"), slot_set("wants_news", True), session_started()])
    assert tracker.slots == {"city": None, "wants_news": False}


def test_slots_are_filled_from_entities_and_intents(bot: Bot) -> None:
    model = train(bot, "v")
    events = fill_slots(bot, model.parse('/news{"city": "Oslo"}'))
    assert events == [slot_set("city", "Oslo"), slot_set("wants_news", True)]


def test_a_long_tracker_is_cut_to_its_limits_and_keeps_its_slots(bot: Bot) -> None:
    tracker = Tracker.of(bot, [slot_set("city", "Rome")])
    for number in range(400):
        tracker.update(user_uttered(f"{number} " + "字" * 100, "go"), bot_uttered("a"))
    kept = tracker.trimmed()
    assert len(kept) <= MAX_EVENTS
    assert len(json.dumps(kept, ensure_ascii=False).encode()) <= MAX_BYTES
    assert Tracker.of(bot, kept).slots == tracker.slots
    assert kept[-1] == tracker.events[-1]


@pytest.mark.parametrize(
    ("name", "channel", "slots", "text"),
    [
        ("utter_b", "web", {"city": "Oslo"}, "in Oslo, {braces}, {unknown}"),
        ("utter_b", "web", {"city": None}, "in None, {braces}, {unknown}"),
        ("utter_c", "slack", {}, "for slack"),
        ("utter_c", "web", {}, "for all"),
        ("utter_d", "web", {"city": "Rome"}, "there"),
        ("utter_d", "web", {"city": "Oslo"}, "where?"),
    ],
)
def test_a_response_fits_channel_and_slots(
    bot: Bot, name: str, channel: str, slots: dict[str, object], text: str
) -> None:
    assert respond(bot, name, slots, channel, random.Random(1)) == Reply(text=text)
