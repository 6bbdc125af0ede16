"""NLU data in JSON becomes the same as in Markdown, and its mistakes name their lines."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nlp.formats.bot import Bot, Example, Lookup, Mention, Pattern
from services.nlp.formats.json_nlu import read_json


def read(folder: Path, text: str | bytes, name: str = "nlu.json") -> tuple[Bot, list[str]]:
    """The bot of this one file, and its mistakes."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    bot, mistakes = Bot("any"), list[str]()
    read_json(path, folder, mistakes, bot)
    return bot, mistakes


def read_data(folder: Path, **data: Any) -> tuple[Bot, list[str]]:
    """The same, of this content written over several lines."""
    return read(folder, json.dumps({"rasa_nlu_data": data}, indent=1))


def test_examples_synonyms_patterns_and_lookups_are_read(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("Oslo\nBern\n", "utf-8")
    rome = {"start": 3, "end": 7, "value": "FCO", "entity": "city", "role": "to", "group": "1"}
    bot, mistakes = read_data(
        tmp_path,
        common_examples=[
            {"text": "to Rome", "intent": "go", "entities": [rome]},
            {"text": "你是谁", "intent": "faq/ask_name"},
        ],
        entity_synonyms=[{"value": "New York", "synonyms": ["NY", "NYC"]}],
        regex_features=[{"name": "zip", "pattern": "[0-9]{5}"}],
        lookup_tables=[{"name": "city", "elements": ["Rome"]}, {"name": "town", "elements": "words.txt"}],
    )
    assert mistakes == []
    assert bot.examples == [
        Example("go", "to Rome", (Mention(3, 7, "city", "FCO", "to", "1"),)),
        Example("faq", "你是谁", (), "ask_name"),
    ]
    assert bot.synonyms == {"rome": "FCO", "ny": "New York", "nyc": "New York"}
    assert bot.patterns == [Pattern("zip", "[0-9]{5}")]
    assert bot.lookups == [Lookup("city", ("Rome",)), Lookup("town", ("Oslo", "Bern"))]


def test_spaces_and_line_breaks_around_a_sentence_do_not_move_its_entities(tmp_path: Path) -> None:
    rome = {"start": 5, "end": 10, "entity": "city"}
    bot, _ = read_data(
        tmp_path, common_examples=[{"text": " to\n Rome \n", "intent": "go", "entities": [rome]}]
    )
    (example,) = bot.examples
    assert example.text == "to  Rome"
    assert [(example.text[m.start : m.end], m.value) for m in example.mentions] == [("Rome", "Rome")]


def test_a_sentence_without_intent_is_left_out_with_a_warning(tmp_path: Path) -> None:
    bot, mistakes = read_data(tmp_path, common_examples=[{"text": "hi"}])
    assert (bot.examples, mistakes) == ([], [])
    assert bot.warnings == ["nlu.json:4: an example without text or intent is left out"]


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    _, mistakes = read(
        tmp_path,
        """{"rasa_nlu_data": {
"common_examples": [
{"text": "hi", "intent": ["a"]},
{"text": "hi", "intent": "a", "entities": [
 {"start": 1, "end": 9, "entity": "b"},
 {"start": 0, "end": 2}, 7]},
{"text": "hi", "intent": "a", "entities": "b"}],
"regex_features": [
 {"name": "c", "pattern": "("}],
"entity_synonyms": 1,
"lookup_tables": [{"name": "d", "elements": {"e": "f"}},
 {"name": "d", "elements": "none.txt"}]}}""",
    )
    assert [mistake.removeprefix("nlu.json:") for mistake in mistakes] == [
        "3: intent: a list; allowed: a text",
        "4: entities: a number; allowed: a list of objects",
        "5: entities: 'b' from 1 to 9 of 2 letters; allowed: a name, and start before end inside the text",
        "6: entities: '' from 0 to 2 of 2 letters; allowed: a name, and start before end inside the text",
        "7: entities: a text; allowed: a list of objects",
        "1: entity_synonyms: a number; allowed: a list of objects",
        "9: pattern: '(' (missing ), unterminated subpattern at position 0); allowed: a regular expression",
        "11: elements: an object; allowed: a list of texts",
        "12: lookup: the file 'none.txt' is nowhere; allowed: a file of one word a line",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('{"rasa_nlu_data": {\n"common_examples": [}}', "2: rasa_nlu_data: no JSON; allowed: valid JSON"),
        ('{"rasa_nlu_data": [1]}', "1: rasa_nlu_data: a list; allowed: an object"),
        ('{"rasa_nlu_data": ' + "[" * 100000, "1: rasa_nlu_data: no JSON; allowed: valid JSON"),
    ],
)
def test_a_broken_file_is_told_of(tmp_path: Path, text: str, mistake: str) -> None:
    assert read(tmp_path, text)[1] == [f"nlu.json:{mistake}"]


@pytest.mark.parametrize("text", ['{"name": "package"}', "[1, 2", "", "\N{BYTE ORDER MARK}{}"])
def test_other_json_is_left_alone(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == (Bot("any"), [])


_FIELDS = ("text", "intent", "entities", "start", "end", "entity", "value", "synonyms", "name", "elements")
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.floats() | st.text(max_size=5) | st.just("("),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "intent", "entities", "start", "end", "entity", "value", "synonyms", "name"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_KEYS = ("common_examples", "entity_examples", "entity_synonyms", "regex_features", "lookup_tables")
_FILES = st.builds(
    lambda data, end: json.dumps({"rasa_nlu_data": data})[: end or None].encode(),
    st.dictionaries(st.sampled_from(_KEYS), _VALUES) | _VALUES,
    st.integers(-2, 0),
)


@given(text=_FILES | st.binary(max_size=30).map(lambda tail: b'{"rasa_nlu_data": ' + tail))
def test_whatever_a_file_holds_nothing_is_raised(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    bot, mistakes = read(tmp_path_factory.getbasetemp(), text, "fuzz.json")
    assert all(mistake.startswith("fuzz.json:") and "; allowed: " in mistake for mistake in mistakes)
    for example in bot.examples:
        assert all(0 <= mention.start < mention.end <= len(example.text) for mention in example.mentions)
