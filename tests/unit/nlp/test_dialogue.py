"""Rules, stories and forms decide what comes next, over a tracker that is a fold of its events."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reply import Reply
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import (
    LISTEN,
    action_executed,
    active_loop,
    bot_uttered,
    restarted,
    session_started,
    slot_set,
    utterance_reverted,
)
from services.nlp.dialogue.responses import respond
from services.nlp.dialogue.slots import fill_slots
from services.nlp.dialogue.tracker import MAX_BYTES, MAX_EVENTS, Tracker
from services.nlp.formats.bot import Bot
from tests.unit.nlp.conversations import Talk, heard
from tests.unit.nlp.folders import load

DOMAIN = """
version: "3.1"
intents: [go, hello, news, nothing]
entities: [city]
slots:
  city: {type: text, mappings: [{type: from_entity, entity: city}]}
  town: {type: categorical, values: [Rome, Oslo], mappings: [{type: from_entity, entity: city}]}
  wants_news: {type: bool, initial_value: false, mappings: [{type: from_intent, intent: news, value: true}]}
responses:
  utter_a: [{text: "a"}]
  utter_b: [{text: "in {city}, {{braces}}, {unknown}"}]
  utter_c: [{text: "for all"}, {text: "for slack", channel: slack}]
  utter_d:
    - text: "where?"
    - {text: "there", condition: [{type: slot, name: city, value: Rome}]}
  utter_default: [{text: "what?"}]
"""
RULES = """
rules:
  - rule: Plain
    steps: [{intent: go}, {action: utter_a}]
  - rule: With a city
    steps: [{intent: go, entities: [city]}, {action: utter_b}, {action: utter_a}]
  - rule: In Rome
    condition: [{slot_was_set: [{town: Rome}]}]
    steps: [{intent: go}, {action: utter_c}]
  - rule: At the start
    conversation_start: true
    steps: [{intent: hello}, {action: utter_a}]
"""


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return load(tmp_path, domain=DOMAIN, rules=RULES)


async def test_actions_of_a_rule_follow_one_another_and_then_it_listens(bot: Bot) -> None:
    talk = Talk(bot)
    assert await talk.say('/go{"city": "Oslo"}') == ["in Oslo, {braces}, {unknown}", "a"]
    assert talk.tracker.action == "action_listen"


async def test_the_rule_that_asks_for_most_wins(bot: Bot) -> None:
    talk = Talk(bot)
    assert await talk.say("/go") == ["a"]
    await talk.say('/go{"city": "Rome"}')
    assert await talk.say("/go") == ["for all"]


async def test_what_no_rule_is_about_is_the_fallback_and_does_not_count(bot: Bot) -> None:
    talk = Talk(bot)
    assert await talk.say("/nothing") == ["what?"]
    assert talk.tracker.events[-2]["event"] == "rewind"
    assert await talk.say("/hello") == ["a"], "the conversation still begins"


async def test_a_rule_for_the_start_holds_at_the_start_only(bot: Bot) -> None:
    talk = Talk(bot)
    assert await talk.say("/hello") == ["a"]
    assert await talk.say("/hello") == ["what?"]
    await talk.say("/restart")
    assert await talk.say("/hello") == ["a"]


async def test_what_is_not_understood_is_not_guessed_from_what_came_before(tmp_path: Path) -> None:
    steps = "[{intent: go}, {action: utter_a}, {intent: hello}, {action: utter_c}]"
    talk = Talk(load(tmp_path, domain=DOMAIN, stories=f"stories:\n  - story: One\n    steps: {steps}\n"))
    assert await talk.say("/go") == ["a"]
    assert await talk.say("/nlu_fallback") == ["what?"]


def test_folding_the_events_again_gives_the_same_tracker(bot: Bot) -> None:
    events = [slot_set("city", "Rome"), heard("/go", city="Rome"), bot_uttered("a")]
    once = Tracker.of(bot, events, now=_zero)
    assert Tracker.of(bot, json.loads(json.dumps(once.events)), now=_zero) == once


_TOLD = (
    heard("/go", city="Rome"),
    heard("/news"),
    slot_set("city", "Oslo"),
    slot_set("wants_news", True),
    action_executed("utter_a"),
    action_executed(LISTEN),
    active_loop("city_form"),
    active_loop(None),
    utterance_reverted(),
    {"event": "undo"},
    {"event": "followup", "name": "utter_b"},
    restarted(),
    session_started(),
)


@given(st.lists(st.sampled_from(_TOLD), max_size=12))
def test_events_told_at_once_come_to_the_same_as_one_by_one(events: list[TrackerEvent]) -> None:
    one_by_one = Tracker.of(SMALL, now=_zero)
    for event in events:
        one_by_one.update(event)
    assert Tracker.of(SMALL, events, now=_zero) == one_by_one


def test_what_is_taken_back_leaves_no_trace(bot: Bot) -> None:
    misunderstood = (heard("/nothing"), slot_set("city", "Oslo"), utterance_reverted())
    tracker = Tracker.of(bot, [heard("/go"), slot_set("city", "Rome"), *misunderstood, *misunderstood])
    assert (tracker.intent, tracker.slots["city"]) == ("go", "Rome")


def test_a_new_beginning_forgets_the_slots(bot: Bot) -> None:
    tracker = Tracker.of(bot, [slot_set("city", "Rome"), slot_set("wants_news", True), session_started()])
    assert tracker.slots == {"city": None, "town": None, "wants_news": False}


def test_slots_are_filled_from_entities_and_intents(bot: Bot) -> None:
    tracker = Tracker.of(bot, [heard("/news", city="Oslo")])
    assert fill_slots(tracker) == [
        slot_set("city", "Oslo"),
        slot_set("town", "Oslo"),
        slot_set("wants_news", True),
    ]


def test_a_long_tracker_is_cut_to_its_limits_and_keeps_its_slots(bot: Bot) -> None:
    tracker = Tracker.of(bot, [slot_set("city", "Rome")])
    for number in range(400):
        tracker.update(heard("/go", text=f"{number} " + "字" * 100), bot_uttered("a"))
    kept = tracker.trimmed()
    assert len(kept) <= MAX_EVENTS
    assert len(json.dumps(kept, ensure_ascii=False).encode()) <= MAX_BYTES
    assert Tracker.of(bot, kept).slots == tracker.slots
    assert kept[-1] == tracker.events[-1]


def test_a_long_tracker_is_cut_and_stays_silent_and_its_slots_empty(tmp_path: Path) -> None:
    domain = """
