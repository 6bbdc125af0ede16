"""Slack: the v0 signature, events, and pressed buttons."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.signature import SignatureVerifier

from contracts.account import GroupMode
from contracts.control import ChatOpened, FeedbackGiven, StopRequested
from contracts.conversation import Conversation
from contracts.event import MessageSent, Person, PhotoRef
from contracts.inbox import Arrival
from foundation.slack_text import plain_text
from services.gateway.channels.addressing import is_answered, mode_of
from services.gateway.channels.pressing import Pressed, press_claims, pressed
from services.gateway.errors import BadSignature

_READ_SUBTYPES = (None, "file_share", "thread_broadcast", "me_message")
"""What a person says: plainly, with a file, in a thread and its channel at once, of themselves (/me)."""
_STOP_WORDS = ("stop", "停止", "停", "取消")


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


def parse_event(payload: dict[str, Any], groups: Mapping[str, GroupMode] | None = None) -> list[Arrival]:
    """The Arrivals of an event: one for a direct message, a mention or an opened chat, else none.

    `groups` says which channels are answered without a mention, and which are never.
    """
    event = payload.get("event") or {}
    if payload.get("type") != "event_callback":
        return []
    if opened := _opening(payload, event):
        return [opened]
    if not _is_for_bot(event, groups or {}):
        return []
    team, channel, ts = team_of(payload), event["channel"], event["ts"]
    direct = event.get("channel_type") == "im"
    thread = event.get("thread_ts") or (None if direct else ts)
    message = MessageSent(
        event_id=f"slack:{team}:{channel}:{ts}",
        **facts(team, channel, thread, event["user"]),
        text=plain_text(event.get("text") or ""),
        photo=_photo(event.get("files") or []),
    )
    if not message.text and not message.photo:
        return []
    return [Arrival(event=message, claims=(f"slack:{payload['event_id']}", message.event_id))]


def parse_stop(payload: dict[str, Any]) -> Arrival | None:
    """The Arrival of "stop", alone, in a thread or a direct message; None for anything else.

    It counts only while a turn of that person runs there. In channels it needs no mention, so
    `message` events are read here that parse_event leaves alone.
    """
    event = payload.get("event") or {}
    if payload.get("type") != "event_callback" or not _is_by_person(event) or event.get("files"):
        return None
    mentions_bot = event["type"] == "app_mention" or event.get("channel_type") == "im"
    text = str(event.get("text") or "").strip()
    thread = event.get("thread_ts")
    if (plain_text(text) if mentions_bot else text).lower() not in _STOP_WORDS:
        return None
    if thread is None and event.get("channel_type") != "im":
        return None
    team, channel = team_of(payload), event["channel"]
    event_id = f"slack:{team}:{channel}:{event['ts']}"
    stop = StopRequested(event_id=event_id, **facts(team, channel, thread, event["user"]))
    return Arrival(event=stop, claims=(f"slack:{payload['event_id']}", event_id))


@dataclass(frozen=True)
class Parting:
    """A workspace removed the app, or took its token back."""

    team: str
    at: int
    """When, in Unix seconds, by Slack's clock."""


def parse_parting(payload: dict[str, Any]) -> Parting | None:
    """The workspace's parting; None for any other event, and where only people's tokens ended."""
    event = payload.get("event") or {}
    is_bots = event.get("type") == "tokens_revoked" and bool((event.get("tokens") or {}).get("bot"))
    if payload.get("type") != "event_callback" or not (is_bots or event.get("type") == "app_uninstalled"):
        return None
    return Parting(payload["team_id"], int(payload["event_time"]))


def parse_interaction(payload: dict[str, Any]) -> list[Arrival]:
    """The Arrivals of `block_actions`: pressed buttons and feedback; slack_asked.py has stop and delete."""
    if payload.get("type") != "block_actions":
        return []
    return [arrival for action in payload["actions"] if (arrival := _from_action(payload, action))]


