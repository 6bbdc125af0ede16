"""Bots with Python of their own, written for one test."""

from pathlib import Path
from typing import Any

from services.nlp.actions.base import ActionCall
from services.nlp.actions.local import LocalActions

HEAD = """
from rasa_sdk import Action, FormValidationAction, Tracker, ValidationAction
from rasa_sdk.events import *
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormAction
from rasa_sdk.interfaces import ActionExecutionRejection
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """A folder with these files; "actions/x" is actions/x.py."""
    for name, text in files.items():
        path = folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def load(folder: Path, code: str, timeout_s: float = 5) -> LocalActions:
    """The actions of an actions.py, behind the usual imports."""
    actions = LocalActions.load(write(folder, {"actions": HEAD + code}), timeout_s)
    assert actions is not None
    return actions


def one(body: str, name: str = "action_it", kind: str = "def") -> str:
    """An action whose run method has this body."""
    lines = "\n        ".join(body.splitlines())
    return f"""
class It(Action):
    def name(self):
        return {name!r}

    {kind} run(self, dispatcher, tracker, domain):
        {lines}
"""


def form(name: str, slots: list[str], says: str, mappings: str = "") -> str:
    """A form of Rasa 1: what it asks for, what it says last (`{slot}` filled), where that comes from."""
    more = f"def slot_mappings(self):\n        return {mappings}" if mappings else ""
    return f"""
class {name.title().replace("_", "")}(FormAction):
    def name(self):
        return {name!r}

    @staticmethod
    def required_slots(tracker):
        return {slots!r}

    {more}

    def submit(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text={says!r}.format(**tracker.slots))
        return []
"""


def call(action: str = "action_it", domain: dict[str, Any] | None = None, **tracker: Any) -> ActionCall:
    """A call with a tracker that has these parts."""
    state = {
        "slots": {},
        "latest_message": {"intent": {"name": "inform"}, "entities": [], "text": "in Rome"},
        "events": [{"event": "action", "name": "action_listen"}, {"event": "user", "text": "in Rome"}],
        "active_loop": {},
        "latest_action_name": "action_listen",
        "paused": False,
        "followup_action": None,
    }
    return ActionCall(action, "ann", state | tracker, domain or {})
