"""domain.yml: intents, entities, slots, responses, actions."""

from typing import Any, get_args

from services.nlp.formats.bot import Bot, Slot, SlotMapping, SlotType, Variation
from services.nlp.formats.source import Source

_MAPPINGS = ("from_entity", "from_intent", "from_text", "custom")
_VARIATION_KEYS = ("text", "buttons", "image", "custom", "channel", "condition", "id", "metadata")


def read_domain(source: Source, bot: Bot) -> None:
    """Add what the file's domain keys say to the bot."""
    domain = source.content
    bot.intents |= set(_names(source, domain, "intents"))
    bot.entities |= set(_names(source, domain, "entities"))
    bot.actions |= set(_names(source, domain, "actions"))
    for name, slot in source.mapping(domain.get("slots"), domain, "slots").items():
        _read_slot(source, domain["slots"], str(name), slot, bot)
    for name, variations in source.mapping(domain.get("responses"), domain, "responses").items():
        _read_response(source, domain["responses"], str(name), variations, bot)
    if domain.get("forms"):
        bot.warnings.append(f"{source.name}: forms are not run by this version; their slots stay empty")


def _names(source: Source, domain: dict[str, Any], key: str) -> list[str]:
    names = []
    for place, item in enumerate(source.sequence(domain.get(key), domain, key)):
        if isinstance(item, str):
            names.append(item)
        elif isinstance(item, dict) and len(item) == 1:
            names.append(str(next(iter(item))))
        else:
            source.wrong(f"{item!r}", "a name, or a name with its options", domain[key], place)
    return names


def _read_slot(source: Source, slots: Any, name: str, body: Any, bot: Bot) -> None:
    fields = source.mapping(body, slots, name)
    kind = fields.get("type", "any")
    if kind not in get_args(SlotType):
        source.wrong(f"slot type {kind!r}", ", ".join(get_args(SlotType)), fields, "type")
        return
    mappings = source.sequence(fields.get("mappings"), fields, "mappings")
    read = [_mapping(source, mappings, place, item) for place, item in enumerate(mappings)]
    known = tuple(mapping for mapping in read if mapping)
    bot.slots[name] = Slot(name, kind, fields.get("initial_value"), known)


def _mapping(source: Source, mappings: Any, place: int, item: Any) -> SlotMapping | None:
    fields = source.mapping(item, mappings, place)
    kind = fields.get("type")
    if kind == "from_trigger_intent":
        return None  # counts only when a form begins
    if kind not in _MAPPINGS:
        source.wrong(f"mapping type {kind!r}", ", ".join((*_MAPPINGS, "from_trigger_intent")), fields, "type")
        return None
    return SlotMapping(
        kind=kind,
        entity=str(fields.get("entity", "")),
        intents=_several(fields.get("intent")),
        not_intents=_several(fields.get("not_intent")),
        value=fields.get("value"),
    )


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)


def _read_response(source: Source, responses: Any, name: str, body: Any, bot: Bot) -> None:
    if not name.startswith("utter_"):
        source.wrong(f"response {name!r}", "names that begin with utter_", responses, name)
        return
    items = source.sequence(body, responses, name)
    read = [_variation(source, items, place, item) for place, item in enumerate(items)]
    bot.responses[name] = tuple(variation for variation in read if variation)


def _variation(source: Source, items: Any, place: int, item: Any) -> Variation | None:
    if isinstance(item, str):
        return Variation(text=item)
    fields = source.mapping(item, items, place)
    unknown = [key for key in fields if key not in _VARIATION_KEYS]
    for key in unknown:
        source.wrong(f"{key!r} in a response", ", ".join(_VARIATION_KEYS), fields, key)
    if unknown:
        return None
    buttons = source.mappings(fields.get("buttons"), fields, "buttons")
    conditions = source.mappings(fields.get("condition"), fields, "condition")
    return Variation(
        text=source.text(fields.get("text"), fields, "text").strip(),
        buttons=tuple((str(b.get("title", "")), str(b.get("payload", ""))) for b in buttons),
        image=source.text(fields.get("image"), fields, "image") or None,
        custom=source.mapping(fields.get("custom"), fields, "custom") or None,
        channel=source.text(fields.get("channel"), fields, "channel"),
        conditions=tuple((str(c.get("name")), c.get("value")) for c in conditions if c.get("type") == "slot"),
    )
