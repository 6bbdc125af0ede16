"""A sink over messages that can be edited: one algorithm for Telegram and Slack."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from contracts.reply import Reply
from services.worker.channels.base import Delivery, Outcome
from services.worker.channels.marks import marked
from services.worker.errors import ChannelFailed, MessageVanished
from services.worker.metrics import updated

log = logging.getLogger(__name__)

OPEN_S = 2
"""How long a turn's beginning may wait for the typing sign."""
STREAM_EVERY_S = 1
"""A reply in the making is shown at most so often, whatever the rate limits grant."""
FIRST_CHARACTERS = 12
"""A notification shows the first text of a message: no single syllables."""
SMALLEST_ROOM = 500
"""A message that is too long even with so few characters is refused for another reason."""


class PartTooLong(ChannelFailed):
    """The platform takes less text in one message than we thought."""

    code = "message_too_long"
    retryable = False


@dataclass(frozen=True)
class Spot:
    """Where a part belongs: the reply's place in the turn, the part's place in the reply."""

    index: int
    place: int


Part = TypeVar("Part")


class Messages(Protocol[Part]):
    """The messages of one turn on one platform. All but `parts` may raise ChannelFailed."""

    room: int
    """Characters that one message takes, as the platform counts them."""

    def parts(self, reply: Reply, room: int, picture: bytes | None) -> tuple[Part, ...]:
        """The reply as messages, one of them with the picture; none when there is nothing to show."""

    async def greet(self) -> None:
        """Show that somebody is at it."""

    async def orphan(self, spot: Spot) -> str | None:
        """The message of an attempt that died before it could record it, where the platform can tell."""

    async def post(self, spot: Spot, part: Part, *, patient: bool) -> str | None:
        """The new message's id; None when the rate limit has no place and we are not patient."""

    async def edit(self, spot: Spot, message_id: str, part: Part, *, patient: bool) -> bool:
        """Whether the message shows the part now, or can be edited no more; False as None above.

        Raises MessageVanished when it is not there any more; MessageStopped, where we are not patient, when
        a person has stopped it.
        """

    async def remove(self, message_id: str) -> None:
        """Take a message back; one that is gone already is fine."""


class MessageSink(Generic[Part]):
    """Brings a reply's messages to what they should show, and posts only what is missing."""

    def __init__(self, messages: Messages[Part], delivery: Delivery) -> None:
        self._messages = messages
        self._delivery = delivery
        self._room = messages.room
        self._written: dict[int, str] = {}
        self._shown: dict[str, Part] = {}
        self._silent: set[int] = set()
        """Replies that are not streamed any more: a post of theirs failed and may be visible."""
        self._unsure = delivery.attempt > 1
        """Whether there may be messages of ours that the record does not know."""
        self._next_at = 0.0

    async def open(self) -> None:
        try:
            async with asyncio.timeout(OPEN_S):
                await self._messages.greet()
        except (TimeoutError, ChannelFailed):
            log.info("worker.typing.dropped")

    async def append(self, index: int, text: str) -> None:
        written = self._written[index] = self._written.get(index, "") + text
        early = time.monotonic() < self._next_at
        if early or index in self._silent or len(written) < FIRST_CHARACTERS:
            return
        self._next_at = time.monotonic() + STREAM_EVERY_S
        try:
            shown = await self._show(index, Reply(text=written), patient=False)
            updated("message", "sent" if shown else "dropped").inc()
        except ChannelFailed as error:
            if not error.retryable:
                raise
            self._silent.add(index)

    async def finish(self, index: int, reply: Reply, picture: bytes | None = None) -> None:
        self._written.pop(index, None)
        await self._show(index, reply, picture, patient=True)

    async def break_off(self, index: int, reply: Reply, mark: str) -> None:
        await self.finish(index, marked(reply, mark))

    async def close(self, outcome: Outcome) -> None:
        """Messages need no end mark."""

    def leave(self) -> None:
        """Messages stay as they are."""

    async def _show(self, index: int, reply: Reply, picture: bytes | None = None, *, patient: bool) -> bool:
        while True:
            try:
                return await self._bring(index, self._messages.parts(reply, self._room, picture), patient)
            except PartTooLong:
                self._room //= 2
                if self._room < SMALLEST_ROOM:
                    raise

    async def _bring(self, index: int, parts: tuple[Part, ...], patient: bool) -> bool:
        """Whether all of it is shown now; False where the rate limit has no place and we are not patient."""
        ids = list(self._delivery.sent(index) or ())
        for place, part in enumerate(parts):
            spot = Spot(index, place)
            if place == len(ids):
                message_id = await self._found_or_posted(spot, part, patient)
                if message_id is None:
                    return False
                ids.append(message_id)
                await self._delivery.mark_sent(index, tuple(ids))
            if self._shown.get(ids[place]) != part:
                if not await self._edit(spot, ids[place], part, patient):
                    return False
                self._shown[ids[place]] = part
        if patient and len(ids) > len(parts):
            await self._withdraw(index, ids, len(parts))
        return True

    async def _edit(self, spot: Spot, message_id: str, part: Part, patient: bool) -> bool:
        try:
            return await self._messages.edit(spot, message_id, part, patient=patient)
        except MessageVanished:
            if not patient:
                raise
            return True  # there is no more to come: what was deleted stays deleted

    async def _found_or_posted(self, spot: Spot, part: Part, patient: bool) -> str | None:
        known = self._delivery.sent(spot.index) is not None or self._delivery.maybe_sent(spot.index)
        if not (self._unsure and known):
            return await self._post(spot, part, patient)
        if not patient:  # looking takes long, and streaming never waits
            return None
        return await self._messages.orphan(spot) or await self._post(spot, part, patient)

    async def _post(self, spot: Spot, part: Part, patient: bool) -> str | None:
        if spot.place == 0:
            await self._delivery.mark_sending(spot.index)
        try:
            message_id = await self._messages.post(spot, part, patient=patient)
        except ChannelFailed:
            self._unsure = True
            raise
        if message_id is not None:
            self._shown[message_id] = part
        return message_id

    async def _withdraw(self, index: int, ids: list[str], keep: int) -> None:
        """The reply became shorter than what was streamed."""
        for message_id in ids[keep:]:
            await self._messages.remove(message_id)
        await self._delivery.mark_sent(index, tuple(ids[:keep]))
