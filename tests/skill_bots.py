"""A bot with skills of its own folder, for tests: a list, one that is slow, one that needs the worker."""

from pathlib import Path

FRUIT = '''"""Tells about fruit."""

from contracts.reply import Reply
from services.nlp.skills.base import Answer, Choice

FRUIT = ("Apple", "Banana", "Cherry", "Dragon fruit", "Elderberry", "Fig", "Grape")


class Fruit:
    name = "fruit"
    description = "Tells about fruit."
    parameters = {"type": "object", "properties": {"name": {"type": "string"}}}
    hosts = ()

    async def run(self, asked):
        name = asked.text("name")
        if name in FRUIT:
            return Answer(Reply(text=f"{name} is a fruit ({asked.language})."))
        return Answer(Reply(text="Fruit:"), choices=tuple(Choice(f, {"name": f}) for f in FRUIT))


def create(kit):
    return Fruit()
'''
SLOW = '''"""Takes its time."""

import asyncio

from contracts.reply import Reply
from services.nlp.skills.base import Answer


class Slow:
    name = "slow"
    description = "Takes its time."
    parameters = {"type": "object", "properties": {}}
    hosts = ()

    async def run(self, asked):
        await asyncio.sleep(60)
        return Answer(Reply(text="done"))


def create(kit):
    return Slow()
'''
BROKEN = '''"""Raises."""


class Broken:
    name = "broken"
    description = "Raises."
    parameters = {"type": "object", "properties": {"text": {"type": "string"}}}
    hosts = ()

    async def run(self, asked):
        raise RuntimeError(asked.text("text"))


def create(kit):
    return Broken()
'''
FACE = '''"""Asks the worker first."""

from contracts.reply import Reply
from contracts.turn import TurnNeed
from services.nlp.skills.base import Answer


class Face:
    name = "face"
    description = "Asks the worker first."
    parameters = {"type": "object", "properties": {}}
    hosts = ()

    async def run(self, asked):
        result = asked.results.get("face_skill")
        if result is None:
            return TurnNeed(call_id="face_skill", kind="slack.replies", args={"limit": 3})
        return Answer(Reply(text=f"The worker says {result.value}."))


def create(kit):
    return Face()
'''
WRONG = '''"""Answers what is no answer."""

from contracts.reply import Reply
from services.nlp.skills.base import Answer, Choice

WRONG = {
    "text": "only a text",
    "nothing": None,
    "reply": Answer("only a text"),
    "choices": Answer(Reply(text="Which?"), choices=("Apple",)),
    "args": Answer(Reply(text="Which?"), choices=(Choice("Apple", {"of": {1, 2}}),)),
}


class Wrong:
    name = "wrong"
    description = "Answers what is no answer."
    parameters = {"type": "object", "properties": {"how": {"type": "string"}}}
    hosts = ()

    async def run(self, asked):
        return WRONG[asked.text("how")]


def create(kit):
    return Wrong()
'''
ACTIONS = '''"""Counts the messages that it hears."""

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

heard = []


class Count(Action):
    def name(self):
        return "action_count"

    def run(self, dispatcher, tracker, domain):
        heard.append(1)
        return [SlotSet("heard", len(heard))]
'''
RULES = """\
version: "3.1"
intents: [ask_fruit, ask_help, greet, tell, paint]
entities: [name]
actions: [action_count]
slots:
  heard: {type: any, mappings: [{type: custom, action: action_count}]}
  name: {type: text, influence_conversation: false, mappings: [{type: custom}]}
  age: {type: text, mappings: [{type: from_text, not_intent: tell, conditions: [{active_loop: age_form}]}]}
forms:
  age_form: {required_slots: [age]}
responses:
  utter_greet: [{text: Hello!}]
  utter_help: [{text: I am a test.}]
  utter_default: [{text: What?}]
  utter_colours: [{text: "I have these:\\n1. Red\\n2. Blue\\nTake one."}]
  utter_ask_age: [{text: How old are you?}]
nlu:
  - intent: ask_fruit
    examples: |
      - tell me about fruit
      - which fruit is there
      - do you know the fruit [Banana](name)
      - what is a [Fig](name)
  - intent: ask_help
    examples: |
      - help me please
      - what can you do for me
  - intent: greet
    examples: |
      - hello
      - hi there
      - good morning
  - intent: tell
    examples: |
      - ask me my age
      - ask how old I am
  - intent: paint
    examples: |
      - please paint the wall of our house
      - the wall of our house wants paint
rules:
  - rule: Fruit
    steps: [{intent: ask_fruit}, {action: skill_fruit}]
  - rule: Help
    steps: [{intent: ask_help}, {action: skill_help}]
  - rule: Greet
    steps: [{intent: greet}, {action: utter_greet}]
  - rule: Paint
    steps: [{intent: paint}, {action: utter_colours}]
  - rule: Form
    steps: [{intent: tell}, {action: age_form}, {active_loop: age_form}]
  - rule: Formed
    condition: [{active_loop: age_form}]
    steps: [{action: age_form}, {active_loop: null}, {action: utter_greet}]
"""


def write_skill_bot(folder: Path, skills: str = "[fruit, slow, broken, face, wrong]", more: str = "") -> None:
    """The bot's whole folder."""
    (folder / "skills").mkdir(parents=True)
    (folder / "config.yml").write_text(f"language: en\nskills: {skills}\n{more}\n", "utf-8")
    (folder / "actions.py").write_text(ACTIONS, "utf-8")
    (folder / "bot.yml").write_text(RULES, "utf-8")
    codes = {"fruit": FRUIT, "slow": SLOW, "broken": BROKEN, "face": FACE, "wrong": WRONG}
    for name, code in codes.items():
        (folder / "skills" / f"{name}.py").write_text(code, "utf-8")
