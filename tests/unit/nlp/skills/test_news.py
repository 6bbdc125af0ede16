"""The news: merged feeds, newest first, and the article that is chosen."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.nlp.formats.loader import load_bot
from services.nlp.skills.base import Skill, SkillProblem
from services.nlp.skills.bodies import Body
from services.nlp.skills.feeds import items_of, plain, web_address
from services.nlp.skills.fetching import Unavailable
from services.nlp.skills.topics import about, feeds_of
from tests.unit.nlp.skills.sources import Web, ask

ONE, TWO = "https://one.example/rss", "https://two.example/atom"


def rss(*items: str, title: str = "Daily") -> str:
    channel = f"<channel><title>{title}</title>{''.join(items)}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0">{channel}</rss>'


def item(title: str, link: str = "", day: int = 1, summary: str = "") -> str:
    when = f"<pubDate>{day:02d} Mar 2026 08:00:00 GMT</pubDate>"
    return f"<item><title>{title}</title><link>{link}</link>{when}<description>{summary}</description></item>"


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Weekly</title><entry><title>Snow in May</title>
<link href="https://two.example/snow"/><updated>2026-03-03T08:00:00Z</updated><summary>Cold.</summary></entry></feed>"""


def news(web: Web, **feeds: Any) -> Skill:
    setting = json.dumps(feeds or {"en": [ONE, TWO]})
    return web.workshop(NLP_NEWS_FEEDS=setting).make(Path("none"), ("news",))["news"]


async def test_feeds_are_merged_newest_first_without_doubles() -> None:
    first = rss(item("Old", "https://one.example/old", 1), item("New", "https://one.example/new", 4))
    second = rss(item("NEW", "https://two.example/new", 2), item("Other", "https://one.example/old", 1))
    web = Web(**{ONE: first, TWO: second})
    assert [choice.title for choice in (await ask(news(web))).choices] == ["New", "Old"]


async def test_rss_and_atom_are_read_alike() -> None:
    web = Web(**{ONE: rss(item("Rain", day=1)), TWO: ATOM})
    answer = await ask(news(web))
    assert [choice.title for choice in answer.choices] == ["Snow in May", "Rain"]
    assert "Weekly · Daily" in answer.reply.text


async def test_the_chosen_one_is_told_with_its_day_source_and_link_and_without_html() -> None:
    dirty = "&lt;p&gt;It *opened*.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
    skill = news(Web(**{ONE: rss(item("A bridge", "https://one.example/b(1)", 4, dirty))}))
    answer = await ask(skill, **(await ask(skill)).choices[0].args)
    assert answer.reply.text == (
        "**A bridge**\n\nIt \\*opened\\*.\n\n"
        "Source: [Daily](https://one.example/b%281%29) · 2026-03-04 08:00 UTC"
    )


async def test_a_topic_keeps_what_is_about_it() -> None:
    web = Web(**{ONE: rss(item("Storm in Hualien"), item("Cats", summary="A storm of them"), item("Dogs"))})
    found = await ask(news(web), topic="news about storm")
    assert [choice.title for choice in found.choices] == ["Storm in Hualien", "Cats"]


async def test_a_topic_that_no_headline_has_is_said() -> None:
    with pytest.raises(SkillProblem) as problem:
        await ask(news(Web(**{ONE: rss(item("Dogs"))})), topic="opera")
    assert (problem.value.key, problem.value.places) == ("news_none_about", {"topic": "opera"})


