"""Markdown to what a reader sees."""

import pytest

from services.worker.channels.rich_text import rich_text


def looks(markdown: str) -> list[tuple[str, str, str]]:
    """What each span covers: (kind, text, value)."""
    rich = rich_text(markdown)
    return [(span.kind, rich.text[span.start : span.end], span.value) for span in rich.spans]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("one\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("# Title\nbody", "Title\n\nbody"),
        ("- a\n- b\n  1. c\n  2. d\n- e\n\nend", "• a\n• b\n   1. c\n   2. d\n• e\n\nend"),
        ("3. c\n4. d", "3. c\n4. d"),
        ("|a|b|\n|-|-|\n|1|2|", "a | b\n1 | 2"),
        ("a\n\n---\n\nb", "a\n\n———\n\nb"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("<b>x</b> &amp; <script>", "<b>x</b> & <script>"),
        ("", ""),
        ("[a]: http://example.org", ""),
    ],
)
def test_blocks_become_lines(markdown: str, text: str) -> None:
    assert rich_text(markdown).text == text


@pytest.mark.parametrize(
    ("markdown", "spans"),
    [
        (
            "**b** *i* ~~s~~ `c`",
            [("bold", "b", ""), ("italic", "i", ""), ("strikethrough", "s", ""), ("code", "c", "")],
        ),
        ("**你好 *朋友*！**", [("bold", "你好 朋友！", ""), ("italic", "朋友", "")]),
        ("```py\nx = 1\n```", [("pre", "x = 1", "py")]),
        ("# Title", [("bold", "Title", "")]),
        ("> a\n> > b", [("blockquote", "a\n\nb", "")]),
        ("[docs](https://example.org)", [("text_link", "docs", "https://example.org")]),
        ("[here](/relative) [bad](javascript:x)", []),
        ("![a cat](https://example.org/c.jpg)", [("text_link", "a cat", "https://example.org/c.jpg")]),
        ("unfinished **bold and `code", []),
    ],
)
def test_formatting_becomes_spans(markdown: str, spans: list[tuple[str, str, str]]) -> None:
    assert looks(markdown) == spans


def test_deep_nesting_does_no_harm() -> None:
    assert "x" in rich_text("*a **b " * 2000 + "x" + "** *" * 2000).text
    assert "x" in rich_text(">" * 2000 + "x").text
