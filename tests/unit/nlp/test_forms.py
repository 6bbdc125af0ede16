"""Forms ask, check, are interrupted, corrected and cancelled, and go on."""

from pathlib import Path

import pytest

from services.nlp.formats.bot import Bot
from tests.unit.nlp.actions.bots import HEAD, form
from tests.unit.nlp.conversations import Talk
from tests.unit.nlp.folders import load

DOMAIN = """
version: "3.1"
intents: [book, inform, chitchat, stop, affirm, deny, thank]
entities: [cuisine, number]
slots:
  cuisine:
    type: text
    influence_conversation: false
    mappings: [{type: from_entity, entity: cuisine, not_intent: chitchat}]
  people:
    type: float
    influence_conversation: false
    mappings: [{type: from_entity, entity: number, intent: [inform, book]}]
  outdoor:
    type: bool
    influence_conversation: false
    mappings:
      - type: from_intent
        intent: affirm
        value: true
        conditions: [{active_loop: table, requested_slot: outdoor}]
      - type: from_intent
        intent: deny
        value: false
        conditions: [{active_loop: table, requested_slot: outdoor}]
responses:
  utter_ask_cuisine: [{text: "cuisine?"}]
  utter_ask_table_people: [{text: "how many?"}]
  utter_ask_outdoor: [{text: "outside?"}]
  utter_done: [{text: "{cuisine} for {people}, outside: {outdoor}"}]
  utter_chitchat: [{text: "nice weather"}]
  utter_go_on: [{text: "go on?"}]
  utter_stopped: [{text: "stopped"}]
  utter_welcome: [{text: "welcome"}]
  utter_default: [{text: "what?"}]
actions: [validate_table]
forms:
  table: {required_slots: [cuisine, people, outdoor]}
"""
RULES = """
rules:
  - rule: begin
    steps: [{intent: book}, {action: table}, {active_loop: table}]
  - rule: end
    condition: [{active_loop: table}]
    steps: [{action: table}, {active_loop: null}, {action: utter_done}]
  - rule: chat
    steps: [{intent: chitchat}, {action: utter_chitchat}]
  - rule: thanks
    steps: [{intent: thank}, {action: utter_welcome}]
"""
STORIES = """
stories:
  - story: stop and go on
    steps:
      - intent: book
      - action: table
      - active_loop: table
      - intent: stop
      - action: utter_go_on
      - intent: affirm
      - action: table
      - active_loop: null
      - action: utter_done
  - story: stop
    steps:
      - intent: book
      - action: table
      - active_loop: table
      - intent: stop
      - action: utter_go_on
      - intent: deny
      - action: action_deactivate_loop
      - active_loop: null
      - action: utter_stopped
"""
VALIDATION = """
from typing import Any
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction


class ValidateTable(FormValidationAction):
    def name(self) -> str:
        return "validate_table"

    def validate_cuisine(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any
    ) -> Any:
        if value == "mud":
            dispatcher.utter_message(text="we have no mud")
            return {"cuisine": None}
        if value == "raise":
            raise RuntimeError("a secret of a person")
        return {"cuisine": value.lower()}
"""


@pytest.fixture
def bot(tmp_path: Path) -> Bot:
    return load(tmp_path, domain=DOMAIN, rules=RULES, stories=STORIES)


@pytest.fixture
def talk(bot: Bot) -> Talk:
    return Talk(bot)


@pytest.fixture
def checked(bot: Bot, tmp_path: Path) -> Talk:
    (tmp_path / "actions.py").write_text(VALIDATION, "utf-8")
    return Talk(bot, tmp_path)


async def test_a_form_asks_for_one_slot_after_the_other_and_then_ends(talk: Talk) -> None:
    assert await talk.say("/book") == ["cuisine?"]
    assert await talk.say('/inform{"cuisine": "greek"}') == ["how many?"]
    assert await talk.say('/inform{"number": 4}') == ["outside?"]
    assert await talk.say("/deny") == ["greek for 4, outside: False"]
    assert talk.tracker.loop is None
    assert await talk.say("/thank") == ["welcome"]


async def test_what_the_first_message_says_is_not_asked_again(talk: Talk) -> None:
    assert await talk.say('/book{"cuisine": "greek", "number": 2}') == ["outside?"]


async def test_two_slots_in_one_message_are_both_taken(talk: Talk) -> None:
    await talk.say("/book")
    assert await talk.say('/inform{"cuisine": "thai", "number": 3}') == ["outside?"]