@pytest.mark.parametrize(
    ("language", "words", "shown"),
    [
        ("en", "news about science", ["Comet", "Whale"]),
        ("en", "is there any science news about whales?", ["Whale"]),
        ("en", "scientific", ["Comet", "Whale"]),
        ("en", "what's in the news", ["Vote", "Whale hunt"]),
        ("en", "news about the vote", ["Vote"]),
        ("en", "sports news", None),
        ("zh-Hant", "科技新聞", ["晶片"]),
        ("zh-Hant", "有沒有關於颱風的新聞", ["颱風"]),
        ("zh-Hant", "告訴我今日新聞", ["颱風", "大雨"]),
    ],
)
async def test_a_topic_in_words_is_its_feed(language: Any, words: str, shown: list[str] | None) -> None:
    pages = {
        ONE: rss(item("Vote"), item("Whale hunt")),
        TWO: rss(item("Comet"), item("Whale", summary="About whales.")),
        "https://three.example/": rss(item("颱風"), item("大雨")),
        "https://four.example/": rss(item("晶片")),
    }
    feeds = {
        "en": {"general": [ONE], "science": [TWO]},
        "zh-Hant": {"general": ["https://three.example/"], "科技": ["https://four.example/"]},
    }
    skill = news(Web(**pages), **feeds)
    if shown is None:
        with pytest.raises(SkillProblem, match="news_none_about"):
            await ask(skill, language, topic=words)
    else:
        found = await ask(skill, language, topic=words)
        assert [choice.title for choice in found.choices] == shown


@pytest.mark.parametrize("bot", ["demo", "weather-zh"])
def test_what_a_bot_takes_for_a_question_for_the_news_names_a_topic_or_none(bot: str) -> None:
    examples = load_bot(Path("bots") / bot).examples
    topics = {about(example.text) for example in examples if example.intent == "ask_news"}
    assert topics <= {"", "world", "science", "election", "technology", "sports", "business"} | {
        *("科技", "体育", "财经", "地震", "国际")
    }


async def test_a_topic_is_quoted_in_the_persons_characters() -> None:
    with pytest.raises(SkillProblem) as problem:
        await ask(news(Web(**{ONE: rss(item("Dogs"))})), "zh-Hant", topic="體育新聞")
    assert problem.value.places == {"topic": "體育"}


async def test_a_feed_that_fails_leaves_the_others() -> None:
    assert len((await ask(news(Web(**{ONE: b"\x00", TWO: ATOM})))).choices) == 1


async def test_each_language_has_its_feeds() -> None:
    skill = news(Web(**{ONE: rss(item("Rain")), TWO: rss(item("下雨"))}), **{"en": [ONE], "zh-TW": [TWO]})
    assert (await ask(skill, "zh-Hant")).choices[0].title == "下雨"
    assert (await ask(skill, "zh-Hans")).choices[0].title == "Rain"


async def test_an_article_that_is_gone_is_said() -> None:
    with pytest.raises(SkillProblem) as problem:
        await ask(news(Web(**{ONE: rss(item("Dogs"))})), list="x", item="y")
    assert problem.value.key == "news_gone"


def test_one_address_serves_every_language() -> None:
    assert feeds_of(ONE) == {language: {"general": [ONE]} for language in ("en", "zh-Hant", "zh-Hans")}


WRONG = ("{}", '{"en": "x"}', '{"en": []}', '{"en": [7]}', '{"en": {}}', '{"en": {"science": "x"}}', "{]")


@pytest.mark.parametrize("setting", WRONG)
def test_a_setting_that_names_no_feeds_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=r"NLP_NEWS_FEEDS|Expecting"):
        feeds_of(setting)


def test_no_other_file_is_opened_by_a_feed() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + rss(item("Host &x;"))
    assert [found.title for found in items_of(Body(bomb.encode()))] == ["Host &x;"]
    with pytest.raises(Unavailable):
        items_of(Body(b"/etc/hostname"))


def test_html_becomes_bounded_text() -> None:
    assert plain("<p>a &amp; b</p><p>c</p><style>p{}</style>", 50) == "a & b c"
    assert plain("word " * 50, 10) == "word word…"
    assert plain(None, 10) == ""


@pytest.mark.parametrize("value", ["javascript:alert(1)", "//x", "https://a b", None, "https://" + "x" * 500])
def test_what_is_no_web_address_is_no_link(value: object) -> None:
    assert web_address(value) == ""
