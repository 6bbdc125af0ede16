"""Rasa's paths below /conversations/{id}."""

import json
import math
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Response

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import user_uttered
from services.nlp.dialogue.rule_policy import DEFAULT_INTENTS
from services.nlp.formats.checks import known_actions
from services.nlp.formats.writer.stories import story_of
from services.nlp.formats.writer.yaml_text import VERSION, yaml_text
from services.nlp.live import LiveBot
from services.nlp.nlu.parse import Entity, Parse, is_parse_data
from services.nlp.rasa_api.answers import RasaRoute
from services.nlp.rasa_api.errors import ActionNotRun, BadBody, IntentUnknown
from services.nlp.rasa_api.routes import Live, allowed
from services.nlp.rasa_api.shapes import (
    Execution,
    Included,
    Said,
    Trigger,
    messages_of,
    state_of,
    story_of_events,
)
from services.nlp.rasa_api.talks import Talk
from services.nlp.routes import Here, Nlp

Id = Annotated[str, Path(min_length=1, max_length=200)]
Events = Annotated[list[dict[str, Any]] | dict[str, Any], Body()]
conversations = APIRouter(prefix="/conversations", route_class=RasaRoute, dependencies=[Depends(allowed)])


@conversations.get("/{id}/tracker")
async def tracker(id: Id, live: Live, here: Here, include_events: Included = "ALL") -> dict[str, Any]:
    """The conversation's state."""
    return state_of((await _looked(here, live, id)).tracker, include_events)


@conversations.post("/{id}/tracker/events")
async def append(
    id: Id, body: Events, live: Live, here: Here, include_events: Included = "AFTER_RESTART"
) -> dict[str, Any]:
    """Add events."""
    events = _events(body)
    async with here.talks.open(live, id) as talk:
        talk.tracker.update(*events)
        return state_of(talk.tracker, include_events)


@conversations.put("/{id}/tracker/events")
async def replace(
    id: Id, body: Events, live: Live, here: Here, include_events: Included = "AFTER_RESTART"
) -> dict[str, Any]:
    """Become these events."""
    events = _events(body)
    async with here.talks.open(live, id) as talk:
        talk.replace(events)
        return state_of(talk.tracker, include_events)


@conversations.get("/{id}/story", response_class=Response, responses={200: {"content": {"text/yml": {}}}})
async def story(id: Id, live: Live, here: Here) -> Response:
    """The conversation as a story in YAML."""
    talk = await _looked(here, live, id)
    content = {"version": VERSION, "stories": [story_of(story_of_events(id, talk.tracker.events))]}
    return Response(yaml_text(content), media_type="text/yml")


@conversations.post("/{id}/execute")
async def execute(
    id: Id, body: Execution, live: Live, here: Here, include_events: Included = "AFTER_RESTART"
) -> dict[str, Any]:
    """Run an action."""
    if body.name not in known_actions(live.bot):
        raise ActionNotRun(f"the bot has no action {body.name!r}")
    async with here.talks.open(live, id) as talk:
        replies = await talk.run(
            body.name, body.policy or "", 1.0 if body.confidence is None else body.confidence
        )
        return {"tracker": state_of(talk.tracker, include_events), "messages": messages_of(id, replies)}


@conversations.post("/{id}/predict")
async def predict(
    id: Id, live: Live, here: Here, include_events: Included = "AFTER_RESTART"
) -> dict[str, Any]:
    """What the policies would do next, and what else came into question."""
    talk = await here.talks.look(live, id)
    choice = talk.choice()
    return {
        "scores": [{"action": name, "score": score} for name, score in choice.ranking],
        "policy": choice.policy,
        "confidence": choice.confidence,
        "tracker": state_of(talk.tracker, include_events),
    }


@conversations.post("/{id}/messages")
async def add_message(
    id: Id, body: Said, live: Live, here: Here, include_events: Included = "AFTER_RESTART"
) -> dict[str, Any]:
    """Note what the person said, without an answer."""
    async with here.talks.open(live, id) as talk:
        event = user_uttered(live.model.parse(body.text), talk.tracker.channel)
        given = {"parse_data": {**event["parse_data"], **body.parse_data}} if body.parse_data else {}
        talk.tracker.update(*_events({**event, **given}))
        return state_of(talk.tracker, include_events)


@conversations.post("/{id}/trigger_intent")
async def trigger(
    id: Id, body: Trigger, live: Live, here: Here, include_events: Included = "AFTER_RESTART"
) -> dict[str, Any]:
    """Answer as if the person had meant this."""
    if body.name not in live.bot.intents and body.name not in DEFAULT_INTENTS:
        raise IntentUnknown(body.name)
    async with here.talks.open(live, id) as talk:
        replies = [reply async for reply in talk.say(_meant(body))]
        return _told(id, talk, replies, include_events)


async def _looked(here: Nlp, live: LiveBot, id: str) -> Talk:
    """The sender's conversation; where there is none, the channel's of that id, as its own bot sees it."""
    talk = await here.talks.look(live, id)
    try:
        name = here.bots.name_for(id)
    except ValueError:  # no channel's id
        return talk
    if talk.stored.version:
        return talk
    return await here.talks.look_at_channel(here.bots.live(name), id)


def _told(id: str, talk: Talk, replies: list[Any], included: Included) -> dict[str, Any]:
    return {"tracker": state_of(talk.tracker, included), "messages": messages_of(id, replies)}


def _meant(body: Trigger) -> Parse:
    named = body.entities
    pairs = (
        list(named.items()) if isinstance(named, dict) else [(e.get("entity"), e.get("value")) for e in named]
    )
    entities = tuple(Entity(str(name), value) for name, value in pairs)
    return Parse(f"EXTERNAL: {body.name}", body.name, 1.0, entities=entities)


_NEEDED = {"user": (), "action": ("name",), "slot": ("name", "value"), "action_execution_rejected": ("name",)}


def _events(body: list[dict[str, Any]] | dict[str, Any]) -> list[TrackerEvent]:
    """The events, if a tracker can be told them; raises BadBody."""
    events = body if isinstance(body, list) else body.get("events") or [body]
    for event in events:
        kind = event.get("event") if isinstance(event, dict) else None
        if not isinstance(kind, str):
            raise BadBody("an event without `event`")
        if missing := [key for key in _NEEDED.get(kind, ()) if key not in event]:
            raise BadBody(f"an event `{kind}` without `{missing[0]}`")
        if not isinstance(event.get("name", ""), str | None) or not is_parse_data(event.get("parse_data")):
            raise BadBody(f"an event `{kind}` of another shape")
        if not _is_time(event.get("timestamp", 0.0)):
            raise BadBody("a timestamp that is no number")
    _check_text(events)
    return events


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _check_text(events: list[TrackerEvent]) -> None:
    """JSON can escape half a character, which no store takes; raises BadBody."""
    try:
        json.dumps(events, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise BadBody("half a surrogate pair") from error
