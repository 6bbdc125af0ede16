"""Rasa's knowledge base actions: a bot lists what it knows, and tells of the one that is meant."""

import json
from pathlib import Path

import pytest

from services.nlp.actions.local import ActionsBroken
from services.nlp.formats.loader import load_bot
from tests.unit.nlp.actions.bots import HEAD, call, one
from tests.unit.nlp.actions.bots import load as load_actions
from tests.unit.nlp.conversations import Talk
from tests.unit.nlp.folders import load

DOMAIN = """
version: "3.1"
intents: [query]
entities: [object_type, mention, attribute, hotel, city]
slots:
  object_type: {type: any, mappings: [{type: from_entity, entity: object_type}]}
  mention: {type: any, mappings: [{type: from_entity, entity: mention}]}
  attribute: {type: any, mappings: [{type: from_entity, entity: attribute}]}
  hotel: {type: any, mappings: [{type: from_entity, entity: hotel}]}
  city: {type: any, mappings: [{type: from_entity, entity: city}]}
responses:
  utter_ask_rephrase: [{text: which?}]
actions: [action_query_knowledge_base]
"""
RULES = """
rules:
  - rule: look it up
    steps: [{intent: query}, {action: action_query_knowledge_base}]
"""
CODE = """
from rasa_sdk.knowledge_base.actions import ActionQueryKnowledgeBase
from rasa_sdk.knowledge_base.storage import InMemoryKnowledgeBase

class Hotels(ActionQueryKnowledgeBase):
    def __init__(self):
        super().__init__(InMemoryKnowledgeBase("hotels.json"))
"""
HOTELS = {
    "hotel": [
        {"id": 0, "name": "Hilton", "city": "Berlin", "wifi": True},
        {"id": 1, "name": "Berlin Palace", "city": "Bern", "wifi": False},
    ]
}


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    load(tmp_path, domain=DOMAIN, rules=RULES)
    (tmp_path / "actions.py").write_text(HEAD + CODE, "utf-8")
    (tmp_path / "hotels.json").write_text(json.dumps(HOTELS), "utf-8")
    return Talk(load_bot(tmp_path), tmp_path)


async def test_objects_are_listed_and_told_of_by_ordinal_name_and_as_the_last_one(talk: Talk) -> None:
    listed = await talk.say('/query{"object_type": "hotel"}')
    assert listed[0] == "Found the following objects of type 'hotel':"
    assert {line.split(": ")[1] for line in listed[1:]} == {"Hilton", "Berlin Palace"}
    second = listed[2].split(": ")[1]
    city = {"Hilton": "Berlin", "Berlin Palace": "Bern"}[second]
    told = f"'{second}' has the value '{city}' for attribute 'city'."
    assert await talk.say('/query{"mention": "2", "attribute": "city"}') == [told]
    assert await talk.say('/query{"attribute": "city"}') == [told]
    named = await talk.say('/query{"hotel": "hilton", "attribute": "wifi"}')
    assert named == ["'Hilton' has the value 'True' for attribute 'wifi'."]


async def test_objects_are_narrowed_by_an_attribute_for_one_question_only(talk: Talk) -> None:
    assert (await talk.say('/query{"object_type": "hotel", "city": "Bern"}'))[1:] == ["1: Berlin Palace"]
    assert len(await talk.say('/query{"object_type": "hotel"}')) == 3


async def test_what_is_not_clear_is_asked_for_again(talk: Talk) -> None:
    assert await talk.say('/query{"mention": "1"}') == ["which?"]
    await talk.say('/query{"object_type": "hotel"}')
    assert await talk.say('/query{"mention": "9", "attribute": "city"}') == ["which?"]
    assert await talk.say('/query{"mention": "1", "attribute": "stars"}') == ["which?"]


def test_a_file_that_is_not_there_is_a_mistake_of_the_bots_code(tmp_path: Path) -> None:
    with pytest.raises(ActionsBroken, match=r"File 'hotels\.json' does not exist"):
        load_actions(tmp_path, CODE)


async def test_a_bots_code_opens_files_of_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "menu.txt").write_text("soup", "utf-8")
    body = "dispatcher.utter_message(text=open('menu.txt').read())"
    result = await load_actions(tmp_path, "MENU = open('menu.txt').read()\n" + one(body)).run(call())
    assert result.responses[0]["text"] == "soup"
