"""A bot's files become plain data, or a list of mistakes that says where each of them is."""

import copy
import functools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from services.nlp.dialogue.responses import respond
from services.nlp.errors import BotInvalid, BotUnknown
from services.nlp.formats.bot import Mention
from services.nlp.formats.loader import fingerprint, load_bot
from services.nlp.formats.story import UserStep
from services.nlp.training.model import train
from tests.unit.nlp.folders import load, mistakes, mistakes_of

BOTS = Path("bots")


@pytest.mark.parametrize(
    ("files", "mistake"),
    [
        (
            {"config": "engines: [dialogue, magic]\n"},
            "config.yml:1: the engine 'magic'; allowed: dialogue, olami, llm",
        ),
        (
            {"config": "pipeline:\n  - name: FallbackClassifier\n    threshold: high\n"},
            "config.yml:3: threshold: a text (high); allowed: a number from 0 to 1",
        ),
        (
            {"domain": "slots:\n  mood:\n    type: colour\n"},
            "domain.yml:3: type: slot type 'colour'; allowed: text, bool, categorical, float, list, any",
        ),
        (
            {"domain": "responses:\n  utter_a:\n    - text: x\n      buttons: [true]\n"},
            "domain.yml:4: a truth value (True); allowed: a mapping of names to values",
        ),
        (
            {"domain": "responses:\n  greet:\n    - text: x\n"},
            "domain.yml:2: greet: response 'greet'; allowed: names that begin with utter_",
        ),
        (
            {"nlu": "nlu:\n  - intents: greet\n"},
            "nlu.yml:2: keys intents; allowed: intent, synonym, regex, lookup",
        ),
        (
            {"nlu": "nlu:\n  - intent: greet\n    examples: |\n      hello\n"},
            "nlu.yml:4: examples: the line 'hello'; allowed: lines that begin with a dash",
        ),
        (
            {"rules": "rules:\n  - rule: a\n    steps:\n      - intnet: greet\n"},
            "rules.yml:4: a step with intnet; "
            "allowed: intent, user, action, bot, checkpoint, slot_was_set, active_loop, or",
        ),
        (
            {"rules": "rules:\n  - rule: a\n    condition: [x]\n    steps: [{intent: greet}]\n"},
            "rules.yml:3: a text (x); allowed: a mapping of names to values",
        ),
        ({"nlu": "nlu: [\n"}, "nlu.yml:2: "),
        ({"nlu": 'nlu: "\x01"\n'}, "nlu.yml:1: an unprintable character"),
    ],
)
def test_a_mistake_names_its_file_and_line_what_was_found_and_what_is_allowed(
    tmp_path: Path, files: dict[str, str], mistake: str
) -> None:
    assert [found for found in mistakes(tmp_path, **files) if found.startswith(mistake)]


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        config="engines: [magic]\n",
        nlu="nlu:\n  - regex: z\n    examples: |\n      - (unclosed\n",
        rules="rules:\n  - rule: a\n    steps: [{intent: greet}, {action: utter_nowhere}]\n",
    )
    assert [line.split(":")[0] for line in found] == ["config.yml", "nlu.yml", "rules.yml"]


def test_entities_are_kept_and_their_marks_stripped(tmp_path: Path) -> None:
    nlu = """nlu:
  - intent: travel
    examples: |
      - to [Paris](city) please
      - to [the big apple]{"entity": "city", "value": "New York"}
"""
    bot = load(tmp_path, nlu=nlu)
    assert [example.text for example in bot.examples] == ["to Paris please", "to the big apple"]
    assert [example.mentions for example in bot.examples] == [
        (Mention(3, 8, "city", "Paris"),),
        (Mention(3, 16, "city", "New York"),),
    ]
    assert bot.synonyms == {"the big apple": "New York"}


def test_a_rule_with_or_stands_for_one_rule_a_choice(tmp_path: Path) -> None:
    rules = """rules:
  - rule: Either way
    steps:
      - or: [{intent: greet}, {intent: thanks}]
      - action: utter_a
"""
    bot = load(tmp_path, rules=rules, domain="responses:\n  utter_a: [{text: a}]\n")
    [rule] = bot.stories
    intents = [[step.intent for step in steps if isinstance(step, UserStep)] for steps in rule.expanded()]
    assert intents == [["greet"], ["thanks"]]


