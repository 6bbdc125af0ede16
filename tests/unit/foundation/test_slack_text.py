"""Slack's text as it was typed."""

import pytest

from foundation.slack_text import plain_text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("go to <https://example.org>", "go to https://example.org"),
        ("go to <http://example.org|example.org>, please", "go to example.org, please"),
        ("see <https://example.org|the page> &amp; go", "see the page (https://example.org) & go"),
        ("write to <mailto:a@example.org|a@example.org>", "write to a@example.org"),
        ("call <tel:+886212345678|+886212345678>", "call +886212345678"),
        ("in <#C1|general>, <!here> and <!subteam^S1|@team>", "in #general, and"),
        ("in <#C1>", "in C1"),
        ("<@U0BOT> hello", "hello"),
        ("hello <@U0BOT|bot> there", "hello there"),
        ("1 &lt; 2 &gt; 0", "1 < 2 > 0"),
        ("&lt;https://example.org&gt;", "<https://example.org>"),
        ("&amp;lt;", "&lt;"),
        ("```if a:\n    b```", "```if a:\n    b```"),
    ],
)
def test_it_is_as_people_see_it_without_mentions(text: str, plain: str) -> None:
    assert plain_text(text) == plain
