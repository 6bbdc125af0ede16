"""The encyclopedia: the article that is meant, or those that may be."""

from pathlib import Path
from typing import Any

import pytest

from services.nlp.skills.base import ArgumentMissing, Skill, SkillProblem
from services.nlp.skills.encyclopedia import subject
from tests.unit.nlp.skills.sources import Web, ask

EN, ZH = "https://en.wikipedia.org", "https://zh.wikipedia.org"
SUMMARY, SEARCH = "/api/rest_v1/page/summary/", "/w/rest.php/v1/search/page"


def encyclopedia(web: Web) -> Skill:
    return web.workshop().make(Path("none"), ("encyclopedia",))["encyclopedia"]


def article(title: str, **more: Any) -> dict[str, Any]:
    return {"type": "standard", "title": title, "extract": f"{title} is *known*.", **more}


def found(*titles: str) -> dict[str, Any]:
    return {"pages": [{"id": 1, "key": title, "title": title} for title in titles]}


async def test_an_article_is_told_with_its_picture_and_its_source() -> None:
    page = article(
        "Ada Lovelace",
        thumbnail={"source": "https://upload.wikimedia.org/ada.jpg"},
        content_urls={"desktop": {"page": "https://en.wikipedia.org/wiki/Ada_(x)"}},
    )
    answer = await ask(
        encyclopedia(Web(**{f"{EN}{SUMMARY}Ada_Lovelace": page})), topic="Who is Ada Lovelace?"
    )
    assert answer.reply.text == (
        "**Ada Lovelace**\n\nAda Lovelace is \\*known\\*.\n\n"
        "Source: [Wikipedia](https://en.wikipedia.org/wiki/Ada_%28x%29), CC BY-SA 4.0"
    )
    assert answer.reply.image == "https://upload.wikimedia.org/ada.jpg"


@pytest.mark.parametrize(("language", "variant"), [("zh-Hant", "zh-TW"), ("zh-Hans", "zh-CN")])
async def test_chinese_is_asked_for_in_the_characters_of_the_person(language: Any, variant: str) -> None:
    web = Web(**{f"{ZH}{SUMMARY}%E6%9D%8E%E7%99%BD": article("李白")})
    await ask(encyclopedia(web), language, topic="誰是李白")
    assert web.requests[0].headers["accept-language"] == variant


async def test_a_chinese_name_is_looked_for_in_the_chinese_edition() -> None:
    web = Web(**{f"{ZH}{SUMMARY}%E6%9D%8E%E7%99%BD": article("李白")})
    assert "李白" in (await ask(encyclopedia(web), "en", topic="李白")).reply.text


async def test_a_name_of_several_is_a_list_without_itself() -> None:
    pages = {
        f"{EN}{SUMMARY}Mercury": article("Mercury", type="disambiguation"),
        f"{EN}{SEARCH}": found("Mercury", "Mercury (planet)", "Freddie Mercury"),
        f"{EN}{SUMMARY}Mercury_%28planet%29": article("Mercury (planet)"),
    }
    skill = encyclopedia(Web(**pages))
    answer = await ask(skill, topic="Mercury")
    assert [choice.title for choice in answer.choices] == ["Mercury (planet)", "Freddie Mercury"]
    assert "Mercury (planet) is" in (await ask(skill, **answer.choices[0].args)).reply.text


async def test_the_only_article_that_a_search_finds_is_told() -> None:
    pages = {f"{EN}{SEARCH}": found("Ada Lovelace"), f"{EN}{SUMMARY}Ada_Lovelace": article("Ada Lovelace")}
    assert "Lovelace is" in (await ask(encyclopedia(Web(**pages)), topic="lady lovelace")).reply.text


async def test_nothing_found_is_said() -> None:
    with pytest.raises(SkillProblem) as problem:
        await ask(encyclopedia(Web(**{f"{EN}{SEARCH}": found()})), topic="qqq_q")
    assert (problem.value.key, problem.value.places) == ("encyclopedia_unknown", {"topic": "qqq\\_q"})


async def test_without_a_topic_it_asks_for_one() -> None:
    with pytest.raises(ArgumentMissing):
        await ask(encyclopedia(Web()))


@pytest.mark.parametrize("page", [[], 7, {"title": 7}, {}])
async def test_what_is_no_article_is_not_told(page: Any) -> None:
    with pytest.raises(SkillProblem, match="skill_unavailable"):
        await ask(encyclopedia(Web(**{f"{EN}{SUMMARY}Ada": page})), topic="Ada")


@pytest.mark.parametrize("pages", [None, [7], [{"title": 7}]])
async def test_what_is_no_list_of_articles_is_not_shown(pages: Any) -> None:
    with pytest.raises(SkillProblem):
        await ask(encyclopedia(Web(**{f"{EN}{SEARCH}": {"pages": pages}})), topic="Ada")


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("誰是李白", "李白"),
        ("李白是誰？", "李白"),
        ("請問什麼是黑洞呢", "黑洞"),
        ("介紹一下台北101", "台北101"),
        ("Who was Marie Curie?", "Marie Curie"),
        ("what's a black hole", "black hole"),
        ("tell me about the Moon", "Moon"),
        ("The Who", "The Who"),
        ("誰是", "誰是"),
        ("關於", "關於"),
        ("", ""),
    ],
)
def test_a_question_is_about_its_subject(words: str, about: str) -> None:
    assert subject(words) == about
