"""One parse: intent, ranking, entities; `/intent{"entity": "value"}` passes straight through."""

import json
import re
from dataclasses import dataclass
from typing import Any

from services.nlp.formats.bot import FALLBACK_INTENT, Bot
from services.nlp.nlu.classifier import IntentClassifier, IntentGuess

_DIRECT = re.compile(
    r"^/(?P<name>[^@{\s]+)(?:@(?P<confidence>[01](?:\.[0-9]+)?))?\s*(?P<entities>\{.*\})?\s*$", re.S
)


@dataclass(frozen=True)
class Entity:
    """A part of the sentence that means something."""

    entity: str
    value: Any
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Parse:
    """What a sentence means, as far as we can tell."""

    text: str
    intent: str
    confidence: float
    ranking: tuple[IntentGuess, ...] = ()
    entities: tuple[Entity, ...] = ()

    @property
    def is_understood(self) -> bool:
        """Whether an intent was found that is sure enough."""
        return self.intent != FALLBACK_INTENT


def parse(text: str, bot: Bot, classifier: IntentClassifier) -> Parse:
    """The parse of a person's message."""
    direct = _DIRECT.match(text.strip())
    if direct:
        confidence = float(direct["confidence"] or 1.0)
        return Parse(text, direct["name"], confidence, entities=_direct_entities(direct["entities"]))
    ranking = tuple(classifier.rank(text))
    entities = tuple(find_entities(text, bot))
    limits = bot.understanding
    best = ranking[0] if ranking else IntentGuess(FALLBACK_INTENT, 0.0)
    second = ranking[1].confidence if len(ranking) > 1 else 0.0
    if best.confidence < limits.threshold or best.confidence - second < limits.ambiguity:
        return Parse(text, FALLBACK_INTENT, limits.threshold, ranking, entities)
    return Parse(text, best.name, best.confidence, ranking, entities)


def find_entities(text: str, bot: Bot) -> list[Entity]:
    """Words of lookup tables and annotated examples, and what regular expressions match; synonyms applied."""
    found: dict[tuple[int, int, str], Entity] = {}
    for lookup in bot.lookups:
        if lookup.entity not in bot.entities:
            continue
        for pattern in (lookup.pattern, *map(_whole_word, lookup.words)):
            for match in re.finditer(pattern, text, re.IGNORECASE) if pattern else ():
                value = bot.synonyms.get(match[0].lower(), match[0])
                entity = Entity(lookup.entity, value, match.start(), match.end())
                found[(match.start(), match.end(), lookup.entity)] = entity
    return sorted(found.values(), key=lambda entity: (entity.start, -entity.end))


def _whole_word(word: str) -> str:
    pattern = re.escape(word)
    return rf"\b{pattern}\b" if word.isascii() else pattern


def _direct_entities(text: str | None) -> tuple[Entity, ...]:
    try:
        values = json.loads(text or "{}")
    except ValueError:
        return ()
    pairs = [(str(name), value) for name, value in values.items()]
    several = [(name, item) for name, v in pairs for item in (v if isinstance(v, list) else [v])]
    return tuple(Entity(name, value) for name, value in several)
