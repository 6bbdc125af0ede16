"""Entities marked in a sentence are read in all of Rasa's forms, and written back in its newest."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nlp.formats.annotation import AnnotationBroken, mark, read_example
from services.nlp.formats.bot import Example, Mention

_LETTERS = st.characters(exclude_characters="[]\r\n", exclude_categories=["Cs"])
_NAMES = st.text(_LETTERS, min_size=1, max_size=8).filter(str.strip)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """A sentence of pieces, some of them marked."""
    text, mentions = "", []
    for piece in draw(st.lists(st.text(_LETTERS, min_size=1, max_size=6), max_size=6)):
        if draw(st.booleans()):
            start, end = len(text), len(text) + len(piece)
            value = draw(st.just(piece) | _NAMES)
            role, group = draw(st.just("") | _NAMES), draw(st.just("") | _NAMES)
            mentions.append(Mention(start, end, draw(_NAMES), value, role, group))
        text += piece
    return Example("any", text, tuple(mentions))


@pytest.mark.parametrize(
    ("line", "text", "mention", "synonyms"),
    [
        ("to [Rome](city) now", "to Rome now", Mention(3, 7, "city", "Rome"), {}),
        ("to [Rome](city:FCO)", "to Rome", Mention(3, 7, "city", "FCO"), {"rome": "FCO"}),
        (
            'to [Rome]{"entity": "city", "role": "to", "group": "1"}!',
            "to Rome!",
            Mention(3, 7, "city", "Rome", "to", "1"),
            {},
        ),
        (
            '[Rome]{"entity": "city", "value": "a}b"} now',
            "Rome now",
            Mention(0, 4, "city", "a}b"),
            {"rome": "a}b"},
        ),
        ('[two]{"entity": "n", "value": 2}', "two", Mention(0, 3, "n", "2"), {"two": "2"}),
    ],
)
def test_each_of_rasas_forms_marks_an_entity(
    line: str, text: str, mention: Mention, synonyms: dict[str, str]
) -> None:
    assert read_example(line) == (text, (mention,), synonyms)


def test_two_entities_side_by_side_stand_where_they_stand_in_the_sentence() -> None:
    text, mentions, _ = read_example("查下[广州](address)[明天](date_time)的天气")
    assert [(text[m.start : m.end], m.entity) for m in mentions] == [
        ("广州", "address"),
        ("明天", "date_time"),
    ]


@pytest.mark.parametrize(
    "line", ["[a] (b)", "[c]{}", "a [b", "[](x)", "[x]( )", "f(x)[1]", "[x]{open", "[x](y:)"]
)
def test_brackets_that_mark_nothing_stay_text(line: str) -> None:
    assert read_example(line) == (line, (), {})


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("[Rome]{entity: city}", "{entity: city} is no JSON"),
        ('[Rome]{"role": "to"}', '{"role": "to"} lacks "entity"'),
        ('[Rome]{"entity": "city", "value": ["a"]}', '"value": ["a"] is no text'),
        ('[Rome]{"entity": "\\ud800"}', '{"entity": "\\ud800"} is no JSON'),
        ('[Rome]{"a":' + '{"a":' * 5000 + "}", " is no JSON"),
    ],
)
def test_broken_braces_are_told_of(line: str, wrong: str) -> None:
    with pytest.raises(AnnotationBroken) as raised:
        read_example(line)
    assert wrong in str(raised.value)


@given(examples())
def test_what_is_marked_is_read_back(example: Example) -> None:
    text, mentions, _ = read_example(mark(example))
    assert Example("any", text, mentions) == example


@given(examples())
def test_synonyms_are_what_is_worth_something_else_than_it_says(example: Example) -> None:
    _, _, synonyms = read_example(mark(example))
    surfaces = {example.text[m.start : m.end].lower() for m in example.mentions if not _is_itself(example, m)}
    assert set(synonyms) == surfaces


@given(st.text(st.sampled_from('[](){}":, entityvalue\\x'), max_size=40))
def test_any_line_is_read_or_told_to_be_broken(line: str) -> None:
    try:
        text, mentions, _ = read_example(line)
    except AnnotationBroken:
        return
    assert all(0 <= mention.start < mention.end <= len(text) for mention in mentions)


@pytest.mark.parametrize(
    "mentions", [(Mention(0, 4, "a", "abcd"), Mention(2, 6, "b", "cdef")), (Mention(0, 4, "a", "abcd"),)]
)
def test_of_overlapping_marks_the_first_is_written(mentions: tuple[Mention, ...]) -> None:
    assert mark(Example("any", "abcdef", mentions)) == "[abcd](a)ef"


def test_a_surface_with_brackets_stays_plain() -> None:
    assert mark(Example("any", "a [b] c", (Mention(2, 5, "x", "[b]"),))) == "a [b] c"


@pytest.mark.parametrize(
    ("text", "line"),
    [("[a](b)", "[a] (b)"), ("[a]{b} c", "[a] {b} [c](e)"), ("[a]{} c", "[a]{} [c](e)"), ("](", "](")],
)
def test_brackets_that_would_mark_something_by_accident_get_a_space(text: str, line: str) -> None:
    marked = (Mention(len(text) - 1, len(text), "e", "c"),) if text.endswith("c") else ()
    assert mark(Example("any", text, marked)) == line


def _is_itself(example: Example, mention: Mention) -> bool:
    return example.text[mention.start : mention.end] == mention.value


@pytest.mark.parametrize("piece", ["[a](", "[a](b:", "[a]{", "[", "[a"])
def test_a_line_of_a_hundred_thousand_letters_is_read_at_once(piece: str) -> None:
    line = piece * (100_000 // len(piece))
    started = time.process_time()
    assert read_example(line) == (line, (), {})
    assert time.process_time() - started < 1