async def test_something_else_is_answered_and_the_question_asked_again(talk: Talk) -> None:
    await talk.say("/book")
    assert await talk.say("/chitchat") == ["nice weather", "cuisine?"]
    assert await talk.say("/chitchat") == ["nice weather", "cuisine?"]
    assert await talk.say('/inform{"cuisine": "thai"}') == ["how many?"]


async def test_a_slot_is_corrected_while_another_is_asked_for(talk: Talk) -> None:
    await talk.say('/book{"cuisine": "greek"}')
    assert await talk.say('/inform{"cuisine": "thai"}') == ["how many?"]
    assert talk.tracker.slots["cuisine"] == "thai"


async def test_a_person_stops_is_asked_and_goes_on(talk: Talk) -> None:
    await talk.say("/book")
    assert await talk.say("/stop") == ["go on?"]
    assert await talk.say("/affirm") == ["cuisine?"]
    assert talk.tracker.loop_name == "table"
    assert await talk.say('/inform{"cuisine": "thai"}') == ["how many?"]


async def test_a_person_stops_for_good(talk: Talk) -> None:
    await talk.say("/book")
    await talk.say("/stop")
    assert await talk.say("/deny") == ["stopped"]
    assert talk.tracker.loop is None
    assert talk.tracker.slots["requested_slot"] is None


async def test_a_message_that_gives_nothing_is_the_fallback_and_the_form_stays(tmp_path: Path) -> None:
    policies = "policies: [{name: MemoizationPolicy}, {name: RulePolicy}]\n"
    talk = Talk(load(tmp_path, domain=DOMAIN, rules=RULES, stories=STORIES, config=policies))
    await talk.say("/book")
    assert await talk.say("/inform") == ["what?"]
    assert talk.tracker.loop_name == "table"
    assert await talk.say('/inform{"cuisine": "thai"}') == ["how many?"]


async def test_a_value_that_is_refused_is_asked_for_again(checked: Talk) -> None:
    await checked.say("/book")
    assert await checked.say('/inform{"cuisine": "mud"}') == ["we have no mud", "cuisine?"]
    assert await checked.say('/inform{"cuisine": "THAI"}') == ["how many?"]
    assert checked.tracker.slots["cuisine"] == "thai"


async def test_a_validation_that_raises_is_told_and_the_form_stays(checked: Talk) -> None:
    await checked.say("/book")
    [apology] = await checked.say('/inform{"cuisine": "raise"}')
    assert "did not work" in apology
    assert checked.tracker.loop_name == "table"
    assert await checked.say('/inform{"cuisine": "thai"}') == ["how many?"]


async def test_an_entity_of_two_slots_goes_to_the_one_that_is_asked_for(tmp_path: Path) -> None:
    domain = """
version: "3.1"
intents: [go, inform]
entities: [city]
slots:
  start: {type: text, mappings: [{type: from_entity, entity: city, conditions: [{active_loop: trip}]}]}
  end: {type: text, mappings: [{type: from_entity, entity: city, conditions: [{active_loop: trip}]}]}
responses:
  utter_ask_start: [{text: "from?"}]
  utter_ask_end: [{text: "to?"}]
  utter_trip: [{text: "{start} to {end}"}]
forms: {trip: {required_slots: [start, end]}}
"""
    rules = """
rules:
  - {rule: a, steps: [{intent: go}, {action: trip}, {active_loop: trip}]}
  - rule: b
    condition: [{active_loop: trip}]
    steps: [{action: trip}, {active_loop: null}, {action: utter_trip}]
"""
    talk = Talk(load(tmp_path, domain=domain, rules=rules))
    assert await talk.say("/go") == ["from?"]
    assert await talk.say('/inform{"city": "Rome"}') == ["to?"]
    assert await talk.say('/inform{"city": "Oslo"}') == ["Rome to Oslo"]


OLD = """
version: "2.0"
intents: [book, inform, chitchat]
entities: [cuisine, seating]
slots:
  cuisine: {type: text, auto_fill: false}
  wishes: {type: text, auto_fill: false}
responses:
  utter_ask_cuisine: [{text: "cuisine?"}]
  utter_ask_wishes: [{text: "wishes?"}]
  utter_done: [{text: "{cuisine}, {wishes}"}]
forms:
  table:
    cuisine: [{type: from_entity, entity: cuisine}]
    wishes: [{type: from_text, not_intent: chitchat}]
"""


