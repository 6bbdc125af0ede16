"""`rasa_sdk.types`: names for annotations."""

from typing import Any, TypedDict


class TrackerState(TypedDict, total=False):
    """A conversation as it travels on the wire."""

    sender_id: str
    slots: dict[str, Any]
    latest_message: dict[str, Any] | None
    events: list[dict[str, Any]]
    paused: bool
    followup_action: str | None
    active_loop: dict[str, Any]
    active_form: dict[str, Any]
    latest_action_name: str | None


class DomainDict(TypedDict, total=False):
    """A bot's domain, in Rasa 3's keys."""

    intents: list[Any]
    entities: list[Any]
    slots: dict[str, dict[str, Any]]
    responses: dict[str, list[dict[str, Any]]]
    actions: list[str]
    forms: dict[str, Any]


class ActionCall(TypedDict, total=False):
    """What an action server is asked."""

    next_action: str | None
    sender_id: str
    tracker: TrackerState
    domain: DomainDict
    version: str