version: "3.1"
slots: {city: {type: text, initial_value: Rome, mappings: [{type: custom}]}}
"""
    bot = load(tmp_path, domain=domain)
    events = [{"event": "pause"}, slot_set("city", None), *[bot_uttered("hm")] * MAX_EVENTS]
    again = Tracker.of(bot, Tracker.of(bot, events).trimmed())
    assert (again.paused, again.slots["city"]) == (True, None)


@pytest.mark.parametrize(
    ("name", "channel", "slots", "text"),
    [
        ("utter_b", "web", {"city": "Oslo"}, "in Oslo, {braces}, {unknown}"),
        ("utter_b", "web", {"city": None}, "in None, {braces}, {unknown}"),
        ("utter_c", "slack", {}, "for slack"),
        ("utter_c", "web", {}, "for all"),
        ("utter_d", "web", {"city": "Rome"}, "there"),
        ("utter_d", "web", {"city": "rome"}, "there"),
        ("utter_d", "web", {"city": "Oslo"}, "where?"),
    ],
)
def test_a_response_fits_channel_and_slots(
    bot: Bot, name: str, channel: str, slots: dict[str, object], text: str
) -> None:
    assert respond(bot, name, slots, channel, random.Random(1)) == Reply(text=text)


def test_a_buttons_payload_keeps_its_braces(tmp_path: Path) -> None:
    domain = """
responses:
  utter_a:
    - text: "{who}?"
      buttons: [{title: "{who}", payload: '/go{"city": "Rome"}'}]
slots: {who: {type: text}}
"""
    bot = load(tmp_path, domain=domain)
    reply = respond(bot, "utter_a", {"who": "Ada"}, "web", random.Random(1))
    assert reply
    assert (reply.text, reply.buttons[0].title) == ("Ada?", "Ada")
    assert reply.buttons[0].payload == '/go{"city": "Rome"}'


def test_a_button_of_a_response_may_open_a_page(tmp_path: Path) -> None:
    domain = """
responses:
  utter_a:
    - text: Look
      buttons: [{title: Page, url: "https://pages.example/{who}", type: web_url}]
slots: {who: {type: text}}
"""
    reply = respond(load(tmp_path, domain=domain), "utter_a", {"who": "Ada"}, "web", random.Random(1))
    assert reply
    assert reply.buttons[0].link == "https://pages.example/Ada"


EVENTS = st.lists(
    st.sampled_from(
        [
            heard("/go", city="Rome"),
            bot_uttered("a"),
            slot_set("city", "Oslo"),
            {"event": "action", "name": "utter_a"},
            {"event": "action", "name": "action_listen"},
            {"event": "rewind"},
            {"event": "undo"},
            {"event": "restart"},
            {"event": "session_started"},
            {"event": "active_loop", "name": "a_form"},
            {"event": "active_loop", "name": None},
            {"event": "action_execution_rejected", "name": "a_form"},
            {"event": "loop_interrupted", "is_interrupted": True},
            {"event": "reset_slots"},
            {"event": "followup", "name": "utter_a"},
            {"event": "pause"},
            {"event": "resume"},
            {"event": "of another version"},
        ]
    )
)


@given(EVENTS)
def test_any_events_fold_and_a_policy_can_look_at_them(events: list[dict[str, object]]) -> None:
    talk = Talk(SMALL)
    talk.tracker.update(*events)
    assert talk.dialogue.choose(talk.tracker).action
    assert Tracker.of(SMALL, talk.tracker.events, now=_zero).slots == talk.tracker.slots


SMALL = Bot("small")


def _zero() -> float:
    return 0.0
