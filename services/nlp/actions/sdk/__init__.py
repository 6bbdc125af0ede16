"""The interface of the package `rasa_sdk`, as a bot's actions.py imports it, in our own few lines."""

import sys

from services.nlp.actions.sdk import events, executor, forms, interfaces, knowledge_base, types, utils
from services.nlp.actions.sdk.forms import FormAction, FormValidationAction, ValidationAction
from services.nlp.actions.sdk.interfaces import Action, ActionExecutionRejection, Tracker
from services.nlp.actions.sdk.knowledge_base import actions, storage
from services.nlp.actions.sdk.knowledge_base import utils as knowledge_base_utils

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

_MODULES = (
    *(events, executor, forms, interfaces, types, utils),
    *(knowledge_base, actions, storage, knowledge_base_utils),
)


def install_sdk() -> None:
    """Let `import rasa_sdk` find these modules. To call it again changes nothing."""
    sys.modules["rasa_sdk"] = sys.modules[__name__]
    for module in _MODULES:
        sys.modules[module.__name__.replace(__name__, "rasa_sdk", 1)] = module
