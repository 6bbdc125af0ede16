"""Slack's own streams: messages that are appended to, for as long as Slack lets them be."""

import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slack_sdk.errors import SlackApiError

from contracts.conversation import Conversation
from contracts.event import Event
from services.worker.channels.messages import Spot
from services.worker.channels.slack_calls import SlackCalls
from services.worker.channels.slack_errors import (
    CLOSED,
    DELETED,
    FORM,
    NOT_HERE,
    STOPPED,
    TOO_LONG,
    UNKNOWN,
    code,
    failure,
    may_be_done,
    translated,
    unavailable,
)
from services.worker.channels.slack_parts import SlackPart
from services.worker.channels.slack_rates import APPEND, START, STOP
from services.worker.errors import ChannelFailed, MessageStopped, MessageVanished

log = logging.getLogger(__name__)

Streaming = Literal["native", "update", "off"]
Blocks = list[dict[str, Any]]


AGAIN_S = 60
"""A refusal that says nothing about the place keeps streams out of it for so long."""


class StreamRights:
    """Where Slack lets us stream, learnt from its refusals for as long as the process lives."""

    def __init__(self, wanted: Streaming, clock: Callable[[], float] = time.monotonic) -> None:
        self.wanted = wanted
        self._clock = clock
        self._refused: dict[str, float] = {}
        """Workspace or channel -> when it may be asked again."""

    def allow(self, team: str, channel: str) -> bool:
        """Whether it is worth asking."""
        again = max(self._refused.get(place, 0) for place in (team, f"{team}:{channel}"))
        return self.wanted == "native" and self._clock() >= again

    def refuse(self, team: str, channel: str, name: str) -> None:
        """Slack answered so: no stream in this workspace, none in this channel, or just none now."""
        everywhere = name in UNKNOWN or name.startswith("not_allowed")
        lasts = everywhere or name in NOT_HERE
        place = team if everywhere else f"{team}:{channel}"
        self._refused[place] = math.inf if lasts else self._clock() + AGAIN_S
        found = {"code": name, "workspace": everywhere, "lasts": lasts}
        log.warning("worker.slack_stream.refused", extra=found)


@dataclass
class _Stream:
    """One open stream."""

    name: str
    shown: str
    began: float
    doubtful: bool = False
    """A call was cut off: what it said may be shown, or not."""


