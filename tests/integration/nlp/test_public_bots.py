"""Bots that others wrote for Rasa load unchanged, train, and converse."""

import shutil
from pathlib import Path

import pytest

from services.nlp.formats.loader import load_bot, load_tests
from services.nlp.testing.story_test import StoryResult, run_stories
from services.nlp.training.model import train
from tests.unit.nlp.actions.bots import HEAD, form
from tests.unit.nlp.conversations import Talk

NAMES = [
    "moodbot-2x",
    "formbot-2x",
    "helpdesk-3x",
    "chitchat-zh-1x",
    "medicare-1x",
    "form-examples-2x/01-actions",
    "form-examples-2x/03-simple-form",
    "form-examples-2x/05-validation",
    "form-examples-2x/08-response-selection",
]


def _tested(folder: Path) -> list[StoryResult]:
    mistakes: list[str] = []
    stories = load_tests(folder, mistakes)
    assert not mistakes
    return run_stories(train(load_bot(folder), "v"), stories)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_bot_loads_unchanged_and_trains(test_data: Path, name: str) -> None:
    bot = load_bot(test_data / "nlu" / "bots" / name)
    model = train(bot, "v")
    example = next(example for example in bot.examples if example.intent)
    assert model.parse(example.text).ranking


@pytest.mark.parametrize(("name", "stories", "actions"), [("helpdesk-3x", 12, 50), ("formbot-2x", 3, 29)])
def test_its_own_test_stories_pass(test_data: Path, name: str, stories: int, actions: int) -> None:
    results = _tested(test_data / "nlu" / "bots" / name)
    failed = [result for result in results if not result.has_passed]
    assert not failed
    assert len(results) == stories
    assert sum(step.kind == "action" for result in results for step in result.steps) == actions


def test_all_but_the_challenge_pass_where_the_domain_lacks_it(test_data: Path) -> None:
    results = _tested(test_data / "nlu" / "bots" / "form-examples-2x" / "08-response-selection")
    assert [result.story.name for result in results if not result.has_passed] == ["bot challenge"]


ASSISTANT = HEAD + form("weather_form", ["date_time", "address"], "{address}, {date_time}")
ASSISTANT += form(
    "number_form",
    ["type", "number", "business"],
    "looked up",
    '{"business": [self.from_entity("business"), self.from_text(intent="inform_business")]}',
)
KNOWN = """{
    slot: self.from_entity(entity=slot, intent=["inform", "search_provider"])
    for slot in ("facility_type", "location")
}"""
LOCATOR = HEAD + form("facility_form", ["facility_type", "location"], "{facility_type} in {location}", KNOWN)


@pytest.fixture
def assistant(test_data: Path, tmp_path: Path) -> Talk:
    """The Chinese assistant of Rasa 1, with forms of our own: its author's are not public."""
    folder = tmp_path / "assistant"
    shutil.copytree(test_data / "nlu" / "bots" / "chitchat-zh-1x", folder)
    (folder / "actions.py").write_text(ASSISTANT, "utf-8")
    return Talk(load_bot(folder), folder)


async def test_the_assistant_asks_for_day_and_place_in_turn(assistant: Talk) -> None:
    assert await assistant.say("/request_weather") == ["请问您要查询哪一天的天气？"]
    assert await assistant.say('/inform{"date_time": "明天"}') == ["请问您要查下哪里的天气？"]
    assert await assistant.say('/inform{"address": "广州"}') == ["广州, 明天"]
    assert assistant.tracker.loop is None
    [thanks] = await assistant.say("/thanks")
    assert thanks


async def test_the_assistant_takes_a_later_correction(assistant: Talk) -> None:
    await assistant.say('/request_weather{"date_time": "明天", "address": "上海"}')
    assert await assistant.say('/inform{"date_time": "后天"}') == ["上海, 后天"]
    assert await assistant.say('/inform{"address": "北京"}') == ["北京, 后天"]


async def test_the_assistant_is_interrupted_and_goes_on(assistant: Talk) -> None:
    await assistant.say("/request_weather")
    said = await assistant.say("/chitchat")
    assert said[-1] == "请问您要查询哪一天的天气？"
    assert len(said) == 2
    assert await assistant.say('/inform{"date_time": "今天"}') == ["请问您要查下哪里的天气？"]


async def test_the_assistant_stops_or_goes_on_as_it_is_told(assistant: Talk) -> None:
    await assistant.say("/request_weather")
    assert await assistant.say("/stop") == ["请问您还要继续吗?"]
    assert await assistant.say("/affirm") == ["请问您要查询哪一天的天气？"]
    assert await assistant.say("/stop") == ["请问您还要继续吗?"]
    await assistant.say("/deny")
    assert assistant.tracker.loop is None


async def test_the_locator_of_rasa_1_fills_its_form(test_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "locator"
    shutil.copytree(test_data / "nlu" / "bots" / "medicare-1x", folder)
    (folder / "actions.py").write_text(LOCATOR, "utf-8")
    talk = Talk(load_bot(folder), folder)
    [asked] = await talk.say('/search_provider{"location": "Austin"}')
    assert asked
    assert await talk.say('/inform{"facility_type": "hospital"}') == ["hospital in Austin"]
    assert talk.tracker.loop is None
