"""What is said about the language model: the bot's own response where it has one, else the catalogue's."""

from typing import Any

from foundation import words
from services.nlp.engines.base import Turn


def say(turn: Turn, name: str, **slots: Any) -> str:
    """`name` is the catalogue's key; the bot's own words for it are its response `utter_{name}`."""
    if own := turn.stage.respond(f"utter_{name}", slots):
        return own.text
    return words.say(name, turn.language, **slots)
