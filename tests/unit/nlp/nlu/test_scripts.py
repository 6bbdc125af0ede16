"""Patterns, tables and synonyms mean the same in either Chinese script, theirs or the sentence's."""

import pytest

from services.nlp.formats.bot import Bot, Example, Lookup, Pattern
from services.nlp.nlu.script import in_script
from services.nlp.nlu.understanding import train_understanding

EXAMPLES = [Example("greet", "你好"), Example("goodbye", "再見")]


def _bot(**parts: object) -> Bot:
    return Bot("t", language="zh", entities={"city": ()}, examples=list(EXAMPLES), **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["我在廣州", "我在广州"])
@pytest.mark.parametrize("written", ["廣州", "广州"])
def test_a_pattern_finds_both_scripts(written: str, text: str) -> None:
    mind = train_understanding(_bot(patterns=[Pattern("city", f"台灣|{written}")]))
    assert [(e.start, e.end, e.value) for e in mind.parse(text).entities] == [(2, 4, text[2:])]


@pytest.mark.parametrize("text", ["我在廣州", "我在广州"])
@pytest.mark.parametrize("written", ["廣州", "广州"])
def test_a_synonym_of_a_word_in_a_table_counts_in_both_scripts(written: str, text: str) -> None:
    mind = train_understanding(_bot(lookups=[Lookup("city", (written,))], synonyms={written: "Canton"}))
    assert [e.value for e in mind.parse(text).entities] == ["Canton"]


def test_a_pattern_for_capitals_still_finds_them_beside_chinese() -> None:
    mind = train_understanding(_bot(patterns=[Pattern("city", "(?-i:[A-Z]{2})")]))
    assert [e.value for e in mind.parse(in_script("去NY或是ny", "hant")).entities] == ["NY"]


def test_a_range_that_simplifying_would_turn_around_is_kept() -> None:
    mind = train_understanding(_bot(patterns=[Pattern("city", "[佔-何]")]))
    assert [e.value for e in mind.parse("你何").entities] == ["何"]
