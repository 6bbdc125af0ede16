"""number_form and what it asks for."""

from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.forms import FormValidationAction

from actions.registers import ID, PHONE, answer_to, kind_of
from actions.weather import back_to_waiting

BUSINESSES = {ID: ("歸屬地", "生日", "性別"), PHONE: ("歸屬地", "電信業者")}
LONGEST = 30
"""Characters of a wrong value that are said back."""
_SLOTS = ("number_type", "number", "business")


class ActionBeginNumber(Action):
    """A new question forgets what it does not mention of the last one."""

    def name(self):
        return "action_begin_number"

    def run(self, dispatcher, tracker, domain):
        if tracker.active_loop_name == "number_form":
            return []
        told = {entity["entity"] for entity in tracker.latest_message.get("entities") or []}
        forgotten = [SlotSet(slot, None) for slot in _SLOTS if slot not in told]
        return [SlotSet("waiting_form", tracker.active_loop_name), *forgotten]


class ValidateNumberForm(FormValidationAction):
    """A number tells its own type; types, numbers and businesses that we do not know are asked for again."""

    def name(self):
        return "validate_number_form"

    def validate_number_type(self, value, dispatcher, tracker, domain):
        if str(value) in BUSINESSES:
            return {"number_type": value}
        dispatcher.utter_message(response="utter_wrong_type", wrong_type=_shown(value))
        return {"number_type": None}

    def validate_number(self, value, dispatcher, tracker, domain):
        wanted, kind = tracker.get_slot("number_type"), kind_of(str(value).upper())
        if kind is None or wanted not in (None, kind):
            kinds = wanted or f"{ID}或{PHONE}"
            dispatcher.utter_message(
                response="utter_wrong_number", wrong_number=_shown(value), wrong_number_type=kinds
            )
            return {"number": None}
        return {"number": str(value).upper(), "number_type": kind}

    def validate_business(self, value, dispatcher, tracker, domain):
        kind = tracker.get_slot("number_type")
        known = BUSINESSES.get(kind) or (*BUSINESSES[ID], *BUSINESSES[PHONE])
        if value in known:
            return {"business": value}
        dispatcher.utter_message(
            response="utter_wrong_business", wrong_business=f"{kind or '號碼'}的{_shown(value)}"
        )
        return {"business": None}


class ActionNumberLookup(Action):
    """Tells what the number itself says, and goes back to the form that waits."""

    def name(self):
        return "action_number_lookup"

    def run(self, dispatcher, tracker, domain):
        number, business = tracker.get_slot("number"), tracker.get_slot("business")
        dispatcher.utter_message(response="utter_number", number_answer=answer_to(number, business))
        return [SlotSet("is_stopping", False), SlotSet("business", None), *back_to_waiting(tracker)]


def _shown(value):
    return str(value)[:LONGEST]
