"""Plain sentences reach the shipped bots' skills by rule, with what the skill wants of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.reply import Reply
from services.nlp.dialogue.conversing import answer, begin, hear
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.loader import load_bot
from services.nlp.live import LiveBot
from services.nlp.skills.base import Answer, Asked, Skill, reads_sentences
from services.nlp.training.model import Model, train
from tests.skill_kit import workshop

SENTENCES = [
    ("weather-zh", "告訴我今日新聞", "news", {"topic": "告訴我今日新聞"}),
    ("weather-zh", "有沒有體育新聞", "news", {"topic": "有沒有體育新聞"}),
    ("weather-zh", "有沒有關於月亮的詩", "poem", {"poem": "有沒有關於月亮的詩"}),
    ("demo", "有沒有關於月亮的詩", "poem", {"poem": "有沒有關於月亮的詩"}),
    ("demo", "科技新聞", "news", {"topic": "科技新聞"}),
    ("demo", "is there any news about science", "news", {"topic": "is there any news about science"}),
    ("demo", "is there a poem about the moon", "poem", {"poem": "is there a poem about the moon"}),
    ("demo", "a joke about bees", "joke", {"joke": "a joke about bees"}),
    ("weather-zh", "找動漫歌曲", "music", {"music": "找動漫歌曲"}),
    ("weather-zh", "台積電股價", "stocks", {"stock": "台積電股價"}),
    ("weather-zh", "誰是李白", "encyclopedia", {"topic": "誰是李白"}),
    ("weather-zh", "三百乘以七", "calculate", {"sum": "三百乘以七"}),
    ("weather-zh", "今天幾號", "calendar", {"day": "今天幾號"}),
    ("weather-zh", "講個笑話", "joke", {"joke": "講個笑話"}),
    ("weather-zh", "念一首李白的詩", "poem", {"poem": "念一首李白的詩"}),
    ("weather-zh", "番茄炒蛋怎麼做", "recipe", {"recipe": "番茄炒蛋怎麼做"}),
    ("weather-zh", "台北空氣品質如何", "air", {"place": "台北"}),
    ("demo", "what's in the news", "news", {"topic": "what's in the news"}),
    ("demo", "find me anime songs", "music", {"music": "find me anime songs"}),
    ("demo", "what is the price of a TSMC share", "stocks", {"stock": "what is the price of a TSMC share"}),
    ("demo", "who was Ada Lovelace", "encyclopedia", {"topic": "who was Ada Lovelace"}),
    ("demo", "what is 300 times 7", "calculate", {"sum": "what is 300 times 7"}),
    ("demo", "what day is it today", "calendar", {"day": "today"}),
    ("demo", "tell me a joke", "joke", {"joke": "tell me a joke"}),
    ("demo", "a poem by Dickinson", "poem", {"poem": "a poem by Dickinson"}),
    ("demo", "how do I make an omelette", "recipe", {"recipe": "how do I make an omelette"}),
    ("demo", "air quality in Taipei", "air", {"place": "Taipei"}),
]


@dataclass
class Noting:
    """A skill as it is, but that it only notes what it is asked."""

    skill: Skill
    heard: list[tuple[str, dict[str, Any]]]
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name, self.description = self.skill.name, self.skill.description
        self.parameters, self.hosts = self.skill.parameters, self.skill.hosts
        self.reads_sentences = reads_sentences(self.skill)

    async def run(self, asked: Asked) -> Answer:
        self.heard.append((self.name, dict(asked.args)))
        return Answer(Reply(text="noted"))


@cache
def model(bot: str) -> Model:
    return train(load_bot(Path("bots") / bot), "v")


@pytest.mark.parametrize(("bot", "text", "skill", "args"), SENTENCES)
async def test_a_plain_sentence_reaches_its_skill(
    bot: str, text: str, skill: str, args: dict[str, Any]
) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    trained = model(bot)
    made = workshop(httpx.AsyncClient()).make(Path("bots") / bot, trained.bot.skills)
    skills = {name: Noting(one, heard) for name, one in made.items()}
    live = LiveBot(trained, skills=skills)
    stage = live.stage(Tracker(trained.bot, "web:web:ann"))
    await begin(stage)
    await hear(stage, trained.parse(text))
    assert [reply.text async for reply in answer(stage, trained.dialogue)][:1] == ["noted"]
    assert heard == [(skill, args)]


@pytest.mark.parametrize(
    ("skill", "text"),
    [
        ("poem", "recite a poem"),
        ("poem", "來首古詩"),
        ("poem", "念一首李白的詩"),
        ("recipe", "how do I make pancakes"),
        ("recipe", "番茄炒蛋怎麼做"),
        ("calendar", "今天幾號"),
        ("calculate", "what is 300 times 7"),
    ],
)
async def test_a_skill_at_home_finds_in_a_sentence_what_is_wanted(skill: str, text: str) -> None:
    found = workshop(httpx.AsyncClient()).make(Path("none"), (skill,))[skill]
    first = next(iter(found.parameters["properties"]))
    told = await found.run(Asked({first: text}, "zh-Hant", datetime(2026, 3, 4, tzinfo=UTC)))
    assert isinstance(told, Answer)
    assert told.facts
