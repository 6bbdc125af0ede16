"""Texts that come with the bot."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from foundation.words import Language
from services.nlp.skills import joke, poem, recipe
from services.nlp.skills.base import Answer, SkillProblem
from services.nlp.skills.base import Asked as Call
from services.nlp.skills.meant import subject, terms
from tests.skill_kit import skill_kit

Create = Callable[[Any], Any]


def ask(create: Create, language: Language = "zh-Hant", **args: Any) -> Answer:
    skill = create(skill_kit("any", httpx.AsyncClient()))
    found: Answer = asyncio.run(skill.run(Call(args, language, datetime.now(UTC))))
    return found


def test_a_poem_is_found_by_title_poet_or_a_line() -> None:
    assert ask(poem.create, poem="靜夜思").facts["author"] == "李白"
    assert ask(poem.create, poem="欲窮千里目").facts["title"] == "登鸛雀樓"
    assert ask(poem.create, "en", poem="prairie").facts["author"] == "Emily Dickinson"
    by_poet = ask(poem.create, poem="李白的詩")
    assert len(by_poet.choices) >= 5
    assert all("李白" in choice.title for choice in by_poet.choices)


def test_what_is_chosen_from_a_list_is_told_whole() -> None:
    choice = ask(poem.create, poem="杜牧").choices[0]
    told = ask(poem.create, **choice.args)
    assert choice.title == f"{told.facts['title']} · {told.facts['author']}"
    assert told.facts["text"].split("\n")[0] in told.reply.text


def test_without_a_name_any_poem_in_the_persons_language_comes() -> None:
    assert not ask(poem.create).facts["text"].isascii()
    assert ask(poem.create, "en").facts["text"].isascii()


def test_chinese_texts_are_found_and_told_in_either_script() -> None:
    told = ask(poem.create, "zh-Hans", poem="静夜思")
    assert "举头望明月" in told.reply.text
    assert "舉頭望明月" in ask(poem.create, poem="静夜思").reply.text


def test_a_recipe_is_found_by_name_or_ingredient() -> None:
    assert ask(recipe.create, recipe="麻婆豆腐怎麼做").facts["name"] == "麻婆豆腐"
    assert ask(recipe.create, "en", recipe="how to make pancakes").facts["name"] == "Pancakes"
    assert {choice.title for choice in ask(recipe.create, recipe="番茄").choices} == {
        "番茄炒蛋",
        "番茄牛肉湯",
    }
    assert ask(recipe.create, "en", recipe="tahini").facts["name"] == "Hummus"


@pytest.mark.parametrize(
    ("create", "args", "key"),
    [
        (poem.create, {"poem": "xyzzy"}, "poem_unknown"),
        (recipe.create, {"recipe": "xyzzy"}, "recipe_unknown"),
    ],
)
def test_what_is_not_there_is_told_so(create: Create, args: dict[str, str], key: str) -> None:
    with pytest.raises(SkillProblem) as found:
        ask(create, **args)
    assert found.value.key == key


def test_a_joke_is_in_the_persons_language() -> None:
    assert ask(joke.create, "en").facts["joke"].isascii()
    assert not ask(joke.create).facts["joke"].isascii()


def test_every_list_of_texts_fits_the_tracker() -> None:
    for found in (ask(poem.create, poem="，"), ask(recipe.create, recipe="1")):
        assert len(json.dumps([[c.title, dict(c.args)] for c in found.choices]).encode()) < 6_000


def titles(create: Create, language: Language, **args: Any) -> list[str]:
    found = ask(create, language, **args)
    return [choice.title for choice in found.choices] or [
        str(found.facts.get("title", found.facts.get("name")))
    ]


@pytest.mark.parametrize("words", ["有沒有關於月亮的詩", "有没有关于月亮的诗", "寫月亮的詩", "月"])
def test_poems_are_found_by_what_is_meant(words: str) -> None:
    found = titles(poem.create, "zh-Hant", poem=words)
    assert found[0] == "靜夜思 · 李白"
    assert not any("九月九日" in title for title in found)


@pytest.mark.parametrize(
    ("create", "language", "words", "found"),
    [
        (poem.create, "en", "is there a poem about the moon?", ["The Moon"]),
        (poem.create, "en", "a poem about love and death", ["Sonnet 18"]),
        (poem.create, "en", "recite a poem by Du Fu", ["絕句 · 杜甫", "春望 · 杜甫", "春夜喜雨 · 杜甫"]),
        (poem.create, "en", "I'm Nobody! Who are you?", ["I'm Nobody! Who are you?"]),
        (poem.create, "zh-Hant", "有關春天和花的詩", ["春曉 · 孟浩然", "春望 · 杜甫", "春夜喜雨 · 杜甫"]),
        (poem.create, "zh-Hant", "有沒有寫給朋友的詩", ["贈汪倫 · 李白", "黃鶴樓送孟浩然之廣陵 · 李白"]),
        (recipe.create, "zh-Hant", "用雞肉可以做什麼菜", ["三杯雞"]),
        (recipe.create, "zh-Hant", "雞蛋可以做什麼", ["番茄炒蛋", "蒸蛋", "蛋炒飯"]),
        (recipe.create, "en", "what can I cook with eggs", ["Pancakes", "Omelette", "Fried rice"]),
        (recipe.create, "en", "something with chickpeas and lemon", ["Hummus"]),
    ],
)
def test_a_question_finds_what_it_is_about(
    create: Create, language: Language, words: str, found: list[str]
) -> None:
    name = "poem" if create is poem.create else "recipe"
    assert titles(create, language, **{name: words}) == found


@pytest.mark.parametrize("words", ["宮保雞丁的做法", "sushi", "price"])
def test_a_part_of_what_is_meant_is_not_enough(words: str) -> None:
    with pytest.raises(SkillProblem, match="recipe_unknown"):
        ask(recipe.create, recipe=words)


@pytest.mark.parametrize(
    "words",
    [
        "念一首詩",
        "來首古詩",
        "吟詩一首",
        "讀一首詩給我聽",
        "do you know a poem",
        "I would like to hear a poem",
    ],
)
def test_a_wish_without_a_subject_is_for_any(words: str) -> None:
    assert not ask(poem.create, "en" if words.isascii() else "zh-Hant", poem=words).choices


def test_who_asks_which_there_are_sees_the_list() -> None:
    assert len(ask(recipe.create, recipe="有什麼食譜").choices) == len(
        ask(recipe.create, "en", recipe="what is there").choices
    )


def test_a_joke_is_about_what_is_wanted_and_says_where_it_is_not() -> None:
    assert "penguin" not in ask(joke.create, "en", joke="a joke about bees").facts["joke"]
    assert "bees" in ask(joke.create, "en", joke="a joke about bees").facts["joke"]
    assert "企鵝" in ask(joke.create, joke="關於企鵝的笑話").facts["joke"]
    assert "題材" in ask(joke.create, joke="貓的笑話").reply.text
    for words in ("講個笑話", "逗我笑", "make me laugh", "another joke", ""):
        assert "note" not in ask(joke.create, "en" if words.isascii() else "zh-Hant", joke=words).facts


@pytest.mark.parametrize(
    "piece", ["聽", "笑", "的", "一首", "好笑的", "我要", "給我聽", "詩", "a ", "the poem ", "and "]
)
def test_no_wish_takes_long_to_be_understood(piece: str) -> None:
    started = time.process_time()
    subject(f"{piece * (500 // len(piece))}x")
    terms(subject(f"x{piece * (500 // len(piece))}"))
    assert time.process_time() - started < 1


def test_of_a_wish_longer_than_people_write_the_beginning_is_read() -> None:
    assert len(subject("月" * 4000)) == 500
