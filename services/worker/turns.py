"""Puts a leased Event, its record, its channel and the rooms together into one turn."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from redis.asyncio import Redis

from contracts.control import DeleteRequested
from contracts.conversation import Conversation
from contracts.reply import Reply
from foundation.words import language_of, say
from services.worker.acts import Acts
from services.worker.channels.base import Channel, Outcome
from services.worker.clients.face import FaceClient
from services.worker.clients.nlp import NlpClient
from services.worker.deliver import TurnRecord
from services.worker.errors import ChannelFailed
from services.worker.inbox import Lease
from services.worker.metrics import TURNS
from services.worker.turn import Turn

log = logging.getLogger(__name__)

APOLOGY_INDEX = 1000
"""The apology's place in a turn: behind every reply."""


@dataclass(frozen=True)
class Turns:
    """What it takes to run any turn."""

    redis: Redis
    channels: Mapping[str, Channel]
    nlp: NlpClient
    face: FaceClient

    async def run(self, lease: Lease, stop: asyncio.Event) -> Outcome:
        """The turn of the lease's Event; raises TurnFailed or LeaseLost."""
        assert lease.event
        channel = self._channel(lease.conversation_id)
        record = await TurnRecord.read(self.redis, lease)
        acts = Acts(lease.event, channel, self.face)
        turn = Turn(
            event=lease.event,
            lease=lease.token,
            capabilities=channel.capabilities,
            think=self.nlp.turn,
            act=acts.act,
            picture=acts.picture,
            sink=channel.sink(lease.event, record),
            stop=stop,
        )
        outcome = await turn.run()
        self._count(lease, outcome)
        return outcome

    async def apologize(self, lease: Lease, code: str) -> None:
        """Say once that the Event failed; a platform that refuses even this is left alone."""
        assert lease.event
        record = await TurnRecord.read(self.redis, lease)
        await record.mark_error(code)
        self._count(lease, "failed")
        if not await record.begin_apology():
            return
        sink = self._channel(lease.conversation_id).sink(lease.event, record)
        try:
            await sink.finish(APOLOGY_INDEX, Reply(text=say("apology", language_of(lease.event.user.locale))))
            await sink.close("failed")
        except ChannelFailed as error:
            log.warning("worker.apology.refused", extra={"code": error.code})

    async def delete(self, request: DeleteRequested) -> None:
        """Remove one of our messages."""
        try:
            await self._channel(request.conversation_id).delete(request)
        except ChannelFailed as error:
            log.warning("worker.message.kept", extra={"code": error.code})

    def _channel(self, conversation_id: str) -> Channel:
        return self.channels[Conversation.parse(conversation_id).channel]

    def _count(self, lease: Lease, outcome: str) -> None:
        TURNS.labels(Conversation.parse(lease.conversation_id).channel, outcome).inc()
