"""Rasa's default actions: sessions, fallbacks, going back, and what a bot's own code may upset."""

from pathlib import Path

import pytest

from services.nlp.dialogue.events import slot_set
from tests.unit.nlp.conversations import Talk
from tests.unit.nlp.folders import load

DOMAIN = """
version: "3.1"
intents: [greet, order, affirm]
entities: [dish]
slots:
  dish: {type: text, mappings: [{type: from_entity, entity: dish}]}
responses:
  utter_greet: [{text: "hello"}]
  utter_order: [{text: "{dish} it is"}]
  utter_default: [{text: "what?"}]
  utter_ask_rephrase: [{text: "again, please"}]
  utter_back: [{text: "back"}]
actions: [action_own]
session_config: {session_expiration_time: 60, carry_over_slots_to_new_session: %s}
"""
RULES = """
rules:
  - {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
  - {rule: order, steps: [{intent: order}, {action: utter_order}]}
  - {rule: own, steps: [{intent: affirm}, {action: action_own}]}
"""
TWO_STAGE = """
rules:
  - {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
  - {rule: order, steps: [{intent: order}, {action: utter_order}]}
  - rule: fallback
    steps:
      - intent: nlu_fallback
      - action: action_two_stage_fallback
      - active_loop: action_two_stage_fallback
"""
NLU = """
nlu:
  - {intent: greet, examples: [good morning, good evening, hello there]}
  - {intent: order, examples: [a pizza please, bring me a pizza, one pizza]}
"""


def _talk(folder: Path, rules: str = RULES, carries: str = "true", own: str = "") -> Talk:
    if own:
        (folder / "actions.py").write_text(OWN.replace("BODY", own), "utf-8")
    bot = load(folder, domain=DOMAIN % carries, rules=rules, nlu=NLU)
    return Talk(bot, folder if own else None)


OWN = """
from rasa_sdk import Action
from rasa_sdk.events import SlotSet


class Own(Action):
    def name(self):
        return "action_own"

    def run(self, dispatcher, tracker, domain):
        BODY
"""


@pytest.mark.parametrize(("carries", "dish"), [("true", "pizza"), ("false", None)])
async def test_a_session_expires_and_carries_slots_over_or_not(
    tmp_path: Path, carries: str, dish: str | None
) -> None:
    talk = _talk(tmp_path, carries=carries)
    await talk.say('/order{"dish": "pizza"}')
    talk.now += 59 * 60
    await talk.say("/greet")
    assert talk.tracker.slots["dish"] == "pizza"
    talk.now += 61 * 60
    await talk.say("/greet")
    assert talk.tracker.slots["dish"] == dish
    assert [e["event"] for e in talk.tracker.events].count("session_started") == 2


async def test_an_emptied_slot_stays_empty_in_the_next_session(tmp_path: Path) -> None:
    domain = (DOMAIN % "true").replace("dish: {type: text", "dish: {type: text, initial_value: soup")
    talk = Talk(load(tmp_path, domain=domain, rules=RULES))
    await talk.say("/greet")
    assert talk.tracker.slots["dish"] == "soup"
    talk.tracker.update(slot_set("dish", None))
    talk.now += 61 * 60
    await talk.say("/greet")
    assert talk.tracker.slots["dish"] is None


async def test_restart_forgets_and_says_so(tmp_path: Path) -> None:
    talk = _talk(tmp_path)
    await talk.say('/order{"dish": "pizza"}')
    [said] = await talk.say("/restart")
    assert "forgotten" in said
    assert talk.tracker.slots["dish"] is None
    assert await talk.say("/greet") == ["hello"]


async def test_back_takes_the_last_message_back(tmp_path: Path) -> None:
    talk = _talk(tmp_path)
    await talk.say('/order{"dish": "pizza"}')
    await talk.say('/order{"dish": "soup"}')
    assert await talk.say("/back") == ["back"]
    assert talk.tracker.slots["dish"] == "pizza"


@pytest.mark.parametrize(
    "body",
    [
        "raise RuntimeError('a secret')",
        "return 5",
        "return [{'event': 7}]",
        "import time; time.sleep(5)",
        "tracker.slots['dish'] = 'mud'; raise SystemExit",
    ],
)
async def test_an_action_that_goes_wrong_is_told_and_the_tracker_unharmed(tmp_path: Path, body: str) -> None:
    talk = _talk(tmp_path, own=body)
    await talk.say('/order{"dish": "pizza"}')
    [apology] = await talk.say("/affirm")
    assert "did not work" in apology
    assert talk.tracker.slots["dish"] == "pizza"
    assert await talk.say("/greet") == ["hello"]


async def test_a_session_that_cannot_begin_swallows_no_message(tmp_path: Path) -> None:
    own = OWN.replace("action_own", "action_session_start").replace("BODY", "raise RuntimeError")
    (tmp_path / "actions.py").write_text(own, "utf-8")
    domain = (DOMAIN % "true").replace("[action_own]", "[action_own, action_session_start]")
    talk = Talk(load(tmp_path, domain=domain, rules=RULES), tmp_path)
    apology, answer = await talk.say("/greet")
    assert "did not work" in apology
    assert answer == "hello"


async def test_what_an_action_says_and_sets_counts(tmp_path: Path) -> None:
    body = "dispatcher.utter_message(text='done', buttons=[{'title': 'a', 'payload': '/greet'}])\n"
    talk = _talk(tmp_path, own=body + "        return [SlotSet('dish', 'soup')]")
    [reply] = await talk.replies("/affirm")
    assert (reply.text, reply.buttons[0].payload) == ("done", "/greet")
    assert talk.tracker.slots["dish"] == "soup"


async def test_an_action_that_always_follows_itself_is_cut_short(tmp_path: Path) -> None:
    body = "dispatcher.utter_message(text='x')\n        return [{'event': 'followup', 'name': 'action_own'}]"
    talk = _talk(tmp_path, own=body)
    assert await talk.say("/affirm") == ["x"] * 10
    assert talk.tracker.action == "action_listen"


async def test_two_stage_fallback_affirmed_goes_on_as_meant(tmp_path: Path) -> None:
    talk = _talk(tmp_path, TWO_STAGE)
    [asked] = await talk.replies("qwertz uiop")
    yes, no = asked.buttons
    assert no.payload == "/out_of_scope"
    said = await talk.say(yes.payload)
    assert said in (["hello"], ["None it is"]), said
    assert talk.tracker.loop is None


async def test_two_stage_fallback_denied_asks_to_rephrase_and_then_gives_up(tmp_path: Path) -> None:
    talk = _talk(tmp_path, TWO_STAGE)
    await talk.say("qwertz uiop")
    assert await talk.say("/out_of_scope") == ["again, please"]
    [asked] = await talk.replies("asdf jkl")
    assert len(asked.buttons) == 2
    assert await talk.say("/out_of_scope") == ["what?"]
    assert talk.tracker.loop is None
    assert await talk.say("good morning") == ["hello"]


async def test_two_stage_fallback_understands_a_rephrased_sentence(tmp_path: Path) -> None:
    talk = _talk(tmp_path, TWO_STAGE)
    await talk.say("qwertz uiop")
    await talk.say("/out_of_scope")
    assert await talk.say("good morning") == ["hello"]
    assert talk.tracker.loop is None