def test_a_folder_without_yaml_is_no_bot(tmp_path: Path) -> None:
    with pytest.raises(BotUnknown):
        load_bot(tmp_path)


@pytest.mark.parametrize("name", ["echo", "demo", "weather-zh"])
def test_the_bots_that_come_with_the_product_load_without_a_warning(name: str) -> None:
    assert load_bot(BOTS / name).warnings == []


@pytest.mark.parametrize(
    "name",
    [
        "moodbot-2x",
        "helpdesk-3x",
        "formbot-2x",
        "chitchat-zh-1x",
        "medicare-1x",
        "form-examples-2x/01-actions",
    ],
)
def test_a_public_bot_loads_or_says_what_it_asks_too_much(test_data: Path, name: str) -> None:
    found = mistakes_of(test_data / "nlu" / "bots" / name)
    assert all("; allowed: " in mistake for mistake in found)
    assert found or load_bot(test_data / "nlu" / "bots" / name).examples


WHOLE = """
config:
  language: en
  engines: [dialogue]
  pipeline: [{name: FallbackClassifier, threshold: 0.3}]
  llm: {system: a}
domain:
  intents: [greet, {thanks: {use_entities: true}}]
  entities: [city]
  slots:
    city: {type: text, initial_value: a, mappings: [{type: from_entity, entity: city, intent: [greet]}]}
  responses:
    utter_a:
      - text: a
        buttons: [{title: a, payload: /greet}]
        image: http://localhost/a.png
        custom: {a: b}
        condition: [{type: slot, name: city, value: a}]
  actions: [action_a]
nlu:
  nlu:
    - {intent: greet, examples: "- hello [a](city)"}
    - {intent: thanks, examples: [{text: thank you}, so kind]}
    - {regex: city, examples: "- a+"}
    - {lookup: city, examples: "- b"}
    - {synonym: a, examples: "- b"}
rules:
  rules:
    - rule: a
      condition: [{slot_was_set: [{city: a}]}]
      steps: [{intent: greet, entities: [city]}, {action: utter_a}]
    - rule: b
      steps: [{or: [{intent: greet}, {intent: thanks}]}, {action: action_a}]
"""
JUNK: list[Any] = [None, 5, "(", [5], {"a": "b"}, {"a": None}]


def _places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    branches = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, branch in branches:
        yield (*path, key)
        yield from _places(branch, (*path, key))


def _with(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(tree)
    parent = functools.reduce(lambda branch, key: branch[key], path[:-1], changed)
    parent[path[-1]] = value
    return changed


_BOT = YAML(typ="safe").load(WHOLE)


@pytest.mark.parametrize("path", list(_places(_BOT)), ids=str)
def test_junk_at_any_place_of_a_bot_is_a_mistake_or_harmless(tmp_path: Path, path: tuple[Any, ...]) -> None:
    for junk in JUNK:
        files = {name: json.dumps(part) for name, part in _with(_BOT, path, junk).items()}
        try:
            bot = load(tmp_path, **files)
        except BotInvalid:
            continue
        parsed = train(bot, "v").parse("hello b")
        for name in bot.responses:
            respond(bot, name, {"city": "a"}, "web", random.Random(1))
        assert parsed.text == "hello b"


def test_a_bot_is_put_together_from_those_that_it_imports_and_theirs(tmp_path: Path) -> None:
    files = {
        "bot/config.yml": "language: en\nimports: [skills/one]",
        "bot/domain.yml": "intents: [a]\nsession_config: {session_expiration_time: 5}",
        "bot/skills/one/config.yml": "language: zh\nimports: [../two, ../..]",
        "bot/skills/one/domain.yml": "intents: [b]\nsession_config: {session_expiration_time: 7}",
        "bot/skills/two/data/nlu.yml": "nlu: [{intent: a, examples: [hello]}]",
        "bot/skills/two/domain.yml": "intents: [c]",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    bot, before = load_bot(tmp_path / "bot"), fingerprint(tmp_path / "bot")
    assert (set(bot.intents), len(bot.examples)) == ({"a", "b", "c"}, 1)
    assert (bot.language, bot.session.expires_after_min) == ("en", 5)
    (tmp_path / "bot/skills/two/domain.yml").write_text("intents: [c, d]", "utf-8")
    assert fingerprint(tmp_path / "bot") != before
