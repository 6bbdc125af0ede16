"""Texts that come with the bot."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from foundation.words import Language
from services.nlp.skills import joke, poem, recipe
from services.nlp.skills.base import Answer, SkillProblem
from services.nlp.skills.base import Asked as Call
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
