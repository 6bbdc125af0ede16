"""The interface of the package `rasa_sdk`, as a bot's actions.py imports it, in our own few lines."""

import sys

from services.nlp.actions.sdk import events, executor, forms, interfaces, types, utils
from services.nlp.actions.sdk.forms import FormAction, FormValidationAction, ValidationAction
from services.nlp.actions.sdk.interfaces import Action, ActionExecutionRejection, Tracker

__version__ = "3.6.2"
"""The release whose interface this is."""

__all__ = [
    "Action",
    "ActionExecutionRejection",
    "FormAction",
    "FormValidationAction",
    "Tracker",
    "ValidationAction",
    "install_sdk",
]


def install_sdk() -> None:
    """Let `import rasa_sdk` find these modules. To call it again changes nothing."""
    sys.modules["rasa_sdk"] = sys.modules[__name__]
    for module in (events, executor, forms, interfaces, types, utils):
        sys.modules[f"rasa_sdk.{module.__name__.rpartition('.')[2]}"] = module
