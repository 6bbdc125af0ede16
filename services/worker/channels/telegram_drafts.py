"""A reply in the making as a draft, which a private chat shows until the message itself comes."""

import asyncio
import logging
import zlib
from collections.abc import Callable, Sequence

from redis.exceptions import RedisError
from telegram import MessageEntity
from telegram.error import BadRequest, InvalidToken

from contracts.reply import Reply
from foundation.pausing import cancel_all, pause
from services.worker.channels.base import Delivery, Outcome
from services.worker.channels.messages import MessageSink
from services.worker.channels.rich_text import rich_text
from services.worker.channels.split import BREAKS, Rich, piece, utf16_units
from services.worker.channels.telegram_errors import about_form, unknown_method
from services.worker.channels.telegram_pace import TelegramChat
from services.worker.channels.telegram_parts import ENTITIES, TEXT_UNITS, TelegramPart, entities
from services.worker.errors import ChannelFailed, LeaseLost
from services.worker.metrics import updated

log = logging.getLogger(__name__)

WAIT_S = 25
"""Drafts of many chats stand in line: so long, then the next text tries its luck."""
SETTLE_S = 3
"""A message waits so long for its draft that is under way: a draft behind its message would stay for 30 s."""
REFRESHES = 6
"""A draft that nobody goes on with is kept alive so often, and then left to vanish."""
STEP_UNITS = TEXT_UNITS // 2
"""A text that outgrows its draft is shown without so much of its beginning."""
STOP_BUTTON = {"can_stop": True, "keep_on_stop": True}
"""Bot API 10.3, for which the library has no arguments: a stop button, and what it stops stays in sight."""


def draft_id(event_id: str, index: int) -> int:
    """The same for every attempt at a turn, so that a takeover goes on with what is there; never zero."""
    return zlib.crc32(f"{event_id}:{index}".encode()) % (2**31 - 1) + 1


def newest(rich: Rich) -> Rich:
    """The end of a text, as much as one draft takes; its beginning moves in steps, not with every word."""
    start = 0
    while utf16_units(rich.text[start:]) > TEXT_UNITS:
        start = _break_after(rich.text, start + STEP_UNITS)
    return piece(rich, start, len(rich.text), ENTITIES)