def _opening(payload: dict[str, Any], event: dict[str, Any]) -> Arrival | None:
    """The Arrival of a chat that a person opened: the messages tab, or a new assistant thread."""
    thread = None
    if event.get("type") == "app_home_opened" and event.get("tab") == "messages":
        user, channel = event["user"], event["channel"]
    elif event.get("type") == "assistant_thread_started":
        opened = event["assistant_thread"]
        user, channel, thread = opened["user_id"], opened["channel_id"], opened["thread_ts"]
    else:
        return None
    event_id = f"slack:{payload['event_id']}"
    found = ChatOpened(event_id=event_id, **facts(team_of(payload), channel, thread, user))
    return Arrival(event=found, claims=(event_id,))


def _is_by_person(event: dict[str, Any]) -> bool:
    if event.get("bot_id") or event.get("subtype") not in _READ_SUBTYPES or not event.get("user"):
        return False
    return event.get("type") in ("app_mention", "message")


def _is_for_bot(event: dict[str, Any], groups: Mapping[str, GroupMode]) -> bool:
    if not _is_by_person(event):
        return False
    mode = mode_of(groups, event["channel"], event.get("thread_ts"))
    is_addressed = event["type"] == "app_mention"
    return event.get("channel_type") == "im" or is_answered(mode, is_addressed=is_addressed)


def _from_action(payload: dict[str, Any], action: dict[str, Any]) -> Arrival | None:
    place = pressed_place(payload)
    if place is None:
        return None
    event_id = f"slack:{place.team}:{payload['trigger_id']}:{action['action_id']}"
    known = {"event_id": event_id, **facts(place.team, place.channel, place.thread, payload["user"]["id"])}
    value, kind = str(action.get("value") or ""), action["action_id"].split(":")[0]
    event: Pressed | FeedbackGiven
    if kind in ("stop", "delete", "link"):  # Slack tells of a page that was opened; nobody said anything
        return None
    if kind == "feedback":
        event = FeedbackGiven(**known, message_id=place.message_id, helpful=value == "helpful")
    elif value:
        event = pressed(known, value, (action.get("text") or {}).get("text", ""))
    else:
        return None
    return Arrival(event=event, claims=(event_id, *press_claims(event, place.message_id)))


@dataclass(frozen=True)
class Place:
    """One message, and the thread that it stands in."""

    team: str
    channel: str
    message_id: str
    thread: str | None


def pressed_place(payload: dict[str, Any]) -> Place | None:
    """The message whose menu or button was used; None where it is none of a channel."""
    message, container = payload.get("message") or {}, payload.get("container") or {}
    channel = (payload.get("channel") or {}).get("id") or container.get("channel_id")
    if not channel:
        return None
    message_id = message.get("ts") or container.get("message_ts") or ""
    thread = message.get("thread_ts") or container.get("thread_ts")
    # a message that was answered in a thread names itself as that thread, in which it does not stand
    return Place(team_of(payload), channel, message_id, None if thread == message_id else thread)


def team_of(payload: dict[str, Any]) -> str:
    """The workspace that has installed the app; raises LookupError where none is named.

    In a channel that companies share, an event's `team_id` may be the other company's (slackapi/bolt-js#935),
    and a submitted modal's `team` is that of who submits it (#1614). An organization's install has none.
    """
    authorized: dict[str, Any] = next(iter(payload.get("authorizations") or ()), {})
    view, team, user = (payload.get(part) or {} for part in ("view", "team", "user"))
    named = (authorized.get("team_id"), view.get("app_installed_team_id"), payload.get("team_id"))
    found = next(filter(None, (*named, team.get("id"), user.get("team_id"))), None)
    if found is None:
        raise LookupError("no team")
    return str(found)


def facts(team: str, channel: str, thread: str | None, user: str) -> dict[str, Any]:
    """What every Event answers, its id aside."""
    conversation = Conversation(channel="slack", account=team, chat=channel, thread=thread)
    return {"conversation_id": str(conversation), "at": int(time.time() * 1000), "user": Person(id=user)}


def _photo(files: list[dict[str, Any]]) -> PhotoRef | None:
    first = next(filter(_may_be_image, files), None)
    return PhotoRef(source="slack", id=first["id"]) if first else None


def _may_be_image(file: dict[str, Any]) -> bool:
    """Of another company's file, in a channel that both share, Slack says only that files.info will tell."""
    return str(file.get("mimetype", "")).startswith("image/") or file.get("file_access") == "check_file_info"
