"""Markdown that is too long for one message stays whole Markdown in each piece."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from services.worker.channels.split import utf16_units
from services.worker.channels.split_markdown import split_markdown

PARSER = MarkdownIt("commonmark").enable("table")


def kinds(markdown: str) -> list[str]:
    return [token.type for token in PARSER.parse(markdown)]


def words(markdown: str) -> list[str]:
    return re.findall(r"\w+", markdown)


def test_a_text_that_fits_is_not_changed() -> None:
    text = "Steps:\n1. one\n2. two\n\n\n| a | b |\n|---|---|\n| 1 | 2 |\nand\n    code"
    assert split_markdown(text, 1000) == (text,)


def test_a_text_that_grows_keeps_its_beginning() -> None:
    whole = (
        "Here:\n- one\n- two\n\n## Head\n```py\nx = 1\n```\nA table:\n| a | b |\n|---|---|\n| 1 | 2 |\n\nBye."
    )
    shown = ""
    for end in range(1, len(whole) + 1):
        pieces = split_markdown(whole[:end], 1000)
        text = pieces[0] if pieces else ""
        assert text.startswith(shown)
        shown = text
    assert shown == whole


def test_a_table_that_is_cut_has_its_head_in_each_piece() -> None:
    head = "| name | number |\n|---|---:|\n"
    rows = "\n".join(f"| row {n} | {n} |" for n in range(100))
    pieces = split_markdown(head + rows, 300)
    assert len(pieces) > 5
    assert all(piece.startswith(head) and len(piece) <= 300 for piece in pieces)
    assert all(kinds(piece)[0] == "table_open" for piece in pieces)
    assert "\n".join(piece.removeprefix(head) for piece in pieces) == rows


def test_a_row_that_is_too_long_for_a_table_is_cut_as_text() -> None:
    table = "| a |\n|---|\n| " + "word " * 200 + "|"
    pieces = split_markdown(table, 300)
    assert all(utf16_units(piece) <= 300 for piece in pieces)
    assert words(" ".join(pieces)) == words(table)


@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_a_program_that_is_cut_gets_its_fence_and_language_in_each_piece(fence: str) -> None:
    program = "\n".join(f"print({n})" for n in range(100))
    pieces = split_markdown(f"{fence}python\n{program}\n{fence}", 300)
    assert len(pieces) > 3
    for piece in pieces:
        [token] = PARSER.parse(piece)
        assert (token.type, token.info) == ("fence", "python")
    assert "".join(PARSER.parse(piece)[0].content for piece in pieces).strip() == program


def test_a_program_inside_a_list_that_is_cut_goes_on_as_a_program() -> None:
    program = "\n".join(f"   print({n})" for n in range(60))
    text = f"1. Do this:\n   ```python\n{program}\n   ```\n2. Then that.\n" + "\n".join(
        f"{n}. step" for n in range(3, 40)
    )
    pieces = split_markdown(text, 300)
    assert all(utf16_units(piece) <= 300 for piece in pieces)
    assert all(piece.count("```") % 2 == 0 for piece in pieces)
    shown = [line for line in "\n".join(pieces).split("\n") if "```" not in line]
    assert shown == [line for line in text.split("\n") if "```" not in line]


def test_a_fence_inside_a_longer_fence_ends_nothing() -> None:
    text = "````md\n```py\nx = 1\n```\n" + "\n".join(f"line {n}" for n in range(100)) + "\n````"
    for piece in split_markdown(text, 300):
        assert kinds(piece) == ["fence"]
        assert piece.endswith("\n````")


LINES = ("word " * 30, "- item", "1. step", "```py", "```", "| a | b |", "|---|---|", "> said", "", "# Head")


@settings(deadline=None)
@given(st.lists(st.sampled_from((*LINES, "天" * 50)), max_size=40))
def test_whatever_the_model_writes_no_word_is_lost_and_no_piece_is_too_long(lines: list[str]) -> None:
    text = "\n".join(lines)
    pieces = split_markdown(text, 500)
    assert all(0 < utf16_units(piece) <= 500 for piece in pieces)
    told = {word for piece in pieces for word in words(piece)}
    assert set(words(text)) <= told
