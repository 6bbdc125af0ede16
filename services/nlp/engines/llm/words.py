"""What is said about the language model: the bot's own response where it has one, else the catalogue's."""

from typing import Any

from foundation import words
from foundation.words import Language
from services.nlp.dialogue.responses import respond
from services.nlp.engines.base import Turn
from services.nlp.skills.language import language_for


def say(turn: Turn, name: str, **slots: Any) -> str:
    """`name` is the catalogue's key; the bot's own words for it are its response `utter_{name}`."""
    filled = {**turn.tracker.slots, **slots}
    if own := respond(turn.bot, f"utter_{name}", filled, turn.channel, turn.chance):
        return own.text
    return words.say(name, language(turn), **slots)


def language(turn: Turn) -> Language:
    """What the person reads."""
    heard = [str(e.get("text") or "") for e in reversed(turn.tracker.events) if e["event"] == "user"]
    return language_for(turn.parse.text, heard, turn.request.event.user.locale, turn.bot.language)
