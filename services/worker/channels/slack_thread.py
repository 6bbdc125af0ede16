"""What was said in a Slack thread before the bot was asked."""

import logging
from collections.abc import Sequence
from typing import Any

from slack_sdk.errors import SlackApiError

from contracts.conversation import Conversation
from contracts.event import Event
from foundation.slack_text import plain_text
from services.worker.channels.base import Said
from services.worker.channels.slack_calls import SlackCalls
from services.worker.channels.slack_errors import code
from services.worker.channels.slack_orphans import said_at
from services.worker.channels.slack_rates import READ
from services.worker.errors import ChannelFailed

log = logging.getLogger(__name__)

WAIT_S = 5
"""Apps that are sold outside Slack's marketplace may ask once a minute: an answer does not wait for that."""
PAGE, PAGES = 200, 5
"""A thread is read oldest first; what is said behind a thousand messages is not looked for."""


async def thread_before(calls: SlackCalls, event: Event, limit: int) -> Sequence[Said]:
    """The newest `limit` messages before the Event, oldest first; none where they cannot be had now."""
    place = Conversation.parse(event.conversation_id)
    if place.thread is None or limit <= 0:
        return ()
    try:
        messages = await _read(calls, place.chat, place.thread, said_at(event))
        bot_id = await calls.bot_id()
    except SlackApiError as error:
        log.warning("worker.slack_history.refused", extra={"code": code(error)})
        return ()
    except ChannelFailed as error:
        log.warning("worker.slack_history.missed", extra={"code": error.code})
        return ()
    said = (_said(message, bot_id) for message in messages)
    return tuple(one for one in said if one.text)[-limit:]


async def _read(calls: SlackCalls, chat: str, thread: str, before: float) -> list[dict[str, Any]]:
    """Pages of the thread, as many as can be had; raises what the first one does."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(PAGES):

        async def act(cursor: str | None = cursor) -> dict[str, Any]:
            answer = await calls.client.conversations_replies(
                channel=chat, ts=thread, latest=f"{before:.6f}", limit=PAGE, cursor=cursor
            )
            return dict(answer.data) if isinstance(answer.data, dict) else {}

        try:
            page = await calls.patient(READ, act, max_wait_s=WAIT_S)
        except (ChannelFailed, SlackApiError):
            if not found:
                raise
            break
        found += page.get("messages", [])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
    earlier = {str(m["ts"]): m for m in found if float(m["ts"]) < before}  # the first comes on each page
    return [message for _, message in sorted(earlier.items(), key=lambda item: float(item[0]))]


def _said(message: dict[str, Any], bot_id: str) -> Said:
    ours = bool(bot_id) and message.get("bot_id") == bot_id
    return Said(role="assistant" if ours else "user", text=plain_text(str(message.get("text") or "")))
