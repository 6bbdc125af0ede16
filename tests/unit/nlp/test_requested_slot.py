"""What a form asks for counts in rules and stories where the domain says so, as Rasa's guide has it."""

from pathlib import Path

from tests.unit.nlp.conversations import Talk
from tests.unit.nlp.folders import load

DOMAIN = """
version: "3.1"
intents: [book, inform, explain, chat, stop, switch]
entities: [cuisine, number]
slots:
  requested_slot:
    type: categorical
    values: [cuisine, people]
    influence_conversation: true
    mappings: [{type: custom}]
  cuisine: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: cuisine}]}
  people: {type: float, influence_conversation: false, mappings: [{type: from_entity, entity: number}]}
responses:
  utter_ask_cuisine: [{text: "cuisine?"}]
  utter_ask_people: [{text: "people?"}]
  utter_why_cuisine: [{text: "because cuisine"}]
  utter_why_people: [{text: "because people"}]
  utter_done: [{text: done}]
  utter_chat: [{text: chatting}]
forms: {table: {required_slots: [cuisine, people], ignored_intents: [chat]}}
"""
RULES = """
rules:
  - rule: begin
    steps: [{intent: book}, {action: table}, {active_loop: table}]
  - rule: end
    condition: [{active_loop: table}]
    steps:
      - action: table
      - active_loop: null
      - slot_was_set: [{requested_slot: null}]
      - action: utter_done
  - rule: chat
    steps: [{intent: chat}, {action: utter_chat}]
  - rule: explain cuisine
    condition: [{active_loop: table}, {slot_was_set: [{requested_slot: cuisine}]}]
    steps: [{intent: explain}, {action: utter_why_cuisine}, {action: table}, {active_loop: table}]
  - rule: explain people
    condition: [{active_loop: table}, {slot_was_set: [{requested_slot: people}]}]
    steps: [{intent: explain}, {action: utter_why_people}, {action: table}, {active_loop: table}]
"""


async def test_an_answer_in_mid_form_may_depend_on_the_slot_that_is_asked_for(tmp_path: Path) -> None:
    talk = Talk(load(tmp_path, domain=DOMAIN, rules=RULES))
    assert await talk.say("/book") == ["cuisine?"]
    assert await talk.say("/explain") == ["because cuisine", "cuisine?"]
    assert await talk.say('/inform{"cuisine": "thai"}') == ["people?"]
    assert await talk.say("/explain") == ["because people", "people?"]
    assert await talk.say('/inform{"number": 4}') == ["done"]


async def test_what_a_form_ignores_fills_nothing_but_by_a_mapping_that_names_it(tmp_path: Path) -> None:
    named = DOMAIN.replace(
        "{type: from_entity, entity: number}", "{type: from_entity, entity: number, intent: chat}"
    )
    for domain, answer in ((DOMAIN, ["chatting", "people?"]), (named, ["done"])):
        talk = Talk(load(tmp_path, domain=domain, rules=RULES))
        assert await talk.say('/book{"cuisine": "thai"}') == ["people?"]
        assert await talk.say('/chat{"number": 4}') == answer