class SlackStreams:
    """The open streams of one turn. Methods may raise ChannelFailed or MessageVanished."""

    def __init__(self, calls: SlackCalls, rights: StreamRights, event: Event) -> None:
        place = Conversation.parse(event.conversation_id)
        self._calls = calls
        self._rights = rights
        self._event = event
        self._team, self._channel, self._thread = place.account, place.chat, place.thread
        self._open: dict[str, _Stream] = {}

    async def start(self, spot: Spot, part: SlackPart) -> str | None:
        """The id of a message that is streamed; None where none can be had now: post one instead."""
        if self._thread is None or not self._rights.allow(self._team, self._channel):
            return None
        text = part.spoken[: steady_end(part.spoken)]
        name = f"{self._event.event_id}:{spot.index}:{spot.place}"
        if not text or not await self._calls.begin_stream(name):
            return None
        message_id = await self._start(text)
        if message_id is None:
            await self._calls.end_stream(name)
            return None
        self._open[message_id] = _Stream(name, text, time.monotonic())
        return message_id

    async def show(
        self,
        message_id: str,
        part: SlackPart,
        metadata: dict[str, object],
        bottoms: Sequence[Blocks],
        *,
        patient: bool,
    ) -> bool | None:
        """Whether the stream shows the part now; None where it is no stream (any more): update the message.

        bottoms: the blocks below the text, and each plainer than the one before.
        """
        stream = self._open.get(message_id)
        if stream is None:
            return None
        goes_on = part.spoken.startswith(stream.shown) and not stream.doubtful
        old = time.monotonic() - stream.began > self._calls.rates.roll_s
        if goes_on and not part.whole and not old:
            return await self._append(message_id, stream, part.spoken)
        rest = part.spoken[len(stream.shown) :] or None
        ends = [{"markdown_text": rest, "blocks": blocks or None} for blocks in bottoms] if goes_on else []
        for end in (*ends, {}):
            try:
                stopped = await self._stop(message_id, {**end, "metadata": metadata}, patient=patient)
            except SlackApiError as error:
                log.warning("worker.slack_form.refused", extra={"code": code(error)})
                continue
            return stopped and (True if end else None)
        return None

    async def stop(self, message_id: str) -> None:
        """Stop a stream that another worker may have begun; one that is closed already is fine."""
        with translated():
            await self._stop(message_id, {}, patient=True)

    async def stop_all(self) -> None:
        """Leave none open."""
        for message_id in tuple(self._open):
            await self.stop(message_id)

    async def _start(self, text: str) -> str | None:
        async def act() -> str:
            answer = await self._calls.client.chat_startStream(
                channel=self._channel,
                thread_ts=str(self._thread),
                markdown_text=text,
                recipient_user_id=self._event.user.id,
                recipient_team_id=self._team,
            )
            return str(answer["ts"])

        try:
            return await self._calls.now(START, act)
        except SlackApiError as error:
            if may_be_done(error):
                raise unavailable() from None
            self._rights.refuse(self._team, self._channel, code(error))
            return None

    async def _append(self, message_id: str, stream: _Stream, text: str) -> bool | None:
        end = steady_end(text)
        if end <= len(stream.shown):
            return True

        async def act() -> bool:
            added = text[len(stream.shown) : end]
            await self._calls.client.chat_appendStream(
                channel=self._channel, ts=message_id, markdown_text=added
            )
            return True

        try:
            done = await self._sure(stream, lambda: self._calls.shared(APPEND, act, stream.name))
        except SlackApiError as error:
            await self._end(message_id, error)
            if code(error) in STOPPED:
                raise MessageStopped from None
            return None
        if done:
            stream.shown = text[:end]
        return bool(done)

    async def _stop(self, message_id: str, last: dict[str, Any], *, patient: bool) -> bool | None:
        """Whether the stream was stopped; None when it was over. Passes on that Slack refuses a form."""

        async def act() -> bool:
            await self._calls.client.chat_stopStream(channel=self._channel, ts=message_id, **last)
            return True

        ask = self._calls.patient if patient else self._calls.now
        stream = self._open.get(message_id) or _Stream("", "", 0)
        try:
            done = await self._sure(stream, lambda: ask(STOP, act))
        except SlackApiError as error:
            if code(error) in FORM | TOO_LONG:
                raise
            await self._end(message_id, error)
            return None
        if done:
            await self._forget(message_id)
        return bool(done)

    async def _end(self, message_id: str, error: SlackApiError) -> None:
        """The stream is no longer one; raises what else the refusal means."""
        if code(error) not in CLOSED | STOPPED | {DELETED}:
            raise failure(error) from None
        await self._forget(message_id)
        if code(error) == DELETED:
            raise MessageVanished from None

    async def _sure(self, stream: _Stream, ask: Callable[[], Awaitable[bool | None]]) -> bool | None:
        """Ask; remember when nobody can tell what came of it."""
        try:
            return await ask()
        except ChannelFailed:
            stream.doubtful = True
            raise
        except SlackApiError as error:
            if may_be_done(error):
                stream.doubtful = True
                raise unavailable() from None
            raise

    async def _forget(self, message_id: str) -> None:
        stream = self._open.pop(message_id, None)
        if stream:
            await self._calls.end_stream(stream.name)
            await self._calls.leave(APPEND, stream.name)


def steady_end(text: str) -> int:
    """How much of a growing text may be sent: no white space is at the joint, where Slack may drop it."""
    for end in range(len(text) - 1, 0, -1):
        if not text[end - 1].isspace() and not text[end].isspace():
            return end
    return 0
