"""Whatever a model calls its tools with, and whatever a feed says: an answer, or an expected error."""

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.nlp.engines.llm.tools.schema import misfit
from services.nlp.skills.bodies import Body
from services.nlp.skills.feeds import LINK_CHARS, MAX_ENTRIES, SUMMARY_CHARS, TITLE_CHARS, items_of, plain
from services.nlp.skills.fetching import Unavailable
from tests.fuzzing import JSON, fuzzed

PARAMETERS = {
    "type": "object",
    "properties": {
        "place": {"type": "string"},
        "days": {"type": "integer"},
        "units": {"enum": ["metric", "imperial"]},
        "places": {"type": "array", "items": {"type": "number"}},
    },
    "required": ["place"],
}
TAGS = ["<rss version='2.0'>", "<channel>", "<item>", "<title>", "</title>"]
TAGS += ["</item>", "<link>", "<![CDATA["]
TAGS += [
    "]]>",
    "&amp;",
    "&a;",
    "&#x0;",
    "&#1114112;",
    "<",
    ">",
    "a",
    "http://a.b",
    "<pubDate>",
    "2001",
    "<p x='1'>",
]
TAGS += [
    "<feed xmlns='http://www.w3.org/2005/Atom'>",
    "<entry>",
    "<!--",
    "-->",
    "<!DOCTYPE a [",
    "<?xml?>",
    "\x00",
]


@fuzzed
@given(JSON | st.dictionaries(st.sampled_from(["place", "days", "units", "places", "more"]), JSON))
def test_arguments_of_any_shape_fit_or_are_told_why_not(arguments: object) -> None:
    assert isinstance(misfit(PARAMETERS, arguments), str)


@fuzzed
@given(
    st.lists(st.sampled_from(TAGS), max_size=30).map("".join), st.sampled_from(["", "utf-8", "utf-7", "x"])
)
@example('<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel>&a;', "")
def test_a_feed_of_any_kind_is_items_within_bounds_or_unavailable(text: str, charset: str) -> None:
    try:
        items = items_of(Body(text.encode(), charset))
    except Unavailable:
        return
    assert len(items) <= MAX_ENTRIES
    for item in items:
        assert len(item.title) <= TITLE_CHARS
        assert len(item.summary) <= SUMMARY_CHARS
        assert len(item.link) <= LINK_CHARS
        assert "root:" not in item.title + item.summary


def test_a_feed_of_one_endless_tag_is_refused_at_once() -> None:
    attributes = " ".join(f'a{number}="b"' for number in range(100_000))
    began = time.process_time()
    with pytest.raises(Unavailable):
        items_of(Body(f"<rss version='2.0'><channel {attributes}>".encode()))
    assert time.process_time() - began < 1, "it took minutes"


def test_entities_that_grow_are_not_written_out() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 8))
    text = f'<!DOCTYPE l [<!ENTITY a0 "lol">{laughs}]><rss version="2.0"><channel><item><title>&a7;</title>'
    try:
        items = items_of(Body(text.encode()))
    except Unavailable:
        return
    assert len(json.dumps([item.title for item in items])) < 1000


@fuzzed
@given(st.lists(st.sampled_from(TAGS), max_size=30).map("".join))
@example("<" * 2400)
@example("<a " * 800)
@example("&" * 2400)
def test_html_of_any_kind_is_a_text_within_its_bound(html: str) -> None:
    assert len(plain(html, 120)) <= 120
