"""Talks to a bot without a room: understanding, policies and actions, in this process."""

from pathlib import Path
from random import Random
from typing import Any

from contracts.reply import Reply
from services.nlp.actions.base import ActionRunner, TrackerEvent
from services.nlp.actions.local import LocalActions
from services.nlp.dialogue.conversing import answer, begin, hear
from services.nlp.dialogue.deciding import Dialogue
from services.nlp.dialogue.events import user_uttered
from services.nlp.dialogue.stage import Stage
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import Bot
from services.nlp.formats.writer.domain import domain_of
from services.nlp.nlu.direct import direct_parse
from services.nlp.nlu.parse import Entity, Parse
from services.nlp.training.model import train


class Talk:
    """One conversation; `now` is its clock, in seconds."""

    def __init__(self, bot: Bot, actions: Path | None = None) -> None:
        self.model = train(bot, "v")
        self.now = 1_000_000.0
        runner: ActionRunner | None = LocalActions.load(actions, 2.0) if actions else None
        tracker = Tracker.of(self.model.bot, sender_id="web:c1", now=lambda: self.now)
        bot = self.model.bot
        self.stage = Stage(bot, tracker, domain_of(bot), runner, chance=Random(1))

    @property
    def tracker(self) -> Tracker:
        return self.stage.tracker

    @property
    def dialogue(self) -> Dialogue:
        return self.model.dialogue

    async def replies(self, text: str) -> list[Reply]:
        """What the bot answers to one message."""
        said = await begin(self.stage)
        said += await hear(self.stage, self.model.parse(text), "web")
        async for reply in answer(self.stage, self.model.dialogue):
            said.append(reply)
        return said

    async def say(self, text: str) -> list[str]:
        """Its texts only."""
        return [reply.text for reply in await self.replies(text)]


def heard(direct: str, text: str = "", **entities: Any) -> TrackerEvent:
    """A message as an event."""
    parse = direct_parse(direct)
    assert parse
    found = tuple(Entity(name, value) for name, value in entities.items())
    return user_uttered(Parse(text or direct, parse.intent, 1.0, entities=found))
