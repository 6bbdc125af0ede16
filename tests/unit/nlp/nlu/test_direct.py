"""What looks like a typed intent is told from an ordinary sentence, and soon."""

import time

import pytest

from services.nlp.nlu.direct import direct_parse


@pytest.mark.parametrize(
    "text",
    [
        "/a" + " " * 100_000 + "x",
        "/a" + "\n" * 100_000 + "{x",
        "/a@0." + "1" * 100_000 + "x",
        "/a{" + "}" * 100_000 + "x",
    ],
    ids=["spaces", "lines", "digits", "braces"],
)
def test_a_long_text_that_is_no_typed_intent_is_told_soon(text: str) -> None:
    begun = time.process_time()
    assert direct_parse(text) is None
    assert time.process_time() - begun < 0.3


@pytest.mark.parametrize(
    "text", [' /inform {"to": "Rome"} ', '/inform\n{"to":\n"Rome"}\n', '/inform@1{"to": "Rome"}']
)
def test_spaces_around_the_parts_of_a_typed_intent_do_not_count(text: str) -> None:
    parse = direct_parse(text)
    assert parse is not None
    assert (parse.text, parse.intent, parse.confidence) == (text, "inform", 1.0)
    assert [(entity.entity, entity.value) for entity in parse.entities] == [("to", "Rome")]
