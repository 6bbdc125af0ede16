"""Obeys control Events: deletes, counts ratings, welcomes."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from contracts.control import ChatOpened, Control, DeleteRequested, FeedbackGiven
from contracts.conversation import Conversation
from contracts.inbox import message_key, turn_key
from contracts.turn import AnswerDeleted
from foundation.allowing import AllowList
from services.worker.channels.base import Channel
from services.worker.deliver import ASKED
from services.worker.errors import ChannelFailed, TurnFailed
from services.worker.ratings import Ratings

log = logging.getLogger(__name__)

NOBODY = AllowList("")

Forget = Callable[[AnswerDeleted], Awaitable[None]]
"""Tells nlp of a deleted answer; raises TurnFailed."""


@dataclass(frozen=True)
class Controls:
    """What it takes to obey them. A stop is the running turn's own business."""

    redis: Redis
    channels: Mapping[str, Channel]
    ratings: Ratings
    forget: Forget
    admins: AllowList = NOBODY
    """Who may delete every message of the bot's."""

    async def obey(self, control: Control) -> str | None:
        """Do what is asked for; gives the Event whose answer is deleted by it, where one is.

        Raises ChannelFailed where it may be done later.
        """
        if isinstance(control, DeleteRequested):
            return await self._delete(control)
        if isinstance(control, FeedbackGiven):
            await self.ratings.count(control)
        elif isinstance(control, ChatOpened):
            await self._welcome(control)
        return None

    async def _delete(self, request: DeleteRequested) -> str | None:
        conversation = Conversation.parse(request.conversation_id)
        asked = await self._asked(conversation, request.message_id)
        if not self._may_delete(conversation, request, asked):
            log.warning("worker.deletion.refused")
            return None
        try:
            await self.channels[conversation.channel].delete(request)
        except ChannelFailed as error:
            if error.retryable:
                raise
            log.warning("worker.message.kept", extra={"code": error.code})
            return None
        if event_id := asked.get("event_id") or request.answered:
            await self._have_forgotten(str(conversation), event_id)
        return asked.get("event_id")

    async def _have_forgotten(self, conversation_id: str, event_id: str) -> None:
        """What is gone for people is gone for the model too; deleting it once more does no harm."""
        known: Any = await self.redis.hget(turn_key(event_id), ASKED)
        try:
            await self.forget(AnswerDeleted(conversation_id=conversation_id, event_id=known or event_id))
        except TurnFailed as error:
            if error.retryable:
                raise ChannelFailed("nlp does not answer", code=error.code, retryable=True) from error
            log.warning("worker.answer.remembered", extra={"code": error.code})

    def _may_delete(
        self, conversation: Conversation, request: DeleteRequested, asked: Mapping[str, str]
    ) -> bool:
        """Who asked what the message answers, and admins. A web conversation is one person's alone."""
        is_own = conversation.channel == "web" or asked.get("user") == request.user.id
        return is_own or self.admins.allows(request)

    async def _asked(self, conversation: Conversation, message_id: str) -> dict[str, str]:
        """The Event that the message answers, and its user; empty where that is not known any more."""
        key = message_key(conversation.channel, conversation.chat, message_id)
        known: Any = await self.redis.get(key)
        return dict(json.loads(known)) if known else {}

    async def _welcome(self, opened: ChatOpened) -> None:
        try:
            await self.channels[Conversation.parse(opened.conversation_id).channel].welcome(opened)
        except ChannelFailed as error:
            log.warning("worker.welcome.refused", extra={"code": error.code})
