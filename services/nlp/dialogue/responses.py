"""From a response's name to what the bot says: variation, channel, slots filled in."""

import random
import re
from collections.abc import Mapping
from typing import Any

from contracts.reply import Button, Reply
from services.nlp.formats.bot import Bot, Variation

_SLOT = re.compile(r"\{\{|\}\}|\{([A-Za-z0-9_.-]+)\}")


def respond(
    bot: Bot, name: str, slots: Mapping[str, Any], channel: str, chance: random.Random
) -> Reply | None:
    """The response as a reply; None where the bot has none of that name or none that fits."""
    fitting = [v for v in bot.responses.get(name, ()) if _holds(v, slots)]
    special = [v for v in fitting if v.channel == channel]
    general = [v for v in fitting if not v.channel]
    candidates = special or general
    conditional = [v for v in candidates if v.conditions]
    candidates = conditional or candidates
    return _reply(chance.choice(candidates), slots) if candidates else None


def fill(text: str, slots: Mapping[str, Any]) -> str:
    """The text with {slot} replaced; `{{` and `}}` stand for braces, unknown names stay."""

    def value(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        return str(slots[match[1]]) if match[1] in slots else match[0]

    return _SLOT.sub(value, text)


def _holds(variation: Variation, slots: Mapping[str, Any]) -> bool:
    return all(slots.get(name) == value for name, value in variation.conditions)


def _reply(variation: Variation, slots: Mapping[str, Any]) -> Reply:
    return Reply(
        text=fill(variation.text, slots),
        buttons=tuple(
            Button(title=fill(title, slots), payload=fill(payload, slots))
            for title, payload in variation.buttons
        ),
        image=fill(variation.image, slots) if variation.image else None,
        custom=variation.custom,
    )
