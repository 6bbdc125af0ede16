"""`rasa_sdk.forms.FormAction` of Rasa 1.x: a form whose slots, mappings and questions are Python."""

from typing import Any

from services.nlp.actions.sdk.events import ActiveLoop, EventType, SlotSet
from services.nlp.actions.sdk.executor import CollectingDispatcher
from services.nlp.actions.sdk.interfaces import (
    ACTION_LISTEN_NAME,
    Action,
    ActionExecutionRejection,
    Tracker,
)
from services.nlp.actions.sdk.utils import call_potential_coroutine
from services.nlp.actions.sdk.validation import REQUESTED_SLOT, Domain

Mapping = dict[str, Any]
Intents = str | list[str] | None
_SPOKEN = frozenset(
    {"text", "image", "json_message", "template", "response", "attachment", "buttons", "elements"}
)
"""Slots of these names would replace what the form says."""


class FormAction(Action):
    """Asks for slots until all are set, then submits them. Subclasses name the slots and say what follows."""

    def name(self) -> str:
        """What the domain's list of forms calls it."""
        raise NotImplementedError("A form must implement a name")

    @staticmethod
    def required_slots(tracker: Tracker) -> list[str]:
        """The slots to fill, in the order of asking; may depend on what is known already."""
        raise NotImplementedError("A form must implement required slots that it has to fill")

    def slot_mappings(self) -> dict[str, Mapping | list[Mapping]]:
        """Slot -> where its value comes from; a slot that is not here takes the entity of its name."""
        return {}

    async def submit(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """What happens once every slot is set."""
        raise NotImplementedError("A form must implement a submit method")

    def from_entity(
        self,
        entity: str,
        intent: Intents = None,
        not_intent: Intents = None,
        role: str | None = None,
        group: str | None = None,
    ) -> Mapping:
        """The value of an entity."""
        named = {"type": "from_entity", "entity": entity, "role": role, "group": group}
        return named | self._intents(intent, not_intent)

    def from_trigger_intent(self, value: Any, intent: Intents = None, not_intent: Intents = None) -> Mapping:
        """This value, where the intent began the form."""
        return {"type": "from_trigger_intent", "value": value} | self._intents(intent, not_intent)

    def from_intent(self, value: Any, intent: Intents = None, not_intent: Intents = None) -> Mapping:
        """This value, where the intent answered the question."""
        return {"type": "from_intent", "value": value} | self._intents(intent, not_intent)

    def from_text(self, intent: Intents = None, not_intent: Intents = None) -> Mapping:
        """All that the person wrote."""
        return {"type": "from_text"} | self._intents(intent, not_intent)

    def get_mappings_for_slot(self, slot_to_fill: str) -> list[Mapping]:
        """A slot's mappings; the first that gives a value counts."""
        mappings = self._to_list(self.slot_mappings().get(slot_to_fill, self.from_entity(slot_to_fill)))
        if not all(isinstance(mapping, dict) and mapping.get("type") for mapping in mappings):
            raise TypeError(f"The mappings of slot {slot_to_fill} are not made by from_entity and its like")
        return mappings

    @staticmethod
    def intent_is_desired(requested_slot_mapping: Mapping, tracker: Tracker) -> bool:
        """Whether a mapping counts for the intent of the last message."""
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        wanted = requested_slot_mapping.get("intent") or []
        return intent in wanted if wanted else intent not in (requested_slot_mapping.get("not_intent") or [])

    def entity_is_desired(
        self, other_slot_mapping: Mapping, other_slot: str, asked_entity: str | None, tracker: Tracker
    ) -> bool:
        """Whether an entity may fill a slot nobody asked for.

        It has that slot's name, or the type that was asked for in a role or group of its own.
        """
        entity = other_slot_mapping.get("entity")
        if other_slot == entity:
            return True
        role, group = other_slot_mapping.get("role"), other_slot_mapping.get("group")
        if (role is None and group is None) or entity != asked_entity:
            return False
        return self.get_entity_value(entity, tracker, role, group) is not None

    @staticmethod
    def get_entity_value(
        name: str | None, tracker: Tracker, role: str | None = None, group: str | None = None
    ) -> Any:
        """An entity's value in the last message; a list where there are several, None where there is none.

        Without a role any will do: Rasa 3's `get_latest_entity_values` is stricter than 1.x was.
        """
        values = [
            entity.get("value")
            for entity in tracker.latest_message.get("entities") or []
            if entity.get("entity") == name
            and (role is None or entity.get("role") == role)
            and (group is None or entity.get("group") == group)
        ]
        return values if len(values) > 1 else next(iter(values), None)

    def extract_other_slots(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> dict[str, Any]:
        """What the message says about slots that were not asked for."""
        requested = tracker.get_slot(REQUESTED_SLOT)
        asked_entity = self._asked_entity(requested)
        found = {}
        for slot in self.required_slots(tracker):
            if slot == requested:
                continue
            values = (
                self._other_value(mapping, slot, asked_entity, tracker)
                for mapping in self.get_mappings_for_slot(slot)
            )
            value = next((value for value in values if value is not None), None)
            if value is not None:
                found[slot] = value
        return found

    def extract_requested_slot(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> dict[str, Any]:
        """What the message says about the slot that was asked for."""
        slot = tracker.get_slot(REQUESTED_SLOT)
        for mapping in self.get_mappings_for_slot(slot):
            if self.intent_is_desired(mapping, tracker):
                value = self._requested_value(mapping, tracker)
                if value is not None:
                    return {slot: value}
        return {}

    async def validate_slots(
        self, slot_dict: dict[str, Any], dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """Slots as their `validate_<slot>` would have them: a dict, or (older bots) the plain value."""
        for slot, value in list(slot_dict.items()):
            method = getattr(self, f"validate_{slot}", None)
            if method is None:
                continue
            result = await call_potential_coroutine(method(value, dispatcher, tracker, domain))
            slot_dict.update(result if isinstance(result, dict) else {slot: result})
        return [SlotSet(slot, value) for slot, value in slot_dict.items()]

    async def validate(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """The slots that the message fills; ActionExecutionRejection where a question got no answer."""
        found = await call_potential_coroutine(self.extract_other_slots(dispatcher, tracker, domain))
        slot = tracker.get_slot(REQUESTED_SLOT)
        if slot:
            answer = await call_potential_coroutine(self.extract_requested_slot(dispatcher, tracker, domain))
            found.update(answer)
            if not found:
                raise ActionExecutionRejection(self.name(), f"{self.name()} found no value for slot {slot}")
        return await self.validate_slots(found, dispatcher, tracker, domain)

    def request_next_slot(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType] | None:
        """Ask for the first slot that is not set; None where all are."""
        for slot in self.required_slots(tracker):
            if self._should_request_slot(tracker, slot):
                gaps = {name: value for name, value in tracker.slots.items() if name not in _SPOKEN}
                dispatcher.utter_message(response=f"utter_ask_{slot}", **gaps)
                return [SlotSet(REQUESTED_SLOT, slot)]
        return None

    def deactivate(self) -> list[EventType]:
        """The form ends, and nothing is asked for."""
        return [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """Begin if need be, look at the message, ask for the next slot; or submit and end."""
        begun = await call_potential_coroutine(self._activate_if_required(dispatcher, tracker, domain))
        events: list[EventType] = list(begun)
        events += await call_potential_coroutine(self._validate_if_required(dispatcher, tracker, domain))
        if any(event["event"] == "active_loop" and event["name"] is None for event in events):
            return events  # a validation gave up: nothing more is asked
        ahead = tracker.copy()
        ahead.slots.update({event["name"]: event["value"] for event in events if event["event"] == "slot"})
        asked = await call_potential_coroutine(self.request_next_slot(dispatcher, ahead, domain))
        if asked is not None:
            return [*events, *asked]
        events += await call_potential_coroutine(self.submit(dispatcher, ahead, domain)) or []
        events += await call_potential_coroutine(self.deactivate())
        return events

    async def _activate_if_required(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        if tracker.active_loop.get("name") == self.name():
            return []
        known = {
            slot: tracker.get_slot(slot)
            for slot in self.required_slots(tracker)
            if not self._should_request_slot(tracker, slot)
        }
        checked = await self.validate_slots(known, dispatcher, tracker, domain) if known else []
        return [ActiveLoop(self.name()), *checked]

    async def _validate_if_required(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        loop = tracker.active_loop
        is_interrupted = loop.get("is_interrupted", False) or not loop.get("validate", True)
        if tracker.latest_action_name != ACTION_LISTEN_NAME or is_interrupted:
            return []
        events: list[EventType] = await call_potential_coroutine(self.validate(dispatcher, tracker, domain))
        return events

    @staticmethod
    def _should_request_slot(tracker: Tracker, slot_name: str) -> bool:
        return tracker.get_slot(slot_name) is None

    @staticmethod
    def _to_list(x: Any) -> list[Any]:
        if x is None:
            return []
        return x if isinstance(x, list) else [x]

    def _intents(self, intent: Intents, not_intent: Intents) -> Mapping:
        if intent and not_intent:
            raise ValueError(f"A mapping has intent {intent} or not_intent {not_intent}, never both")
        return {"intent": self._to_list(intent), "not_intent": self._to_list(not_intent)}

    def _other_value(self, mapping: Mapping, slot: str, asked_entity: str | None, tracker: Tracker) -> Any:
        if not self.intent_is_desired(mapping, tracker):
            return None
        kind = mapping["type"]
        if kind == "from_entity" and self.entity_is_desired(mapping, slot, asked_entity, tracker):
            return self.get_entity_value(
                mapping["entity"], tracker, mapping.get("role"), mapping.get("group")
            )
        begins = tracker.active_loop.get("name") != self.name()
        return mapping.get("value") if kind == "from_trigger_intent" and begins else None

    def _requested_value(self, mapping: Mapping, tracker: Tracker) -> Any:
        kind = mapping["type"]
        if kind == "from_entity":
            return self.get_entity_value(
                mapping.get("entity"), tracker, mapping.get("role"), mapping.get("group")
            )
        if kind == "from_intent":
            return mapping.get("value")
        if kind == "from_text":
            return tracker.latest_message.get("text")
        if kind == "from_trigger_intent":
            return None
        raise ValueError(f"{kind} is no kind of slot mapping")

    def _asked_entity(self, requested: str | None) -> str | None:
        """The entity of the slot that was asked for, where its mappings agree on one."""
        if not requested:
            return None
        mappings = self.get_mappings_for_slot(requested)
        kinds = {mapping.get("entity") for mapping in mappings if mapping["type"] == "from_entity"}
        return kinds.pop() if len(kinds) == 1 else None
