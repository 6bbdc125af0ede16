"""`/intent{"entity": "value"}`: what a button or a tester sends past the classifier."""

import json
import re
from typing import Any

from services.nlp.nlu.parse import Entity, IntentGuess, Parse

EXTRACTOR = "RegexMessageHandler"
_DIRECT = re.compile(
    r"/(?P<name>[^@{\s]+)(?:@(?P<confidence>[01](?:\.[0-9]+)?))?\s*(?P<entities>\{.*\})?", re.DOTALL
)
"""No second run of spaces at its end: two next to each other take 20 s to fail on 100,000 spaces."""


def direct_parse(text: str) -> Parse | None:
    """The parse that the text spells out; None where it is an ordinary sentence."""
    match = _DIRECT.fullmatch(text.strip()) if text.lstrip().startswith("/") else None
    if match is None:
        return None
    confidence = min(float(match["confidence"] or 1.0), 1.0)
    guess = IntentGuess(match["name"], confidence)
    entities = tuple(_entities(match["entities"] or "{}"))
    return Parse(text, guess.name, confidence, (guess,), entities)


def _entities(text: str) -> list[Entity]:
    try:
        values: Any = json.loads(text)
    except (ValueError, RecursionError):
        return []
    pairs = [(name, item) for name, v in values.items() for item in (v if isinstance(v, list) else [v])]
    return [Entity(str(name), value, extractor=EXTRACTOR) for name, value in pairs]
