"""A trained bot: what it says and what it understands, whole."""

from dataclasses import dataclass

import sklearn

from services.nlp.formats.bot import FALLBACK_INTENT, Bot
from services.nlp.nlu.classifier import IntentClassifier
from services.nlp.nlu.parse import Parse, parse
from services.nlp.skills.words import with_built_in

MODEL_FORMAT = 1


@dataclass(frozen=True)
class Model:
    """One version of one bot. Read-only, so threads may share it."""

    version: str
    bot: Bot
    classifier: IntentClassifier
    made_with: str
    """The format's number and scikit-learn's version: others cannot read it."""

    def parse(self, text: str) -> Parse:
        """What a message means to this bot."""
        return parse(text, self.bot, self.classifier)


def made_with() -> str:
    """What this process makes models with."""
    return f"{MODEL_FORMAT}/{sklearn.__version__}"


def train(bot: Bot, version: str) -> Model:
    """Learn from the bot's examples; takes seconds."""
    bot.responses = with_built_in(bot.responses, bot.is_chinese)
    classifier = IntentClassifier(bot.is_chinese)
    known = [example for example in bot.examples if example.intent != FALLBACK_INTENT]
    classifier.fit(known)
    return Model(version, bot, classifier, made_with())
