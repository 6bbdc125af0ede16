"""`rasa_sdk.knowledge_base.utils`: the slots of such a conversation, and what they say is meant."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.nlp.actions.sdk.events import EventType, SlotSet
from services.nlp.actions.sdk.interfaces import Tracker

SLOT_MENTION = "mention"
SLOT_OBJECT_TYPE = "object_type"
SLOT_ATTRIBUTE = "attribute"
SLOT_LISTED_OBJECTS = "knowledge_base_listed_objects"
SLOT_LAST_OBJECT = "knowledge_base_last_object"
SLOT_LAST_OBJECT_TYPE = "knowledge_base_last_object_type"

Ordinals = Mapping[str, Callable[[list[Any]], Any]]
"""What "1" or "LAST" picks from a list."""


def get_object_name(
    tracker: Tracker, ordinal_mention_mapping: Ordinals, use_last_object_mention: bool = True
) -> Any:
    """The object that the person means: by "the first one", by its name, else the last one; or None."""
    if tracker.get_slot(SLOT_MENTION):
        return resolve_mention(tracker, ordinal_mention_mapping)
    named = tracker.get_slot(tracker.get_slot(SLOT_OBJECT_TYPE))
    if named is None and use_last_object_mention:
        return tracker.get_slot(SLOT_LAST_OBJECT)
    return named


def resolve_mention(tracker: Tracker, ordinal_mention_mapping: Ordinals) -> Any:
    """What "the first one" means among the objects last listed; any other mention is the last object's."""
    mention, listed = tracker.get_slot(SLOT_MENTION), tracker.get_slot(SLOT_LISTED_OBJECTS)
    pick = ordinal_mention_mapping.get(mention) if isinstance(mention, str) else None
    if listed and pick:
        try:
            return pick(listed)
        except IndexError:  # the list is shorter
            return None
    is_of_this_type = tracker.get_slot(SLOT_OBJECT_TYPE) == tracker.get_slot(SLOT_LAST_OBJECT_TYPE)
    return tracker.get_slot(SLOT_LAST_OBJECT) if mention and is_of_this_type else None


def get_attribute_slots(tracker: Tracker, object_attributes: Iterable[str]) -> list[dict[str, Any]]:
    """The attributes that the person has named a value of: {name, value}."""
    named = ((name, tracker.get_slot(name)) for name in object_attributes)
    return [{"name": name, "value": value} for name, value in named if value is not None]


def reset_attribute_slots(tracker: Tracker, object_attributes: Iterable[str]) -> list[EventType]:
    """Unset those, so that the next question is not narrowed by them too."""
    return [SlotSet(found["name"], None) for found in get_attribute_slots(tracker, object_attributes)]
