"""Puts a leased Event, its record, its channel and the rooms together into one turn."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.conversation import Conversation
from contracts.event import Event, RegenerationRequested
from contracts.web import APOLOGY_INDEX
from foundation.words import language_of, say
from services.worker.acts import Acts
from services.worker.channels.base import Channel, Outcome
from services.worker.clients.face import FaceClient
from services.worker.clients.nlp import NlpClient
from services.worker.deliver import TurnRecord
from services.worker.ending import Ending
from services.worker.errors import ChannelFailed, LeaseLost, TurnFailed
from services.worker.inbox import Lease
from services.worker.letters import Letters
from services.worker.metrics import turned
from services.worker.partial import break_off, retry_button
from services.worker.turn import TYPING_AFTER_S, Turn

log = logging.getLogger(__name__)

WEB = "web:"


@dataclass(frozen=True)
class Turns:
    """What it takes to run any turn."""

    redis: Redis
    channels: Mapping[str, Channel]
    nlp: NlpClient
    face: FaceClient

    async def run(self, lease: Lease, ending: Ending) -> Outcome:
        """The turn of the lease's Event; raises TurnFailed or LeaseLost."""
        assert lease.event
        record, event = TurnRecord.of(self.redis, lease), await self._known(lease.event)
        failed = await self._failed(lease.event)
        if failed is None and await self._is_moot(lease.event):
            return await self._passed_over(event, record)
        asked = await self._known(failed) if failed else event
        if failed:
            await record.mark_asked(failed.event_id)
        lease.times.failures = record.failures
        if record.is_stopped:
            ending.ask()
        turn = self._turn(lease, event, asked, record, ending)
        try:
            outcome = await turn.run()
        except (TurnFailed, asyncio.CancelledError) as error:
            with suppress(LeaseLost, RedisError):
                await record.mark_partial(turn.partial)
                await record.mark_failure(error.code if isinstance(error, TurnFailed) else "cut_short")
            raise
        self._count(lease, outcome)
        return outcome

    async def _failed(self, event: Event) -> Event | None:
        """What a retry is about: an Event that failed. nlp does not know it, so it is asked as it was."""
        if not isinstance(event, RegenerationRequested):
            return None
        return await Letters(self.redis).find(event.target, event.conversation_id)

    async def _is_moot(self, event: Event) -> bool:
        """Whether it asks again for what another try at it has answered since."""
        if not isinstance(event, RegenerationRequested) or event.conversation_id.startswith(WEB):
            return False  # the page has put the older answer out of sight when another one was asked for
        return await Letters(self.redis).is_moot(event)

    async def _passed_over(self, event: Event, record: TurnRecord) -> Outcome:
        """Say nothing, but end what the platform shows of a pressed button."""
        sink = self._channel(event.conversation_id).sink(event, record)
        await sink.open()
        await sink.close("finished")
        sink.leave()
        log.info("worker.retry.passed_over")
        return "finished"

    async def _known(self, event: Event) -> Event:
        """The Event with its person's language, where the platform can tell what the Event does not say."""
        locale = await self._channel(event.conversation_id).locale(event)
        return event.model_copy(update={"user": event.user.model_copy(update={"locale": locale})})

    def _turn(self, lease: Lease, event: Event, asked: Event, record: TurnRecord, ending: Ending) -> Turn:
        """The turn that answers `asked`; its messages belong to `event`."""
        channel = self._channel(event.conversation_id)
        acts = Acts(asked, channel, self.face)
        return Turn(
            event=asked,
            lease=lease.token,
            capabilities=channel.capabilities,
            think=self.nlp.turn,
            fulfil=acts.fulfil,
            picture=acts.picture,
            sink=channel.sink(event, record),
            ending=ending,
            partial=record.partial,
            times=lease.times,
            # a sink that takes over tidies up when it is opened
            typing_after_s=0 if _is_pressed(event) or lease.attempt > 1 else TYPING_AFTER_S,
        )

    async def apologize(self, lease: Lease, code: str) -> None:
        """Say once that the Event failed, behind what there is of an answer, and offer to try again.

        A platform that refuses even this is left alone.
        """
        assert lease.event
        record = await TurnRecord.read(self.redis, lease)
        await record.mark_error(code)
        self._count(lease, "failed")
        if not await record.begin_apology():
            return
        event = await self._known(lease.event)
        sink = self._channel(lease.conversation_id).sink(event, record)
        language = language_of(event.user.locale)
        partial = record.partial or {APOLOGY_INDEX: say("apology", language)}
        mark = say("failed", language) if record.partial else ""
        try:
            await break_off(sink, partial, mark, (retry_button(event, language),))
            await sink.close("failed")
        except ChannelFailed as error:
            log.warning("worker.apology.refused", extra={"code": error.code})

    def _channel(self, conversation_id: str) -> Channel:
        return self.channels[Conversation.parse(conversation_id).channel]

    def _count(self, lease: Lease, outcome: str) -> None:
        turned(Conversation.parse(lease.conversation_id).channel, outcome).inc()


def _is_pressed(event: Event) -> bool:
    """Whether a button waits to be told that it was pressed."""
    return getattr(event, "callback_id", None) is not None
