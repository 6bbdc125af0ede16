"""From a response's name to what the bot says: variation, channel, slots filled in."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from contracts.reply import Button, Reply
from services.nlp.formats.bot import Bot, Variation
from services.nlp.formats.responses import SLOT
from services.nlp.nlu.script import Script, in_script


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


def in_script_of(reply: Reply, script: Script) -> Reply:
    """The reply's text and its buttons in these characters."""
    buttons = tuple(b.model_copy(update={"title": in_script(b.title, script)}) for b in reply.buttons)
    return reply.model_copy(update={"text": in_script(reply.text, script), "buttons": buttons})


def fill(text: str, slots: Mapping[str, Any]) -> str:
    """The text with {slot} replaced; `{{` and `}}` stand for braces, unknown names stay."""

    def value(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        return str(slots[match[1]]) if match[1] in slots else match[0]

    return SLOT.sub(value, text)


def filled(value: Any, slots: Mapping[str, Any]) -> Any:
    """The value with every text in it filled, however deep."""
    if isinstance(value, str):
        return fill(value, slots)
    if isinstance(value, Mapping):
        return {key: filled(item, slots) for key, item in value.items()}
    return [filled(item, slots) for item in value] if isinstance(value, list | tuple) else value


def reply_of(parts: Mapping[str, Any]) -> Reply:
    """A reply from what an action or an NLG server said: text, buttons, image, custom, attachment, elements.

    What is not of the shape that it should have is left out.
    """
    custom = {**_mapping(parts.get("custom"))}
    custom |= {key: parts[key] for key in ("attachment", "elements") if parts.get(key)}
    image = parts.get("image")
    return Reply(
        text=str(parts.get("text") or ""),
        buttons=tuple(_button(b) for b in _listed(parts.get("buttons")) if isinstance(b, Mapping)),
        image=str(image) if image else None,
        custom=custom or None,
    )


def _holds(variation: Variation, slots: Mapping[str, Any]) -> bool:
    return all(_folded(slots.get(c.name)) == _folded(c.value) for c in variation.conditions)


def _folded(value: Any) -> Any:
    """Conditions do not mind case: categorical slots are written in small letters, their values as said."""
    return value.casefold() if isinstance(value, str) else value


def _reply(variation: Variation, slots: Mapping[str, Any]) -> Reply:
    parts = {
        "text": variation.text,
        "buttons": [asdict(button) for button in variation.buttons],
        "image": variation.image,
        "custom": variation.custom,
        "attachment": variation.attachment,
        "elements": list(variation.elements),
    }
    # a button's payload may carry JSON: its braces are no slots, and only whole names are filled
    return reply_of(filled(parts, slots))


def _button(button: Mapping[str, Any]) -> Button:
    title = str(button.get("title") or "")
    url = str(button.get("url") or "")
    return Button(title=title, payload=str(button.get("payload") or url or title), url=url or None)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
