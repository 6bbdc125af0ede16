"""domain.yml: intents, entities, slots, forms, responses, actions, the session."""

from typing import Any

from services.nlp.formats.bot import (
    REQUESTED_SLOT,
    Bot,
    ButtonTemplate,
    Form,
    Intent,
    MappingCondition,
    Slot,
    SlotMapping,
    Variation,
)
from services.nlp.formats.writer.yaml_text import VERSION


def domain_of(bot: Bot) -> dict[str, Any]:
    """The file's content; what the bot has none of is left out."""
    # Rasa adds requested_slot by itself wherever there are forms
    slots = {name: _slot(slot) for name, slot in bot.slots.items() if name != REQUESTED_SLOT or not bot.forms}
    parts = {
        "intents": [_intent(intent) for intent in bot.intents.values()],
        "entities": [_entity(name, parts, _groups(bot)) for name, parts in bot.entities.items()],
        "slots": slots,
        "forms": {name: _form(form) for name, form in bot.forms.items()},
        "responses": {name: [_variation(v) for v in said] for name, said in bot.responses.items()},
        "actions": list(bot.actions),
    }
    session = {
        "session_expiration_time": _number(bot.session.expires_after_min),
        "carry_over_slots_to_new_session": bot.session.carries_slots_over,
    }
    return {
        "version": VERSION,
        **{key: part for key, part in parts.items() if part},
        "session_config": session,
    }


def _intent(intent: Intent) -> Any:
    options: dict[str, Any] = {}
    if intent.used_entities is not None:
        options["use_entities"] = list(intent.used_entities)
    if intent.ignored_entities:
        options["ignore_entities"] = list(intent.ignored_entities)
    return {intent.name: options} if options else intent.name


def _entity(name: str, parts: tuple[str, ...], groups: set[tuple[str, str]]) -> Any:
    options = {
        "roles": [part for part in parts if (name, part) not in groups],
        "groups": [part for part in parts if (name, part) in groups],
    }
    given = {key: value for key, value in options.items() if value}
    return {name: given} if given else name


def _groups(bot: Bot) -> set[tuple[str, str]]:
    """Which parts of which entities are groups: what is marked as one, or asked for as one."""
    marked = {(m.entity, m.group) for example in bot.examples for m in example.mentions if m.group}
    return marked | {(m.entity, m.group) for slot in bot.slots.values() for m in slot.mappings if m.group}


def _slot(slot: Slot) -> dict[str, Any]:
    found: dict[str, Any] = {"type": slot.path or slot.kind}
    if slot.initial_value is not None:
        found["initial_value"] = slot.initial_value
    if slot.kind != "any" and not slot.influences:
        found["influence_conversation"] = False
    if slot.values:
        found["values"] = list(slot.values)
    if (slot.min_value, slot.max_value) != (0.0, 1.0):
        found |= {"min_value": _number(slot.min_value), "max_value": _number(slot.max_value)}
    return {**found, "mappings": [_mapping(mapping) for mapping in slot.mappings]}


def _mapping(mapping: SlotMapping) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": mapping.kind,
        "entity": mapping.entity,
        "role": mapping.role,
        "group": mapping.group,
        "intent": _one_or_more(mapping.intents),
        "not_intent": _one_or_more(mapping.not_intents),
        "value": mapping.value,
        "action": mapping.action,
        "conditions": [_condition(condition) for condition in mapping.conditions],
    }
    required = ("value",) if mapping.kind == "from_intent" else ()
    return {key: value for key, value in found.items() if value not in (None, "", []) or key in required}


def _condition(condition: MappingCondition) -> dict[str, Any]:
    asked = {"requested_slot": condition.requested_slot} if condition.requested_slot else {}
    return {"active_loop": condition.active_loop, **asked}


def _one_or_more(names: tuple[str, ...]) -> Any:
    return names[0] if len(names) == 1 else list(names)


def _form(form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {"required_slots": list(form.required_slots)}
    return {"ignored_intents": list(form.ignored_intents), **found} if form.ignored_intents else found


def _variation(variation: Variation) -> dict[str, Any]:
    found = {
        "text": variation.text,
        "buttons": [_button(button) for button in variation.buttons],
        "image": variation.image,
        "attachment": variation.attachment,
        "elements": list(variation.elements),
        "custom": variation.custom,
        "channel": variation.channel,
        "condition": [{"type": "slot", "name": c.name, "value": c.value} for c in variation.conditions],
    }
    given = {key: value for key, value in found.items() if value not in (None, "", [])}
    return given or {"text": ""}


def _button(button: ButtonTemplate) -> dict[str, str]:
    found = {"title": button.title, "payload": button.payload}
    return {**found, "url": button.url} if button.url else found


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value
