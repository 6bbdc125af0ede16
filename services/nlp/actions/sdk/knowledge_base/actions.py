"""`rasa_sdk.knowledge_base.actions`: lists what a bot knows, and tells of what a person means."""

from collections.abc import Callable
from typing import Any

from services.nlp.actions.sdk.events import EventType, SlotSet
from services.nlp.actions.sdk.executor import CollectingDispatcher
from services.nlp.actions.sdk.interfaces import Action, Tracker
from services.nlp.actions.sdk.knowledge_base.storage import KnowledgeBase, Thing
from services.nlp.actions.sdk.knowledge_base.utils import (
    SLOT_ATTRIBUTE,
    SLOT_LAST_OBJECT,
    SLOT_LAST_OBJECT_TYPE,
    SLOT_LISTED_OBJECTS,
    SLOT_MENTION,
    SLOT_OBJECT_TYPE,
    get_attribute_slots,
    get_object_name,
    reset_attribute_slots,
)
from services.nlp.actions.sdk.utils import call_potential_coroutine

REPHRASE = "utter_ask_rephrase"


class ActionQueryKnowledgeBase(Action):
    """Subclasses give it a knowledge base, and may say things in their own words."""

    def __init__(self, knowledge_base: KnowledgeBase, use_last_object_mention: bool = True) -> None:
        self.knowledge_base = knowledge_base
        self.use_last_object_mention = use_last_object_mention

    def name(self) -> str:
        """As the domain lists it."""
        return "action_query_knowledge_base"

    def utter_attribute_value(
        self, dispatcher: CollectingDispatcher, object_name: str, attribute_name: str, attribute_value: str
    ) -> None:
        """Say what an attribute of an object is."""
        if attribute_value:
            text = f"'{object_name}' has the value '{attribute_value}' for attribute '{attribute_name}'."
        else:
            text = f"Did not find a valid value for attribute '{attribute_name}' for object '{object_name}'."
        dispatcher.utter_message(text=text)

    async def utter_objects(
        self, dispatcher: CollectingDispatcher, object_type: str, objects: list[Thing]
    ) -> None:
        """Say which objects there are."""
        if not objects:
            dispatcher.utter_message(text=f"I could not find any objects of type '{object_type}'.")
            return
        dispatcher.utter_message(text=f"Found the following objects of type '{object_type}':")
        shown = await self._asked("get_representation_function_of_object", object_type)
        for number, thing in enumerate(objects, 1):
            dispatcher.utter_message(text=f"{number}: {shown(thing)}")

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """An attribute of what was spoken of, else the objects of the type that is asked for."""
        object_type = tracker.get_slot(SLOT_OBJECT_TYPE)
        if not object_type:
            dispatcher.utter_message(response=REPHRASE)
            return []
        is_new = object_type != tracker.get_slot(SLOT_LAST_OBJECT_TYPE)
        if is_new or not tracker.get_slot(SLOT_ATTRIBUTE):
            return await self._query_objects(dispatcher, object_type, tracker)
        return await self._query_attribute(dispatcher, object_type, tracker)

    async def _query_objects(
        self, dispatcher: CollectingDispatcher, object_type: str, tracker: Tracker
    ) -> list[EventType]:
        attributes = await self._asked("get_attributes_of_object", object_type)
        wanted = get_attribute_slots(tracker, attributes)
        objects = await self._asked("get_objects", object_type, wanted)
        await call_potential_coroutine(self.utter_objects(dispatcher, object_type, objects))
        forgotten = reset_attribute_slots(tracker, attributes)
        if not objects:
            return forgotten
        key = await self._asked("get_key_attribute_of_object", object_type)
        keys = [thing[key] for thing in objects]
        last = keys[0] if len(keys) == 1 else None
        return [*_spoken_of(object_type, last), SlotSet(SLOT_LISTED_OBJECTS, keys), *forgotten]

    async def _query_attribute(
        self, dispatcher: CollectingDispatcher, object_type: str, tracker: Tracker
    ) -> list[EventType]:
        attribute = tracker.get_slot(SLOT_ATTRIBUTE)
        ordinals = self.knowledge_base.ordinal_mention_mapping
        name = get_object_name(tracker, ordinals, self.use_last_object_mention)
        thing = await self._asked("get_object", object_type, name) if name is not None else None
        if not thing or attribute not in thing:
            dispatcher.utter_message(response=REPHRASE)
            return [SlotSet(SLOT_MENTION, None)]
        shown = await self._asked("get_representation_function_of_object", object_type)
        key = await self._asked("get_key_attribute_of_object", object_type)
        tell: Callable[..., Any] = self.utter_attribute_value  # a bot's own may be async
        await call_potential_coroutine(tell(dispatcher, shown(thing), attribute, thing[attribute]))
        return _spoken_of(object_type, thing[key])

    async def _asked(self, method: str, *arguments: Any) -> Any:
        """What the knowledge base answers; a bot's own may be async or not."""
        return await call_potential_coroutine(getattr(self.knowledge_base, method)(*arguments))


def _spoken_of(object_type: str, last: Any) -> list[EventType]:
    return [
        SlotSet(SLOT_OBJECT_TYPE, object_type),
        SlotSet(SLOT_MENTION, None),
        SlotSet(SLOT_ATTRIBUTE, None),
        SlotSet(SLOT_LAST_OBJECT, last),
        SlotSet(SLOT_LAST_OBJECT_TYPE, object_type),
    ]
