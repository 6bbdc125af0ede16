"""What an action answered, made safe for a tracker: plain JSON values, and events that can be told apart."""

import json
from typing import Any

from services.nlp.actions.base import ActionFailed, ActionResult, TrackerEvent
from services.nlp.nlu.parse import is_parse_data

MAX_BYTES = 1_000_000
_NAMED = frozenset({"slot", "followup", "action", "action_execution_rejected"})
_NAMELESS = frozenset({"active_loop"})
"""Events whose name may be null."""


def answer(action: str, events: Any, responses: Any) -> ActionResult:
    """The result of an action; ActionFailed where it is none. Neither part is shared with the action."""
    told = [_event(action, event) for event in _rows(action, events, "events")]
    return ActionResult(told, _rows(action, responses, "responses"))


def _rows(action: str, value: Any, what: str) -> list[dict[str, Any]]:
    """A list of mappings, as it is after a trip over the wire. Nothing at all is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise ActionFailed(f"{action} returned a {type(value).__name__} in place of a list of {what}")
    try:
        encoded = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise ActionFailed(f"{action} returned {what} that JSON cannot hold") from None
    if len(encoded) > MAX_BYTES:
        raise ActionFailed(f"{action} returned more than {MAX_BYTES // 1000} kB of {what}")
    rows: list[Any] = json.loads(encoded)
    if not all(isinstance(row, dict) for row in rows):
        raise ActionFailed(f"{action} returned a list of {what} with something else in it")
    return rows


def _event(action: str, event: dict[str, Any]) -> TrackerEvent:
    """An event as the tracker takes it: without an empty time, and forms under their name of today."""
    kind = event.get("event")
    if not isinstance(kind, str) or not kind:
        raise ActionFailed(f"{action} returned an event that does not say which: it has no text in `event`")
    if event.get("timestamp", "") is None:
        del event["timestamp"]
    if not isinstance(event.get("timestamp", 0.0), int | float):
        raise ActionFailed(f"{action} returned an event {kind} whose timestamp is no number")
    if kind == "form":
        event["event"] = kind = "active_loop"
    elif kind == "form_validation":
        event = {"event": "loop_interrupted", "is_interrupted": not event.get("validate", True)}
    _check_name(action, kind, event)
    return event


def _check_name(action: str, kind: str, event: TrackerEvent) -> None:
    name = event.get("name")
    if kind in _NAMED and not (isinstance(name, str) and name):
        raise ActionFailed(f"{action} returned an event {kind} without a name")
    if kind in _NAMELESS and not (name is None or isinstance(name, str)):
        raise ActionFailed(f"{action} returned an event {kind} whose name is no text")
    if kind == "slot" and "value" not in event:
        raise ActionFailed(f"{action} returned an event slot without a value")
    if kind == "user" and not is_parse_data(event.get("parse_data")):
        raise ActionFailed(f"{action} returned an event user whose parse_data is none")