async def test_a_form_of_rasa_2_with_its_own_mappings_runs_alike(tmp_path: Path) -> None:
    bot = load(
        tmp_path,
        domain=OLD,
        rules=RULES.replace("utter_welcome", "utter_done").replace("utter_chitchat", "utter_done"),
    )
    talk = Talk(bot)
    assert await talk.say("/book") == ["cuisine?"]
    assert await talk.say('/inform{"cuisine": "thai"}') == ["wishes?"]
    assert await talk.say("a table at the window") == ["thai, a table at the window"]


WISHES = '{"wishes": self.from_text(not_intent="chitchat")}'
CODED = HEAD + form("table", ["cuisine", "wishes"], "submitted", WISHES)
OLDEST = """
intents: [book, inform, chitchat]
entities: [cuisine]
slots:
  cuisine: {type: unfeaturized, auto_fill: false}
  wishes: {type: unfeaturized, auto_fill: false}
templates:
  utter_ask_cuisine: [{text: "cuisine?"}]
  utter_ask_wishes: [{text: "wishes?"}]
  utter_chitchat: [{text: "nice"}]
forms: [table]
"""


def _oldest(folder: Path, code: str) -> Talk:
    """A bot of Rasa 1 whose form is all code."""
    (folder / "data").mkdir()
    (folder / "data" / "stories.md").write_text(
        '## book\n* book\n  - table\n  - form{"name": "table"}\n  - form{"name": null}\n'
        '## chat\n* book\n  - table\n  - form{"name": "table"}\n* chitchat\n  - utter_chitchat\n  - table\n'
        '  - form{"name": null}\n',
        "utf-8",
    )
    (folder / "actions.py").write_text(code, "utf-8")
    config = "policies: [{name: MemoizationPolicy}, {name: FormPolicy}, {name: KerasPolicy}]\n"
    return Talk(load(folder, domain=OLDEST, config=config), folder)


@pytest.mark.parametrize("code", ["", CODED.replace("'table'", "'another'")])
async def test_a_form_of_rasa_1_without_its_code_is_told_and_does_not_end_as_if_all_were_known(
    tmp_path: Path, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    talk = _oldest(tmp_path, code)
    [apology] = await talk.say("/book")
    assert "did not work" in apology
    assert [event["event"] for event in talk.tracker.events].count("active_loop") == 0
    [reason] = [vars(each)["reason"] for each in caplog.records if each.message == "nlp.action.failed"]
    assert reason.startswith("table has no code")


async def test_a_form_may_leave_all_its_slots_to_its_validation(tmp_path: Path) -> None:
    domain = DOMAIN.replace("[cuisine, people, outdoor]", "[]")
    required = """
    async def required_slots(self, domain_slots, dispatcher, tracker, domain):
        return ["cuisine"]
"""
    (tmp_path / "actions.py").write_text(VALIDATION + required, "utf-8")
    talk = Talk(load(tmp_path, domain=domain, rules=RULES, stories=STORIES), tmp_path)
    assert await talk.say("/book") == ["cuisine?"]
    assert await talk.say('/inform{"cuisine": "THAI"}') == ["thai for None, outside: None"]


async def test_a_form_action_of_rasa_1_runs_and_is_interrupted(tmp_path: Path) -> None:
    talk = _oldest(tmp_path, CODED)
    assert await talk.say("/book") == ["cuisine?"]
    assert await talk.say("/chitchat") == ["nice", "cuisine?"]
    assert await talk.say('/inform{"cuisine": "thai"}') == ["wishes?"]
    assert await talk.say("at the window") == ["submitted"]
    assert talk.tracker.loop is None


async def test_a_slot_of_another_matter_is_not_what_the_form_asks_for(tmp_path: Path) -> None:
    domain = DOMAIN.replace("[cuisine, number]", "[cuisine, number, city]").replace(
        "slots:\n", "slots:\n  city: {type: any, mappings: [{type: from_entity, entity: city}]}\n"
    )
    talk = Talk(load(tmp_path, domain=domain, rules=RULES, stories=STORIES))
    await talk.say("/book")
    assert await talk.say('/chitchat{"city": "Rome"}') == ["nice weather", "cuisine?"]
    assert talk.tracker.slots["city"] == "Rome"
