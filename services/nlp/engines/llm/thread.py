"""A Slack thread that the bot joins late: what was said before is asked of the worker once, and kept."""

import logging
import re
from typing import Any

from contracts.conversation import Conversation
from contracts.event import MessageSent
from contracts.turn import TurnNeed
from services.nlp.actions.base import TrackerEvent
from services.nlp.engines.base import Turn
from services.nlp.engines.llm.history import THREAD_READ

log = logging.getLogger(__name__)

CALL = "thread"
_TS = re.compile(r"\d+\.\d+")
MAX_MESSAGES = 50
MESSAGE_CHARS = 2_000
"""Of one message; more is cut off."""
MAX_CHARS = 8_000
"""Of all that is kept of a thread; the oldest messages go first."""


def need_of(turn: Turn) -> TurnNeed | None:
    """The thread's earlier messages, where we know nothing of it and it did not begin with this one."""
    event = turn.request.event
    conversation = Conversation.parse(event.conversation_id)
    if conversation.channel != "slack" or conversation.thread is None or CALL in turn.request.results:
        return None
    ts = event.event_id.rsplit(":", 1)[-1]
    is_later = bool(_TS.fullmatch(ts)) and ts != conversation.thread
    if not (isinstance(event, MessageSent) and is_later and _is_new(turn)):
        return None
    return TurnNeed(call_id=CALL, kind="slack.replies", args={"limit": MAX_MESSAGES})


def note(turn: Turn) -> None:
    """Keep in the tracker what was said; without it the turn goes on all the same."""
    result = turn.request.results.get(CALL)
    if result is None:
        return
    if result.problem:
        log.warning("nlp.thread.unreadable", extra={"code": result.problem.code})
    turn.note(thread_read((result.value or {}).get("messages") or []))


def thread_read(messages: list[dict[str, Any]]) -> TrackerEvent:
    """The newest of these messages, each {role, text}, as a tracker event."""
    kept: list[dict[str, str]] = []
    room = MAX_CHARS
    for message in reversed(messages[-MAX_MESSAGES:]):
        role, text = message.get("role"), str(message.get("text") or "").strip()[:MESSAGE_CHARS]
        if role not in ("user", "assistant") or not text:
            continue
        if len(text) > room:
            break
        room -= len(text)
        kept.append({"role": role, "text": text})
    return {"event": THREAD_READ, "messages": kept[::-1]}


def _is_new(turn: Turn) -> bool:
    """Whether this message is the first that we know of, and nothing before it was read."""
    kinds = [event["event"] for event in turn.tracker.events]
    return kinds.count("user") == 1 and THREAD_READ not in kinds
