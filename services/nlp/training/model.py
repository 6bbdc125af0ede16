"""A trained bot: what it says, what it understands and how it decides, whole."""

from collections.abc import Callable
from dataclasses import dataclass

from services.nlp.dialogue.deciding import Dialogue, train_dialogue
from services.nlp.formats.bot import Bot
from services.nlp.formats.writer.modern import modernized
from services.nlp.nlu.parse import Parse
from services.nlp.nlu.understanding import Understanding, train_understanding
from services.nlp.skills.words import with_built_in

MODEL_FORMAT = 3
"""Raised when older model files can no longer be read; they are then trained anew."""


@dataclass(frozen=True)
class Model:
    """One version of one bot. Read-only, so threads may share it."""

    version: str
    bot: Bot
    understanding: Understanding
    dialogue: Dialogue

    def parse(self, text: str) -> Parse:
        """What a message means to this bot."""
        return self.understanding.parse(text)


def train(bot: Bot, version: str, notice: Callable[[str], None] = lambda line: None) -> Model:
    """Learn from the bot's examples, stories and rules; `notice` is told what was learned, a line each."""
    bot = modernized(bot)
    bot.responses = with_built_in(bot.responses, bot.is_chinese)
    understanding = train_understanding(bot, notice)
    dialogue = train_dialogue(bot, notice)
    return Model(version, bot, understanding, dialogue)
