"""What a sentence means: intent, ranking, entities."""

from dataclasses import dataclass, field
from typing import Any

from services.nlp.formats.bot import FALLBACK_INTENT


@dataclass(frozen=True)
class IntentGuess:
    """An intent and how sure the classifier is, 0 to 1."""

    name: str
    confidence: float


@dataclass(frozen=True)
class Entity:
    """A part of the sentence that means something: text[start:end]; both 0 where a payload gave it."""

    entity: str
    value: Any
    start: int = 0
    end: int = 0
    confidence: float = 1.0
    extractor: str = ""
    role: str = ""
    group: str = ""


@dataclass(frozen=True)
class ResponseGuess:
    """What the response selector chose for a retrieval intent."""

    intent: str
    """The retrieval intent, such as faq."""
    key: str
    """faq/ask_name: answered by utter_faq/ask_name."""
    confidence: float
    ranking: tuple[IntentGuess, ...] = ()


@dataclass(frozen=True)
class Parse:
    """What a sentence means, as far as we can tell."""

    text: str
    intent: str
    confidence: float
    ranking: tuple[IntentGuess, ...] = ()
    """Likeliest first; behind a fallback the original guesses."""
    entities: tuple[Entity, ...] = ()
    responses: tuple[ResponseGuess, ...] = ()
    tokens: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    """Where each word begins and ends."""

    @property
    def is_understood(self) -> bool:
        """Whether an intent was found that is sure enough."""
        return self.intent != FALLBACK_INTENT


def is_parse_data(value: Any) -> bool:
    """Whether a tracker can hold this as `parse_data`. None it can: nothing was understood."""
    if value is None:
        return True
    if not isinstance(value, dict) or not isinstance(value.get("intent") or {}, dict):
        return False
    return all(_are_mappings(value.get(key)) for key in ("entities", "intent_ranking"))


def _are_mappings(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value))
