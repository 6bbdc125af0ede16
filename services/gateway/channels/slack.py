"""Slack: the v0 signature, and events, interactions and slash commands."""

import re
import time
from collections.abc import Mapping
from typing import Any

from slack_sdk.signature import SignatureVerifier

from contracts.control import DeleteRequested, FeedbackGiven, StopRequested
from contracts.conversation import Conversation
from contracts.event import (
    ButtonPressed,
    CommandGiven,
    ContinuationRequested,
    MessageSent,
    Person,
    PhotoRef,
    RegenerationRequested,
)
from contracts.inbox import Arrival
from contracts.reply import act_of
from services.gateway.errors import BadSignature

_MENTION = re.compile(r"<@[A-Z0-9]+(\|[^>]*)?>")
_READ_SUBTYPES = (None, "file_share")
_SUBCOMMANDS = ("help", "start", "stop")


def authenticate(body: bytes, headers: Mapping[str, str], secret: str) -> None:
    """Raises BadSignature unless the raw body is signed, and not over five minutes ago."""
    timestamp = headers.get("X-Slack-Request-Timestamp", "")
    signature = headers.get("X-Slack-Signature", "")
    try:
        genuine = bool(secret) and SignatureVerifier(secret).is_valid(body, timestamp, signature)
    except (ValueError, TypeError):  # a timestamp that is no number, a body or signature that is no text
        genuine = False
    if not genuine:
        raise BadSignature


def parse_event(payload: dict[str, Any]) -> list[Arrival]:
    """The Arrivals of an `event_callback`: one for a direct message or a mention, else none."""
    event = payload.get("event") or {}
    if payload.get("type") != "event_callback" or not _is_for_bot(event):
        return []
    team, channel, ts = payload["team_id"], event["channel"], event["ts"]
    direct = event.get("channel_type") == "im"
    thread = event.get("thread_ts") or (None if direct else ts)
    message = MessageSent(
        event_id=f"slack:{team}:{channel}:{ts}",
        **_facts(team, channel, thread, event["user"]),
        text=_plain(event.get("text") or ""),
        photo=_photo(event.get("files") or []),
    )
    if not message.text and not message.photo:
        return []
    return [Arrival(event=message, claims=(f"slack:{payload['event_id']}", message.event_id))]


def parse_interaction(payload: dict[str, Any]) -> list[Arrival]:
    """The Arrivals of `block_actions`: pressed buttons, and stop, delete and feedback."""
    if payload.get("type") != "block_actions":
        return []
    return [arrival for action in payload["actions"] if (arrival := _from_action(payload, action))]


def parse_command(form: Mapping[str, str]) -> list[Arrival]:
    """The Arrival of a slash command: its text as a message, or start, help, stop."""
    team, channel = form["team_id"], form["channel_id"]
    event_id = f"slack:{team}:{form['trigger_id']}"
    facts = {"event_id": event_id, **_facts(team, channel, None, form["user_id"])}
    text = form.get("text", "").strip()
    word = text.lower() or "help"
    event: MessageSent | CommandGiven | StopRequested
    if word == "stop":
        event = StopRequested(**facts)
    elif word in _SUBCOMMANDS:
        event = CommandGiven(**facts, name=word)
    else:
        event = MessageSent(**facts, text=text)
    return [Arrival(event=event, claims=(event_id,))]


def _is_for_bot(event: dict[str, Any]) -> bool:
    if event.get("bot_id") or event.get("subtype") not in _READ_SUBTYPES or not event.get("user"):
        return False
    if event.get("type") == "app_mention":
        return True
    return event.get("type") == "message" and event.get("channel_type") == "im"


def _from_action(payload: dict[str, Any], action: dict[str, Any]) -> Arrival | None:
    team = payload["team"]["id"]
    message, container = payload.get("message") or {}, payload.get("container") or {}
    channel = (payload.get("channel") or {}).get("id") or container.get("channel_id")
    if not channel:
        return None
    event_id = f"slack:{team}:{payload['trigger_id']}:{action['action_id']}"
    thread = message.get("thread_ts") or container.get("thread_ts")
    facts = {"event_id": event_id, **_facts(team, channel, thread, payload["user"]["id"])}
    message_id = message.get("ts") or container.get("message_ts") or ""
    value, kind = str(action.get("value") or ""), action["action_id"].split(":")[0]
    event: (
        ButtonPressed
        | RegenerationRequested
        | ContinuationRequested
        | StopRequested
        | DeleteRequested
        | FeedbackGiven
    )
    if kind == "stop":
        event = StopRequested(**facts)
    elif kind == "delete":
        event = DeleteRequested(**facts, message_id=message_id)
    elif kind == "feedback":
        event = FeedbackGiven(**facts, message_id=message_id, helpful=value == "helpful")
    elif act := act_of(value):
        wanted = RegenerationRequested if act[0] == "regenerate" else ContinuationRequested
        event = wanted(**facts, target=act[1])
    elif value:
        event = ButtonPressed(**facts, payload=value, title=(action.get("text") or {}).get("text", ""))
    else:
        return None
    return Arrival(event=event, claims=(event_id,))


def _facts(team: str, channel: str, thread: str | None, user: str) -> dict[str, Any]:
    conversation = Conversation(channel="slack", account=team, chat=channel, thread=thread)
    return {"conversation_id": str(conversation), "at": int(time.time() * 1000), "user": Person(id=user)}


def _plain(text: str) -> str:
    """The text without mentions, and with the three characters that Slack escapes as they were typed."""
    spoken = _MENTION.sub("", text).strip()
    return spoken.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _photo(files: list[dict[str, Any]]) -> PhotoRef | None:
    images = (file for file in files if str(file.get("mimetype", "")).startswith("image/"))
    first = next(images, None)
    return PhotoRef(source="slack", id=first["id"]) if first else None
