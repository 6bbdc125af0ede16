"""Fills slots from what a person has said, by the domain's mappings."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import slot_set
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import REQUESTED_SLOT, Bot, MappingCondition, Slot, SlotMapping


def fill_slots(tracker: Tracker, skipped: Iterable[str] = ()) -> list[TrackerEvent]:
    """One event for each slot that the last message fills; the first mapping that applies wins."""
    left_out = {REQUESTED_SLOT, *skipped}
    events = []
    for slot in tracker.bot.slots.values():
        for mapping in slot.mappings if slot.name not in left_out else ():
            values = _values(slot, mapping, tracker)
            if values:
                events.append(slot_set(slot.name, values if slot.kind == "list" else values[-1]))
                break
    return events


def custom_actions(tracker: Tracker) -> list[str]:
    """The actions of custom mappings that count now, each once."""
    found = [
        mapping.action
        for slot in tracker.bot.slots.values()
        for mapping in slot.mappings
        if mapping.kind == "custom" and mapping.action and _counts(slot, mapping, tracker)
    ]
    return list(dict.fromkeys(found))


def entity_values(message: Mapping[str, Any], entity: str, role: str = "", group: str = "") -> list[Any]:
    """The message's values of this entity; of any role and group where none is asked for."""
    return [
        found.get("value")
        for found in message.get("entities") or []
        if found.get("entity") == entity
        and (not role or found.get("role") == role)
        and (not group or found.get("group") == group)
    ]


def _values(slot: Slot, mapping: SlotMapping, tracker: Tracker) -> list[Any]:
    if mapping.kind == "custom" or not _counts(slot, mapping, tracker):
        return []
    if mapping.kind == "from_entity":
        if _is_ambiguous(slot, mapping, tracker):
            return []
        return entity_values(tracker.message, mapping.entity, mapping.role, mapping.group)
    if mapping.kind == "from_text":
        text = tracker.message.get("text")
        return [text] if text else []
    return [mapping.value]


def _counts(slot: Slot, mapping: SlotMapping, tracker: Tracker) -> bool:
    if not _is_wanted(tracker.intent, mapping, tracker):
        return False
    if mapping.kind == "from_trigger_intent":
        return _triggers(mapping, tracker)
    if not mapping.conditions:
        return True
    loop = tracker.loop
    if loop and loop.is_rejected and tracker.slots.get(REQUESTED_SLOT) == slot.name:
        return False
    return any(_holds(condition, tracker) for condition in mapping.conditions)


def _is_wanted(intent: str, mapping: SlotMapping, tracker: Tracker) -> bool:
    """A mapping's own intents count whatever else is said; without any, all but those that are left out."""
    if mapping.intents:
        return intent in mapping.intents
    return intent not in mapping.not_intents and not _is_ignored(intent, mapping, tracker)


def _is_ignored(intent: str, mapping: SlotMapping, tracker: Tracker) -> bool:
    """A form's `ignored_intents` fill nothing while it runs, but by mappings that are tied to others."""
    form = tracker.bot.forms.get(tracker.loop_name)
    if form is None or intent not in form.ignored_intents:
        return False
    return not mapping.conditions or any(c.active_loop == form.name for c in mapping.conditions)


def _triggers(mapping: SlotMapping, tracker: Tracker) -> bool:
    """Whether the form has just begun with this message."""
    forms = {condition.active_loop for condition in mapping.conditions}
    began = any(event["event"] == "active_loop" and event.get("name") for event in tracker.since_heard())
    return began and (not forms or tracker.loop_name in forms)


def _holds(condition: MappingCondition, tracker: Tracker) -> bool:
    if condition.active_loop is None:
        return tracker.loop is None
    if condition.active_loop != tracker.loop_name:
        return False
    return not condition.requested_slot or condition.requested_slot == tracker.slots.get(REQUESTED_SLOT)


def _is_ambiguous(slot: Slot, mapping: SlotMapping, tracker: Tracker) -> bool:
    """In a form, an entity that several of its slots are filled by goes only to the one asked for."""
    form = tracker.bot.forms.get(tracker.loop_name)
    if form is None or slot.name not in form.required_slots:
        return False
    return slot.name != tracker.slots.get(REQUESTED_SLOT) and not _is_unique(tracker.bot, form.name, mapping)


def _is_unique(bot: Bot, form: str, mapping: SlotMapping) -> bool:
    what = (mapping.entity, mapping.role, mapping.group)
    slots = [bot.slots[name] for name in bot.forms[form].required_slots if name in bot.slots]
    fillers = [
        slot.name
        for slot in slots
        if any(m.kind == "from_entity" and (m.entity, m.role, m.group) == what for m in slot.mappings)
    ]
    return len(fillers) <= 1