def _break_after(text: str, at: int) -> int:
    """Where a paragraph, line, sentence or word begins behind this place."""
    for mark in BREAKS:
        found = text.find(mark, at, at + STEP_UNITS // 2)
        if found >= 0:
            return found + len(mark)
    return at


class Draft:
    """The draft of one reply: its text grows at once, and is shown as often as the limits allow."""

    def __init__(self, chat: TelegramChat, topic: int | None, number: int) -> None:
        self.written = ""
        self.failure: ChannelFailed | None = None
        """Why no message will arrive in this chat either."""
        self.is_refused = False
        """Whether Telegram wants no draft here; what it showed before stays until the message comes."""
        self.is_unknown = False
        """Whether the server knows no drafts at all."""
        self.is_shown = False
        self._chat = chat
        self._topic = topic
        self._number = number
        self._grown = asyncio.Event()
        self._over = asyncio.Event()
        self._calling = asyncio.Lock()
        self._showing: asyncio.Task[None] | None = None

    def grow(self, text: str) -> None:
        """Take in more text; never waits."""
        self.written += text
        self._grown.set()
        is_wanted = not (self.is_refused or self.failure or self._over.is_set())
        if is_wanted and (self._showing is None or self._showing.done()):
            self._showing = asyncio.create_task(self._show_until_over())

    async def end(self) -> None:
        """Show nothing more: the call under way has arrived, or takes too long to be waited for."""
        self._over.set()
        if self._showing is None:
            return
        try:
            async with asyncio.timeout(SETTLE_S), self._calling:
                self._showing.cancel()
        except TimeoutError:
            log.info("worker.telegram_draft.abandoned")
        await cancel_all([self._showing])

    def abandon(self) -> None:
        """Show nothing more, without waiting for anything."""
        self._over.set()
        if self._showing:
            self._showing.cancel()

    async def _show_until_over(self) -> None:
        left, pace = REFRESHES, self._chat.pace
        while left and not (self._over.is_set() or self.is_refused or self.failure):
            self._grown.clear()
            is_sent = await self._is_sent()
            updated("draft", "sent" if is_sent else "dropped").inc()
            if is_sent:
                has_grown = not await pause(pace.draft_life_ms / 1000, until=self._grown)
                left = REFRESHES if has_grown else left - 1
            else:
                await pause(pace.draft_ms / 1000, until=self._over)
                left -= 1

    async def _is_sent(self) -> bool:
        try:
            return bool(await self._chat.draft(self._send, WAIT_S, is_first=not self.is_shown))
        except (BadRequest, InvalidToken) as error:
            self.is_refused, self.is_unknown = True, unknown_method(error)
            log.info("worker.telegram_draft.refused", extra={"unknown": self.is_unknown})
        except ChannelFailed as error:
            if not error.retryable:
                self.failure = error
        except (RedisError, LeaseLost) as error:  # the turn hears of it elsewhere
            log.info("worker.telegram_draft.dropped", extra={"error": type(error).__name__})
        return False

    async def _send(self) -> bool:
        async with self._calling:
            rich = newest(rich_text(self.written))
            if self._over.is_set() or not rich.text.strip():
                return True
            try:
                await self._call(rich.text, entities(rich))
            except BadRequest as error:
                if not about_form(error):
                    raise
                log.warning("worker.telegram_form.refused")
                await self._call(rich.text, ())
            self.is_shown = True
        return True

    async def _call(self, text: str, marks: Sequence[MessageEntity]) -> None:
        await self._chat.bot.send_message_draft(
            self._chat.id,
            self._number,
            text,
            message_thread_id=self._topic,
            entities=marks,
            api_kwargs=STOP_BUTTON,
        )


class DraftSink:
    """Streams by drafts; what lasts is sent by the messages' own sink.

    That one also streams where no draft can be: on a server that knows none, and for a reply of which
    an earlier attempt has made a message.
    """

    def __init__(
        self,
        new_draft: Callable[[int], Draft],
        messages: MessageSink[TelegramPart],
        delivery: Delivery,
        unknown: Callable[[], None],
    ) -> None:
        self._new_draft = new_draft
        """The draft of the reply with this index."""
        self._messages = messages
        self._delivery = delivery
        self._unknown = unknown
        """Called where the server turns out to know no drafts."""
        self._drafts: dict[int, Draft] = {}
        self._by_messages: set[int] = set()

    def leave(self) -> None:
        for draft in self._drafts.values():
            draft.abandon()

    async def open(self) -> None:
        await self._messages.open()

    async def append(self, index: int, text: str) -> None:
        if self._delivery.sent(index) is not None or self._delivery.maybe_sent(index):
            self._by_messages.add(index)
        if index in self._by_messages:
            await self._messages.append(index, text)
        else:
            await self._draft(index, text)

    async def finish(self, index: int, reply: Reply, picture: bytes | None = None) -> None:
        await self._end_drafts()
        await self._messages.finish(index, reply, picture)

    async def break_off(self, index: int, reply: Reply, mark: str) -> None:
        await self._end_drafts()
        await self._messages.break_off(index, reply, mark)

    async def close(self, outcome: Outcome) -> None:
        await self._end_drafts()
        await self._messages.close(outcome)

    async def _draft(self, index: int, text: str) -> None:
        draft = self._drafts.get(index)
        if draft is None:
            draft = self._drafts[index] = self._new_draft(index)
        if draft.failure:
            raise draft.failure
        draft.grow(text)
        if draft.is_refused and not draft.is_shown:
            await self._give_up(index, draft)

    async def _give_up(self, index: int, draft: Draft) -> None:
        self._by_messages.add(index)
        if draft.is_unknown:
            self._unknown()
        await self._messages.append(index, draft.written)

    async def _end_drafts(self) -> None:
        """Before a message is sent: a draft that came behind its message would stay for half a minute."""
        for draft in self._drafts.values():
            await draft.end()
        self._drafts.clear()
