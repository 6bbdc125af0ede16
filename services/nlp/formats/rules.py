"""rules.yml: after this intent, do these actions."""

from typing import Any

from services.nlp.formats.bot import Bot, Rule
from services.nlp.formats.source import Source

_KEYS = ("rule", "steps", "condition", "conversation_start", "wait_for_user_input", "metadata")
_STEPS = ("intent", "action", "slot_was_set", "active_loop", "entities", "user", "or")


def read_rules(source: Source, bot: Bot) -> None:
    """Add what the file's `rules:` says to the bot."""
    items = source.sequence(source.content.get("rules"), source.content, "rules")
    for place, item in enumerate(items):
        fields = source.mapping(item, items, place)
        for key in fields:
            if key not in _KEYS:
                source.wrong(f"{key!r} in a rule", ", ".join(_KEYS), fields, key)
        for alternative in _alternatives(source, fields):
            rule = _rule(source, alternative, bot)
            if rule:
                bot.rules.append(rule)
    if source.content.get("stories"):
        bot.warnings.append(f"{source.name}: stories are not learned by this version; rules decide")


def _alternatives(source: Source, fields: dict[str, Any]) -> list[dict[str, Any]]:
    """The rule once for each choice of its first `or` step; the rule itself where it has none."""
    steps = source.sequence(fields.get("steps"), fields, "steps")
    for place, step in enumerate(steps):
        if isinstance(step, dict) and "or" in step:
            choices = source.mappings(step["or"], step, "or")
            return [{**fields, "steps": [*steps[:place], choice, *steps[place + 1 :]]} for choice in choices]
    return [fields]


def _rule(source: Source, fields: dict[str, Any], bot: Bot) -> Rule | None:
    name = str(fields.get("rule", "a rule without a name"))
    steps = source.sequence(fields.get("steps"), fields, "steps")
    intents: list[str] = []
    entities: list[str] = []
    actions: list[str] = []
    for place, step in enumerate(steps):
        body = source.mapping(step, steps, place)
        if not any(key in body for key in _STEPS):
            source.wrong(f"a step with {', '.join(map(str, body))}", ", ".join(_STEPS), steps, place)
        if "intent" in body:
            intents.append(source.text(body["intent"], body, "intent"))
            entities += [_name(entity) for entity in source.sequence(body.get("entities"), body, "entities")]
        if "action" in body:
            actions.append(source.text(body["action"], body, "action"))
    if "active_loop" in str(steps) or "active_loop" in str(fields.get("condition")):
        bot.warnings.append(f"{source.name}: rule {name!r} needs a form and is left out")
        return None
    if len(intents) != 1:
        bot.warnings.append(f"{source.name}: rule {name!r} has {len(intents)} intents and is left out")
        return None
    return Rule(
        name=name,
        intent=intents[0],
        actions=tuple(actions),
        entities=tuple(entities),
        slots=_conditions(source, fields),
        at_start=bool(fields.get("conversation_start")),
        listens=bool(fields.get("wait_for_user_input", True)),
    )


def _conditions(source: Source, fields: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    found: list[tuple[str, Any]] = []
    for condition in source.mappings(fields.get("condition"), fields, "condition"):
        for slot in source.sequence(condition.get("slot_was_set"), condition, "slot_was_set"):
            found += slot.items() if isinstance(slot, dict) else [(str(slot), True)]
    return tuple(found)


def _name(entity: Any) -> str:
    return str(next(iter(entity))) if isinstance(entity, dict) else str(entity)
