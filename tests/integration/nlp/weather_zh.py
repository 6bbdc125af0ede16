"""Talks with the Chinese assistant: its files, its own actions, and weather from a stand-in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import httpx

from services.nlp.dialogue.conversing import answer, begin, hear
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.loader import load_bot
from services.nlp.live import LiveBot, bring_to_life
from services.nlp.skills.weather import Weather, current
from services.nlp.training.model import Model, train
from tests.skill_kit import skill_kit, workshop

FOLDER = Path("bots/weather-zh")
_QUIET = ("action_listen", "action_session_start")


@cache
def model() -> Model:
    """Trained once for all tests."""
    return train(load_bot(FOLDER), "v")


class Talk:
    """One conversation."""

    def __init__(self, live: LiveBot) -> None:
        self.live = live
        self.tracker = Tracker(live.bot, "web:web:ann")

    async def say(self, text: str) -> list[str]:
        """What the bot answers."""
        stage = self.live.stage(self.tracker)
        replies = await begin(stage)
        replies += await hear(stage, self.live.model.parse(text))
        replies += [reply async for reply in answer(stage, self.live.model.dialogue)]
        return [reply.text for reply in replies]

    def course(self) -> list[tuple[str, ...]]:
        """What has happened, as a story tells it: messages, actions, and forms that begin and end."""
        found: list[tuple[str, ...]] = []
        for event in self.tracker.events:
            if event["event"] == "user":
                parse = event["parse_data"]
                entities = (f"{e['entity']}={e['value']}" for e in parse["entities"])
                found.append(("user", parse["intent"]["name"], *entities))
            elif event["event"] == "action" and event["name"] not in _QUIET:
                found.append(("action", event["name"]))
            elif event["event"] == "active_loop":
                found.append(("loop", event["name"] or ""))
        return found


@asynccontextmanager
async def talk(weather_url: str | None) -> AsyncIterator[Talk]:
    """A new conversation; without an address there is no weather."""
    async with httpx.AsyncClient(trust_env=False) as client:
        live = bring_to_life(model(), FOLDER, client, 10, workshop(client))
        if weather_url:
            kit = skill_kit("weather", client, NLP_GEOCODING_URL=weather_url, NLP_FORECAST_URL=weather_url)
            current.set(Weather(kit, 2, asyncio.get_running_loop()))
        try:
            yield Talk(live)
        finally:
            current.set(None)
