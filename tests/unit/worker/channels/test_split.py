"""Cutting text where a platform's limit asks for it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.worker.channels.rich_text import rich_text
from services.worker.channels.slack_parts import split_markdown
from services.worker.channels.split import Rich, Span, split, utf16_units
from services.worker.channels.telegram_parts import entities

SIGNS = st.sampled_from(
    [*"ab *_`~[]()#>-1.|\n\n", "你", "好。", "😀", "👨‍👩‍👧", "e\u0301", "**", "```", "https://a.b", "\u2028"]
)
TEXTS = st.lists(SIGNS, max_size=200).map("".join)


def solid(text: str) -> str:
    """The text without white space, which a cut may take away."""
    return "".join(text.split())


@settings(deadline=None, database=None)
@given(TEXTS, st.integers(2, 80), st.integers(1, 5))
def test_a_split_loses_nothing_and_keeps_every_limit(markdown: str, units: int, spans: int) -> None:
    whole = rich_text(markdown)
    pieces = split(whole, units, spans)
    assert solid("".join(piece.text for piece in pieces)) == solid(whole.text)
    assert all(utf16_units(piece.text) <= units and piece.text.strip() for piece in pieces)
    assert all(len(piece.spans) <= spans for piece in pieces)


@settings(deadline=None, database=None)
@given(TEXTS, st.integers(2, 80))
def test_a_span_covers_the_same_text_after_a_split(markdown: str, units: int) -> None:
    whole = rich_text(markdown)
    pieces = split(whole, units, 1000)
    for kind in {span.kind for span in whole.spans}:
        before = "".join(whole.text[s.start : s.end] for s in whole.spans if s.kind == kind)
        after = "".join(p.text[s.start : s.end] for p in pieces for s in p.spans if s.kind == kind)
        assert sorted(solid(after)) == sorted(solid(before))


@settings(deadline=None, database=None)
@given(TEXTS)
def test_entities_count_utf16_units(markdown: str) -> None:
    rich = rich_text(markdown)
    wide = rich.text.encode("utf-16-le")
    for span, entity in zip(rich.spans, entities(rich), strict=True):
        covered = wide[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")
        assert covered == rich.text[span.start : span.end]


@settings(deadline=None, database=None)
@given(TEXTS.filter(lambda text: "```" not in text and "~~~" not in text), st.integers(60, 120))
def test_split_markdown_loses_nothing_and_keeps_its_limit(text: str, room: int) -> None:
    pieces = split_markdown(text, room)
    assert all(0 < utf16_units(piece) <= room for piece in pieces)
    if rich_text(text).text:
        assert solid("".join(pieces)) == solid(text)


def test_a_text_is_cut_at_the_best_place_in_its_second_half() -> None:
    text = "One sentence. Another one.\n\nA paragraph that goes on"
    assert [piece.text for piece in split(Rich(text), 40, 1)] == [
        "One sentence. Another one.",
        "A paragraph that goes on",
    ]
    assert [piece.text for piece in split(Rich("第一句话。第二句话没有完"), 8, 1)] == [
        "第一句话。",
        "第二句话没有完",
    ]


def test_a_visible_sign_is_not_torn() -> None:
    family = "👨‍👩‍👧"
    assert [piece.text for piece in split(Rich("abcdefgh" + family), 12, 1)] == ["abcdefgh", family]


def test_a_cut_span_goes_on_in_the_next_piece() -> None:
    rich = Rich("aaaa bbbb", (Span(0, 9, "bold"),))
    assert split(rich, 5, 9) == (Rich("aaaa", (Span(0, 4, "bold"),)), Rich("bbbb", (Span(0, 4, "bold"),)))


def test_a_program_that_is_cut_keeps_its_fence() -> None:
    program = "\n".join(f"line_{number} = {number}" for number in range(40))
    pieces = split_markdown(f"Look:\n\n```python\n{program}\n```\n\nDone.", 200)
    inside = [p for p in pieces if "```" in p]
    assert len(inside) > 2
    assert all(piece.count("```python\n") == 1 and piece.count("\n```") >= 1 for piece in inside)
    assert all(f"line_{number} = {number}" in "".join(pieces) for number in range(40))


def test_blocks_stay_whole_where_they_fit() -> None:
    assert split_markdown("first **bold**\n\n- a\n- b\n\nlast", 16) == ("first **bold**", "- a\n- b\n\nlast")
