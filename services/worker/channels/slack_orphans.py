"""Finds a message that a worker posted or began to stream, and died before it could record it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from contracts.conversation import Conversation
from contracts.event import Event
from services.worker.channels.slack_calls import SlackCalls
from services.worker.channels.slack_errors import code, failure
from services.worker.channels.slack_rates import READ

log = logging.getLogger(__name__)

METADATA = "switchboard_reply"
CLOCK_SKEW_S = 60
SETTLE_S = 1
"""Who has lost the conversation while they posted is heard of so late."""
PAGE = 200
UNREADABLE = {"missing_scope", "not_in_channel", "channel_not_found", "method_not_supported_for_channel_type"}


class SlackOrphans:
    """The bot's messages in one conversation that came after the Event."""

    def __init__(self, calls: SlackCalls, event: Event) -> None:
        self._calls = calls
        self._event = event
        self._place = Conversation.parse(event.conversation_id)

    async def find(self, metadata: Mapping[str, object]) -> str | None:
        """The message with this metadata, or else the newest stream that was never stopped.

        A stream gets its metadata when it is stopped, and turns of a conversation run one at a time: a later
        message of ours without any is this turn's. None where there is none, or nobody lets us look.
        """

        async def act() -> tuple[str | None]:
            return (await self._find(metadata),)

        found = await self._look(act)
        if found is None:
            await asyncio.sleep(SETTLE_S)
            found = await self._look(act)
        return found

    async def _look(self, act: Callable[[], Awaitable[tuple[str | None]]]) -> str | None:
        try:
            [found] = await self._calls.patient(READ, act)
        except SlackApiError as error:
            if code(error) not in UNREADABLE:
                raise failure(error) from None
            log.warning("worker.slack_history.refused", extra={"code": code(error)})
            return None
        return found

    async def _find(self, metadata: Mapping[str, object]) -> str | None:
        newest: str | None = None
        async for message in self._later():
            if message.get("metadata") == metadata:
                return str(message["ts"])
            ours = message.get("bot_id") and message["bot_id"] == await self._calls.bot_id()
            if ours and not message.get("metadata") and float(message["ts"]) > said_at(self._event):
                newest = max(newest or "", str(message["ts"]))
        return newest

    async def _later(self) -> AsyncIterator[dict[str, Any]]:
        oldest = str(max(0.0, said_at(self._event) - CLOCK_SKEW_S))
        client, chat, thread = self._calls.client, self._place.chat, self._place.thread
        if thread is None:
            pages = await client.conversations_history(
                channel=chat, oldest=oldest, limit=PAGE, include_all_metadata=True
            )
        else:
            pages = await client.conversations_replies(
                channel=chat, ts=thread, oldest=oldest, limit=PAGE, include_all_metadata=True
            )
        async for page in pages:
            for message in page["messages"]:
                yield message


def said_at(event: Event) -> float:
    """When the Event was said, by Slack's clock where its id tells; else by ours. Unix seconds."""
    try:
        return float(event.event_id.rsplit(":", 1)[-1])
    except ValueError:
        return event.at / 1000
