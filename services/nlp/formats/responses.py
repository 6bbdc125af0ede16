"""The domain's responses: what the bot can say, each in one or more variations."""

import re
from typing import Any

from services.nlp.formats.bot import Bot, ButtonTemplate, SlotCondition, Variation
from services.nlp.formats.source import Source, plain

SLOT = re.compile(r"\{\{|\}\}|\{([^\s{}\"':,]+)\}")
"""Where a response is filled: `{slot}` is the first group; `{{` and `}}` stand for braces."""
_KEYS = (
    "text",
    "buttons",
    "quick_replies",
    "button_type",
    "image",
    "attachment",
    "elements",
    "custom",
    "channel",
    "condition",
    "id",
    "metadata",
)


def read_responses(source: Source, key: str, bot: Bot) -> None:
    """Add the responses below `key` (responses, or templates of Rasa 1)."""
    content = source.content
    for name, body in source.mapping(content.get(key), content, key).items():
        if not str(name).startswith("utter_"):
            source.wrong(f"response {name!r}", "names that begin with utter_", content[key], name)
            continue
        if isinstance(body, str):
            line = source.line(content[key], name)
            bot.responses[str(name)] = (Variation(text=body, file=source.name, line=line),)
            continue
        items = source.sequence(body, content[key], name)
        read = [_variation(source, items, place, item) for place, item in enumerate(items)]
        bot.responses[str(name)] = tuple(variation for variation in read if variation)


def _variation(source: Source, items: Any, place: int, item: Any) -> Variation | None:
    line = source.line(items, place)
    if isinstance(item, str):
        return Variation(text=item, file=source.name, line=line)
    fields = source.mapping(item, items, place)
    unknown = [key for key in fields if key not in _KEYS]
    for key in unknown:
        source.wrong(f"{key!r} in a response", ", ".join(_KEYS), fields, key)
    if unknown or not fields:
        return None
    buttons = [button for key in ("buttons", "quick_replies") for button in _buttons(source, fields, key)]
    return Variation(
        text=source.text(fields.get("text"), fields, "text").strip(),
        buttons=tuple(buttons),
        image=source.text(fields.get("image"), fields, "image"),
        attachment=plain(fields.get("attachment")),
        elements=tuple(plain(e) for e in source.mappings(fields.get("elements"), fields, "elements")),
        custom=plain(source.mapping(fields.get("custom"), fields, "custom")) or None,
        channel=source.text(fields.get("channel"), fields, "channel"),
        conditions=_conditions(source, fields),
        file=source.name,
        line=line,
    )


def _buttons(source: Source, fields: dict[str, Any], key: str) -> list[ButtonTemplate]:
    buttons = source.mappings(fields.get(key), fields, key)
    return [
        ButtonTemplate(
            title=source.text(button.get("title"), button, "title"),
            payload=source.text(button.get("payload", button.get("url")), button, "payload"),
            url=source.text(button.get("url"), button, "url"),
        )
        for button in buttons
    ]


def _conditions(source: Source, fields: dict[str, Any]) -> tuple[SlotCondition, ...]:
    found = []
    for condition in source.mappings(fields.get("condition"), fields, "condition"):
        if condition.get("type") != "slot" or "name" not in condition:
            source.wrong(
                f"a condition of type {condition.get('type')!r}", "type: slot, name, value", condition
            )
            continue
        found.append(SlotCondition(str(condition["name"]), plain(condition.get("value"))))
    return tuple(found)
