"""`rasa_sdk.forms` of Rasa 2 and 3: `extract_<slot>` and `validate_<slot>`, called for the slots just set."""

from typing import Any

from services.nlp.actions.sdk.events import EventType, SlotSet
from services.nlp.actions.sdk.executor import CollectingDispatcher
from services.nlp.actions.sdk.interfaces import Action, Tracker
from services.nlp.actions.sdk.utils import call_potential_coroutine

REQUESTED_SLOT = "requested_slot"
Domain = dict[str, Any]


class ValidationAction(Action):
    """Checks and fills slots outside of forms; subclasses bring the methods."""

    def name(self) -> str:
        """The one name that the engine calls after each message."""
        return "action_validate_slot_mappings"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """First what the bot extracts itself, then the checks; the events hold both."""
        extracted = await call_potential_coroutine(self.get_extraction_events(dispatcher, tracker, domain))
        tracker.add_slots(extracted)
        return await self._extract_validation_events(dispatcher, tracker, domain)

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[str]:
        """The slots that this action looks after; subclasses may choose others."""
        return domain_slots

    async def get_extraction_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """What the `extract_<slot>` methods found; each sees what those before it found."""
        found: dict[str, Any] = {}
        for slot in await self._wanted(dispatcher, tracker, domain):
            method = getattr(self, _method("extract", slot), None)
            if method is None:
                continue
            values = await call_potential_coroutine(method(dispatcher, tracker, domain))
            if isinstance(values, dict):
                found.update(values)
                tracker.slots.update(values)
        return [SlotSet(slot, value) for slot, value in found.items()]

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        """The slots just set, as the `validate_<slot>` methods would have them."""
        wanted = await self._wanted(dispatcher, tracker, domain)
        slots = {slot: value for slot, value in tracker.slots_to_validate().items() if slot in wanted}
        for slot, value in list(slots.items()):
            method = getattr(self, _method("validate", slot), None)
            if method is None:
                continue
            values = await call_potential_coroutine(method(value, dispatcher, tracker, domain))
            if isinstance(values, dict):
                slots.update(values)
                tracker.slots.update(values)
        return [SlotSet(slot, value) for slot, value in slots.items()]

    def domain_slots(self, domain: Domain) -> list[str]:
        """Slots without any mapping that is tied to a form."""
        return self.global_slots(domain)

    def global_slots(self, domain: Domain) -> list[str]:
        """The same, for subclasses that have other `domain_slots`."""
        slots = domain.get("slots") or {}
        return [name for name, slot in slots.items() if not _is_of_a_form(slot or {})]

    async def _extract_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        events: list[EventType] = await call_potential_coroutine(
            self.get_validation_events(dispatcher, tracker, domain)
        )
        tracker.add_slots(events)
        return events

    async def _wanted(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> list[str]:
        wanted: list[str] = await call_potential_coroutine(
            self.required_slots(self.domain_slots(domain), dispatcher, tracker, domain)
        )
        return wanted


class FormValidationAction(ValidationAction):
    """Checks and fills the slots of one form; it is called `validate_<form>`."""

    def name(self) -> str:
        """validate_<form>."""
        raise NotImplementedError("An action must implement a name")

    def form_name(self) -> str:
        """The form that it belongs to."""
        return self.name().replace("validate_", "", 1)

    def domain_slots(self, domain: Domain) -> list[str]:
        """The form's required slots, as the domain has them."""
        form = (domain.get("forms") or {}).get(self.form_name()) or {}
        return list(form.get("required_slots") or [])

    async def next_requested_slot(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> EventType | None:
        """Which slot to ask for, where the subclass has its own `required_slots`; else the engine decides."""
        wanted = await self._wanted(dispatcher, tracker, domain)
        if wanted == self.domain_slots(domain):
            return None
        missing = (slot for slot in wanted if tracker.slots.get(slot) is None)
        return SlotSet(REQUESTED_SLOT, next(missing, None))

    async def _extract_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain
    ) -> list[EventType]:
        events = await super()._extract_validation_events(dispatcher, tracker, domain)
        asked = await call_potential_coroutine(self.next_requested_slot(dispatcher, tracker, domain))
        return [*events, asked] if asked else events


def _method(verb: str, slot: str) -> str:
    return f"{verb}_{slot.replace('-', '_')}"


def _is_of_a_form(slot: dict[str, Any]) -> bool:
    conditions = (
        condition for mapping in slot.get("mappings") or [] for condition in mapping.get("conditions") or []
    )
    return any(condition.get("active_loop") for condition in conditions)
