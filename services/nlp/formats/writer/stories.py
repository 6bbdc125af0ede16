"""stories.yml and rules.yml: conversations step by step."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from services.nlp.formats.annotation import AnnotationBroken, read_example
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


def story_of(story: Story) -> dict[str, Any]:
    """One item of `stories:`."""
    return {"story": story.name, "steps": _steps(story.steps)}


def rule_of(rule: Story) -> dict[str, Any]:
    """One item of `rules:`."""
    found: dict[str, Any] = {"rule": rule.name}
    if rule.at_start:
        found["conversation_start"] = True
    if rule.condition:
        found["condition"] = _steps(rule.condition)
    found["steps"] = _steps(rule.steps)
    if not rule.listens:
        found["wait_for_user_input"] = False
    return found


def _steps(steps: Iterable[Step | OrStep]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for is_slot, group in groupby(steps, key=lambda step: isinstance(step, SlotStep)):
        members = list(group)
        found += [_slots(members)] if is_slot else [_step(step) for step in members]
    return found


def _step(step: Step | OrStep) -> dict[str, Any]:
    if isinstance(step, OrStep):
        # an alternative is one step, or several slots set at once
        return {"or": [part for steps in step.alternatives for part in _steps(steps)]}
    if isinstance(step, UserStep):
        return _person(step)
    if isinstance(step, ActionStep):
        return {"bot": step.text} if step.text else {"action": step.action}
    if isinstance(step, LoopStep):
        return {"active_loop": step.form}
    if isinstance(step, CheckpointStep):
        return {"checkpoint": step.name, **(_slots(step.slots) if step.slots else {})}
    return _slots([step])


def _slots(steps: Iterable[Any]) -> dict[str, Any]:
    return {"slot_was_set": [s.slot if s.value is AnyValue.ANY else {s.slot: s.value} for s in steps]}


def _person(step: UserStep) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if step.text:
        found["user"] = step.text
    if step.intent:
        found["intent"] = step.intent
    if step.entities != _annotated(step.text):
        found["entities"] = [_entity(entity) for entity in step.entities]
    return found


def _entity(entity: StoryEntity) -> Any:
    parts = {key: part for key, part in (("role", entity.role), ("group", entity.group)) if part}
    return {entity.entity: entity.value, **parts} if parts or entity.value is not None else entity.entity


def _annotated(text: str) -> tuple[StoryEntity, ...]:
    """The entities that the text itself tells."""
    try:
        _, mentions, _ = read_example(text)
    except AnnotationBroken:
        return ()
    return tuple(StoryEntity(m.entity, m.value, m.role, m.group) for m in mentions)
