"""What clients send and get, in Rasa's names."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, JsonValue

from contracts.reply import Reply
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import LISTEN
from services.nlp.dialogue.tracker import Tracker, applied
from services.nlp.formats.story import ActionStep, LoopStep, SlotStep, Step, Story, StoryEntity, UserStep

Included = Literal["ALL", "APPLIED", "AFTER_RESTART", "NONE"]
MAX_TEXT = 100_000


def _storable(metadata: dict[str, Any]) -> dict[str, Any]:
    """Half a character and NaN can be sent, and not be written."""
    text = json.dumps(metadata, ensure_ascii=False, allow_nan=False)
    if len(text.encode()) > MAX_TEXT:
        raise ValueError(f"more than {MAX_TEXT} bytes")
    return metadata


class Message(BaseModel):
    """`POST /webhooks/rest/webhook`."""

    sender: str = Field("default", min_length=1, max_length=200)
    message: str = Field(max_length=MAX_TEXT)
    input_channel: str = Field("rest", max_length=100)
    metadata: Annotated[dict[str, JsonValue], AfterValidator(_storable)] | None = None


class Said(BaseModel):
    """`POST /conversations/{id}/messages`."""

    text: str = Field(max_length=MAX_TEXT)
    sender: Literal["user"] = "user"
    parse_data: dict[str, Any] | None = None


class Execution(BaseModel):
    """`POST /conversations/{id}/execute`."""

    name: str
    policy: str | None = None
    confidence: float | None = None


class Trigger(BaseModel):
    """`POST /conversations/{id}/trigger_intent`."""

    name: str
    entities: dict[str, Any] | list[dict[str, Any]] = {}


class Text(BaseModel):
    """`POST /model/parse`."""

    text: str = Field(max_length=MAX_TEXT)
    message_id: str | None = None


def messages_of(recipient: str, replies: list[Reply]) -> list[dict[str, Any]]:
    """Replies as the REST channel sends them: a text with its buttons, a picture, a custom part."""
    found: list[dict[str, Any]] = []
    for reply in replies:
        buttons = [button.model_dump(exclude_none=True) for button in reply.buttons]
        said = {name: part for name, part in (("text", reply.text), ("buttons", buttons)) if part}
        if said:
            found.append({"recipient_id": recipient, **said})
        if reply.image:
            found.append({"recipient_id": recipient, "image": reply.image})
        custom = dict(reply.custom or {})
        if attachment := custom.pop("attachment", None):
            found.append({"recipient_id": recipient, "attachment": attachment})
        if custom:
            found.append({"recipient_id": recipient, "custom": custom})
    return found


def state_of(tracker: Tracker, included: Included) -> dict[str, Any]:
    """The tracker, with as many of its events as are asked for."""
    state = tracker.as_dict()
    events: list[TrackerEvent] | None = {
        "ALL": tracker.events,
        "APPLIED": applied(tracker.events),
        "AFTER_RESTART": _since_restart(tracker.events),
        "NONE": None,
    }[included]
    return {**state, "events": events}


def story_of_events(name: str, events: list[TrackerEvent]) -> Story:
    """The conversation as a story."""
    return Story(name, tuple(step for event in applied(events) for step in _steps(event)))


def _steps(event: TrackerEvent) -> list[Step]:
    kind = event["event"]
    if kind == "user":
        parse = event.get("parse_data") or {}
        entities = tuple(_entity(fields) for fields in parse.get("entities") or [])
        return [UserStep(str((parse.get("intent") or {}).get("name") or ""), entities)]
    if kind == "action" and event["name"] != LISTEN:
        return [ActionStep(event["name"])]
    if kind == "slot":
        return [SlotStep(event["name"], event["value"])]
    return [LoopStep(event.get("name"))] if kind == "active_loop" else []


def _entity(fields: dict[str, Any]) -> StoryEntity:
    role, group = str(fields.get("role") or ""), str(fields.get("group") or "")
    return StoryEntity(str(fields.get("entity")), fields.get("value"), role, group)


def _since_restart(events: list[TrackerEvent]) -> list[TrackerEvent]:
    places = [place for place, event in enumerate(events) if event["event"] == "restart"]
    return events[places[-1] + 1 :] if places else events
