"""`rasa_sdk.forms`: the form classes of every Rasa version, and what bots import from beside them."""

from services.nlp.actions.sdk.events import EventType, SlotSet
from services.nlp.actions.sdk.form_action import FormAction
from services.nlp.actions.sdk.interfaces import Action, ActionExecutionRejection, Tracker
from services.nlp.actions.sdk.validation import (
    REQUESTED_SLOT,
    FormValidationAction,
    ValidationAction,
)

ACTION_VALIDATE_SLOT_MAPPINGS = "action_validate_slot_mappings"

__all__ = [
    "ACTION_VALIDATE_SLOT_MAPPINGS",
    "REQUESTED_SLOT",
    "Action",
    "ActionExecutionRejection",
    "EventType",
    "FormAction",
    "FormValidationAction",
    "SlotSet",
    "Tracker",
    "ValidationAction",
]
