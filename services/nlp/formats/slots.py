"""The domain's slots: types, and the mappings that fill them, in Rasa 3's way and in those before it."""

from dataclasses import dataclass, field, replace
from typing import Any, get_args

from services.nlp.formats.bot import (
    REQUESTED_SLOT,
    Bot,
    Intent,
    MappingCondition,
    MappingKind,
    Slot,
    SlotKind,
    SlotMapping,
)
from services.nlp.formats.source import Source, plain

_OLD_KINDS = {"unfeaturized": "any", "boolean": "bool"}


@dataclass
class Loose:
    """What single files say and only all of them together can tell."""

    stores_entities: bool = True
    """`config: store_entities_as_slots` of Rasa before 3."""
    auto_filled: set[str] = field(default_factory=set)
    """Slots without mappings, filled by the entity of their name in Rasa before 3."""
    form_mappings: dict[str, list[SlotMapping]] = field(default_factory=dict)
    """By slot: Rasa 2 has them in its forms."""
    quiet_entities: set[str] = field(default_factory=set)
    """Entities with `influence_conversation: false`."""


def read_slots(source: Source, bot: Bot, loose: Loose) -> None:
    """Add the file's slots to the bot."""
    domain = source.content
    is_old = not str(domain.get("version", "1")).startswith("3")
    for key, body in source.mapping(domain.get("slots"), domain, "slots").items():
        name = str(key)
        fields = source.mapping(body, domain["slots"], key)
        slot = _slot(source, name, fields, domain["slots"], bot)
        if slot is None:
            continue
        bot.slots[name] = slot
        if is_old and "mappings" not in fields and fields.get("auto_fill") is not False:
            loose.auto_filled.add(name)


def read_form_mappings(source: Source, form: str, slots: dict[str, Any], loose: Loose) -> None:
    """A Rasa 2 form's own mappings, by slot; a slot without any is filled by the entity of its name."""
    for name, body in slots.items():
        items = source.sequence(body, slots, name)
        read = [_mapping(source, items, place, item) for place, item in enumerate(items)]
        mappings = [m for m in read if m] or [SlotMapping("from_entity", entity=str(name))]
        for mapping in mappings:
            asked = "" if mapping.kind in ("from_entity", "from_trigger_intent") else str(name)
            bound = replace(mapping, conditions=(MappingCondition(form, asked),))
            loose.form_mappings.setdefault(str(name), []).append(bound)


def settle(bot: Bot, loose: Loose) -> None:
    """Turn what older formats leave to the whole domain into mappings of the slots."""
    for name, mappings in loose.form_mappings.items():
        slot = bot.slots.get(name) or Slot(name, "any")
        bot.slots[name] = replace(slot, mappings=(*slot.mappings, *mappings))
    for name in loose.auto_filled:
        if loose.stores_entities and name in bot.entities:
            slot = bot.slots[name]
            bot.slots[name] = replace(
                slot, mappings=(*slot.mappings, SlotMapping("from_entity", entity=name))
            )
    if loose.quiet_entities:
        for name, intent in bot.intents.items():
            bot.intents[name] = _without(intent, loose.quiet_entities)
    if bot.forms:
        bot.slots.setdefault(REQUESTED_SLOT, Slot(REQUESTED_SLOT, "any", influences=False))


def _without(intent: Intent, quiet: set[str]) -> Intent:
    return replace(intent, ignored_entities=tuple(sorted({*intent.ignored_entities, *quiet})))


def _slot(source: Source, name: str, fields: dict[str, Any], slots: Any, bot: Bot) -> Slot | None:
    kind = _OLD_KINDS.get(str(fields.get("type", "any")), str(fields.get("type", "any")))
    path = ""
    if "." in kind:
        kind, path = _kind_of_class(kind), kind
        bot.warnings.append(f"{source.name}: slot {name!r} of type {path} is kept as {kind}")
    if kind not in get_args(SlotKind):
        allowed = ", ".join((*get_args(SlotKind), "or the dotted path of a class"))
        source.wrong(f"slot type {kind!r}", allowed, fields or slots, "type" if fields else name)
        return None
    influences = fields.get("influence_conversation", kind != "any")
    if kind == "any" and influences and not path:
        source.wrong("true for a slot of type any", "false", fields, "influence_conversation")
    items = source.sequence(fields.get("mappings"), fields, "mappings")
    read = [_mapping(source, items, place, item) for place, item in enumerate(items)]
    values = source.sequence(fields.get("values"), fields, "values")
    if kind == "categorical" and not values:
        source.wrong("a categorical slot without values", "`values:`, a list", slots, name)
    return Slot(
        name=name,
        kind=kind,  # type: ignore[arg-type]  # one of them, as has just been checked
        initial_value=plain(fields.get("initial_value")),
        influences=bool(influences) and kind != "any",
        values=tuple(str(value).lower() for value in values),
        min_value=_number(source, fields, "min_value", 0.0),
        max_value=_number(source, fields, "max_value", 1.0),
        mappings=tuple(mapping for mapping in read if mapping),
        path=path,
    )


def _kind_of_class(path: str) -> str:
    name = path.rsplit(".", 1)[1].removesuffix("Slot").lower()
    name = _OLD_KINDS.get(name, {"boolean": "bool"}.get(name, name))
    return name if name in get_args(SlotKind) else "any"


def _number(source: Source, fields: dict[str, Any], key: str, default: float) -> float:
    value = fields.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        source.wrong(f"{value!r}", "a number", fields, key)
        return default
    return float(value)


def _mapping(source: Source, items: Any, place: int, item: Any) -> SlotMapping | None:
    fields = source.mapping(item, items, place)
    kind: Any = fields.get("type")
    if kind not in get_args(MappingKind):
        source.wrong(f"mapping type {kind!r}", ", ".join(get_args(MappingKind)), fields or items, "type")
        return None
    needed = {"from_entity": "entity", "from_intent": "value"}.get(kind)
    if needed and needed not in fields:
        source.wrong(f"a {kind} mapping without {needed!r}", f"`{needed}:`", items, place)
        return None
    return SlotMapping(
        kind=kind,
        entity=source.text(fields.get("entity"), fields, "entity"),
        role=source.text(fields.get("role"), fields, "role"),
        group=source.text(fields.get("group"), fields, "group"),
        intents=_several(fields.get("intent")),
        not_intents=_several(fields.get("not_intent")),
        value=plain(fields.get("value")),
        action=source.text(fields.get("action"), fields, "action"),
        conditions=_conditions(source, fields),
    )


def _conditions(source: Source, fields: dict[str, Any]) -> tuple[MappingCondition, ...]:
    found = []
    for item in source.mappings(fields.get("conditions"), fields, "conditions"):
        if "active_loop" not in item:
            source.wrong(f"a condition with {', '.join(map(str, item))}", "active_loop", item)
            continue
        loop = item["active_loop"]
        asked = source.text(item.get("requested_slot"), item, "requested_slot")
        found.append(MappingCondition(None if loop is None else str(loop), asked))
    return tuple(found)


def _several(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
