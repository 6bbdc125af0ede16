"""Fills slots from what a person has said, by the domain's mappings."""

from typing import Any

from services.nlp.dialogue.tracker import TrackerEvent, slot_set
from services.nlp.formats.bot import Bot, Slot, SlotMapping
from services.nlp.nlu.parse import Parse


def fill_slots(bot: Bot, parse: Parse) -> list[TrackerEvent]:
    """One event for each slot that the message fills; the first mapping that applies wins."""
    events = []
    for slot in bot.slots.values():
        for mapping in slot.mappings:
            value = _value(slot, mapping, parse)
            if value is not None:
                events.append(slot_set(slot.name, value))
                break
    return events


def _value(slot: Slot, mapping: SlotMapping, parse: Parse) -> Any:
    if mapping.intents and parse.intent not in mapping.intents:
        return None
    if parse.intent in mapping.not_intents:
        return None
    if mapping.kind == "from_text":
        return parse.text
    if mapping.kind == "from_intent":
        return mapping.value
    if mapping.kind != "from_entity":
        return None
    values = [entity.value for entity in parse.entities if entity.entity == (mapping.entity or slot.name)]
    if not values:
        return None
    return values if slot.type == "list" else values[-1]
