"""Responses that are to be filled with what nobody has."""

from pathlib import Path

import pytest

from services.nlp.skills.words import CHINESE, ENGLISH
from tests.unit.nlp.folders import load

RULES = "rules:\n  - {rule: a, steps: [{intent: greet}, {action: utter_a}]}\n"
DOMAIN = """intents: [greet]
slots: {city: {type: text}}
responses:
  utter_a:
    - text: "{city} and {colour}"
    - text: "{{colour}} and {city}"
      buttons:
        - {title: "{size}", payload: '/greet{{"city": "{town}"}}'}
      custom: {deep: [{deeper: "{depth}"}]}
  utter_b: "{weight}"
"""


def _warned(folder: Path, **files: str) -> list[str]:
    return [line for line in load(folder, **files).warnings if "response" in line]


def test_a_slot_that_the_domain_lacks_is_named_with_its_response_and_line(tmp_path: Path) -> None:
    assert _warned(tmp_path, domain=DOMAIN, rules=RULES) == [
        "domain.yml:5: response 'utter_a': slot 'colour' is not in the domain",
        "domain.yml:6: response 'utter_a': slot 'size' is not in the domain",
        "domain.yml:6: response 'utter_a': slot 'town' is not in the domain",
        "domain.yml:6: response 'utter_a': slot 'depth' is not in the domain",
        "domain.yml:10: response 'utter_b': slot 'weight' is not in the domain",
    ]


def test_an_answer_in_markdown_is_named_with_its_line_too(tmp_path: Path) -> None:
    (tmp_path / "responses.md").write_text("## faq\n* faq/colour\n  - It is {colour}.\n", "utf-8")
    (tmp_path / "nlu.md").write_text("## intent:faq/colour\n- which colour\n", "utf-8")
    assert _warned(tmp_path) == [
        "responses.md:3: response 'utter_faq/colour': slot 'colour' is not in the domain"
    ]


@pytest.mark.parametrize("code", ["actions: [action_own]", "forms: [a_form_of_rasa_1]"])
def test_what_only_the_bots_own_code_says_may_be_filled_by_it(tmp_path: Path, code: str) -> None:
    warned = _warned(tmp_path, domain=f"{DOMAIN}{code}\n", rules=RULES)
    assert len(warned) == 4
    assert not any("utter_b" in line for line in warned)


def test_a_forms_question_is_filled_with_slots_only(tmp_path: Path) -> None:
    more = '  utter_ask_city: [{text: "{requested_slot} for {whom}?"}]\n'
    form = "actions: [action_own]\nforms: {trip: {required_slots: [city]}}\n"
    assert "domain.yml:11: response 'utter_ask_city': slot 'whom' is not in the domain" in _warned(
        tmp_path, domain=DOMAIN + more + form, rules=RULES
    )


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_what_the_room_itself_fills_in_is_known(tmp_path: Path, words: dict[str, str]) -> None:
    lines = "".join(f'  {name}: "{text}"\n' for name, text in words.items())
    assert _warned(tmp_path, domain=f"responses:\n{lines}") == []


def test_a_slot_that_a_story_names_without_its_value_is_told_unless_any_will_do(tmp_path: Path) -> None:
    domain = """version: "3.1"
intents: [greet]
slots:
  level: {type: categorical, values: [low, high], mappings: [{type: custom}]}
  city: {type: text, mappings: [{type: custom}]}
responses: {utter_a: hello}
"""
    rules = """rules:
  - rule: a
    condition: [{slot_was_set: [level, city]}]
    steps: [{intent: greet}, {action: utter_a}]
"""
    told = [line for line in load(tmp_path, domain=domain, rules=rules).warnings if "without its" in line]
    assert told == ["rules.yml:2: rule 'a': slot 'level' is named without its value: say which is meant"]
