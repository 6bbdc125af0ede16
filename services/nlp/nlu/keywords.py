"""Rasa's KeywordIntentClassifier: an example that stands in the sentence decides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.nlp.formats.bot import Example


@dataclass(frozen=True)
class Keywords:
    """Phrases and their intents."""

    phrases: tuple[tuple[re.Pattern[str], str], ...] = ()

    @classmethod
    def of(cls, examples: Sequence[Example], minds_case: bool = False) -> "Keywords":
        """Every example is a phrase to look for."""
        return cls(tuple((_pattern(e.text, minds_case), e.intent) for e in examples if e.text))

    def find(self, text: str) -> str:
        """The intent of the first phrase that the text holds; "" for none."""
        return next((intent for pattern, intent in self.phrases if pattern.search(text)), "")


def _pattern(phrase: str, minds_case: bool) -> re.Pattern[str]:
    whole = rf"\b{re.escape(phrase)}\b" if phrase.isascii() else re.escape(phrase)
    return re.compile(whole, 0 if minds_case else re.IGNORECASE)
