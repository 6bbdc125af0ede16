"""stories.yml and rules.yml: conversations step by step, in Rasa 2's and 3's YAML."""

from collections.abc import Callable
from typing import Any

from services.nlp.formats.annotation import AnnotationBroken, read_example
from services.nlp.formats.bot import Bot
from services.nlp.formats.source import Source, plain
from services.nlp.formats.story import (
    ActionStep,
    AnyValue,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Step,
    Story,
    StoryEntity,
    UserStep,
)

_STORY_KEYS = ("story", "steps", "metadata")
_RULE_KEYS = ("rule", "steps", "condition", "conversation_start", "wait_for_user_input", "metadata")


def read_stories(source: Source, bot: Bot) -> None:
    """Add what the file's `stories:` and `rules:` say to the bot."""
    bot.stories += stories_of(source)


def stories_of(source: Source) -> list[Story]:
    """The file's stories and rules."""
    found = []
    for key, kind in (("stories", "story"), ("rules", "rule")):
        items = source.sequence(source.content.get(key), source.content, key)
        for place, item in enumerate(items):
            fields = source.mapping(item, items, place)
            if kind not in fields:
                source.wrong(f"keys {', '.join(map(str, fields))}", f"`{kind}:` and `steps:`", items, place)
                continue
            found.append(_story(source, fields, kind, source.line(items, place)))
    return found


def _story(source: Source, fields: dict[str, Any], kind: str, line: int) -> Story:
    allowed = _RULE_KEYS if kind == "rule" else _STORY_KEYS
    for key in fields:
        if key not in allowed:
            source.wrong(f"{key!r} in a {kind}", ", ".join(allowed), fields, key)
    items = source.sequence(fields.get("steps"), fields, "steps")
    if not items:
        source.wrong(f"a {kind} without steps", "`steps:`, a list", fields, kind)
    steps = [step for place, item in enumerate(items) for step in _steps(source, items, place, item)]
    condition = [
        step
        for item in source.mappings(fields.get("condition"), fields, "condition")
        for step in _conditions(source, item, fields)
    ]
    return Story(
        name=source.text(fields[kind], fields, kind),
        steps=tuple(steps),
        is_rule=kind == "rule",
        condition=tuple(condition),
        at_start=bool(fields.get("conversation_start")),
        listens=bool(fields.get("wait_for_user_input", True)),
        file=source.name,
        line=line,
    )


def _conditions(source: Source, item: dict[str, Any], fields: dict[str, Any]) -> list[SlotStep | LoopStep]:
    found: list[SlotStep | LoopStep] = []
    for key in item:
        if key == "active_loop":
            found.append(_loop(item))
        elif key == "slot_was_set":
            found += _slot_steps(source, item)
        else:
            source.wrong(f"{key!r} in a condition", "active_loop, slot_was_set", item, key)
    return found


def _steps(source: Source, items: Any, place: int, item: Any) -> list[Step | OrStep]:
    fields = source.mapping(item, items, place)
    if "or" in fields:
        choices = source.mappings(fields["or"], fields, "or")
        read = [tuple(_plain_steps(source, choice, fields, "or")) for choice in choices]
        return [OrStep(tuple(read))] if read else []
    return list(_plain_steps(source, fields, items, place))


def _plain_steps(source: Source, fields: dict[str, Any], parent: Any, place: Any) -> list[Step]:
    kind = next((key for key in _READ if key in fields), None)
    if kind is None:
        allowed = ", ".join((*_READ, "or"))
        source.wrong(f"a step with {', '.join(map(str, fields)) or 'nothing'}", allowed, parent, place)
        return []
    return _READ[kind](source, fields, source.line(parent, place))


def _user(source: Source, fields: dict[str, Any], line: int) -> list[Step]:
    text = source.text(fields.get("user"), fields, "user").strip()
    intent = source.text(fields.get("intent"), fields, "intent")
    entities = _entities(source, fields) if "entities" in fields else _annotated(source, fields, text)
    return [UserStep(intent, tuple(entities), text, line)]


def _annotated(source: Source, fields: dict[str, Any], text: str) -> list[StoryEntity]:
    try:
        _, mentions, _ = read_example(text)
    except AnnotationBroken as error:
        source.wrong(str(error), "[text](entity)", fields, "user")
        return []
    return [StoryEntity(m.entity, m.value, m.role, m.group) for m in mentions]


def _entities(source: Source, fields: dict[str, Any]) -> list[StoryEntity]:
    given = fields["entities"]
    items = [{name: value} for name, value in given.items()] if isinstance(given, dict) else given
    found = []
    for place, item in enumerate(source.sequence(items, fields, "entities")):
        if isinstance(item, str):
            found.append(StoryEntity(item))
            continue
        parts = dict(source.mapping(item, items, place))
        role, group = str(parts.pop("role", "")), str(parts.pop("group", ""))
        if len(parts) != 1:
            source.wrong(f"an entity with {len(parts)} names", "one name and its value", fields, "entities")
            continue
        name, value = next(iter(parts.items()))
        found.append(StoryEntity(str(name), plain(value), role, group))
    return found


def _action(source: Source, fields: dict[str, Any], line: int) -> list[Step]:
    return [ActionStep(source.text(fields["action"], fields, "action"), "", line)]


def _bot(source: Source, fields: dict[str, Any], line: int) -> list[Step]:
    return [ActionStep("", source.text(fields["bot"], fields, "bot").strip(), line)]


def _loop(fields: dict[str, Any]) -> LoopStep:
    form = fields["active_loop"]
    return LoopStep(None if form is None else str(form))


def _slot_steps(source: Source, fields: dict[str, Any]) -> list[SlotStep]:
    given = fields["slot_was_set"]
    items = [given] if isinstance(given, dict | str) else given
    found: list[SlotStep] = []
    for place, item in enumerate(source.sequence(items, fields, "slot_was_set")):
        if isinstance(item, str):
            found.append(SlotStep(item, AnyValue.ANY))
        else:
            pairs = source.mapping(item, items, place).items()
            found += [SlotStep(str(name), plain(value)) for name, value in pairs]
    return found


def _checkpoint(source: Source, fields: dict[str, Any], line: int) -> list[Step]:
    slots = _slot_steps(source, fields) if "slot_was_set" in fields else []
    return [CheckpointStep(source.text(fields["checkpoint"], fields, "checkpoint"), tuple(slots))]


_READ: dict[str, Callable[[Source, dict[str, Any], int], list[Step]]] = {
    "intent": _user,
    "user": _user,
    "action": _action,
    "bot": _bot,
    "checkpoint": _checkpoint,
    "slot_was_set": lambda source, fields, line: list(_slot_steps(source, fields)),
    "active_loop": lambda source, fields, line: [_loop(fields)],
}
