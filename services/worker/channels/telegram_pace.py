"""How fast we call Telegram, and what we do when it says to wait."""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, InvalidToken, RetryAfter, TelegramError

from services.worker import fence
from services.worker.channels.limits import LONGEST_WAIT_S, limit_key
from services.worker.channels.telegram_errors import failure, retry_after_s
from services.worker.errors import ChannelFailed, RateLimited
from services.worker.pacer import Limit, Pacer

log = logging.getLogger(__name__)

T = TypeVar("T")
Call = Callable[[], Awaitable[T]]
Limits = tuple[Limit, ...]
Lines = tuple[Limits, Limits]
"""The limits of the whole bot, and those of one chat."""

REFUSED_CHATS = 3
REFUSED_WITHIN_S = 1.0
"""So many chats refused in so short a time: it is the bot that is too fast, not somebody's chat."""


@dataclass(frozen=True)
class TelegramPace:
    """Milliseconds between calls, and how many may come at once."""

    all_ms: float = 34
    """30 a second for a token (telegram.constants.FloodLimit.MESSAGES_PER_SECOND)."""
    chat_ms: float = 1000
    """One a second in a chat (FloodLimit.MESSAGES_PER_SECOND_PER_CHAT)."""
    group_ms: float = 4000
    group_burst: int = 5
    """At most 20 in any minute of a group (FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP): 5 at once, 15 more."""
    stream_burst: int = 2
    """What streaming leaves of a burst is for final texts."""
    drafts_ms: float = 66
    drafts_burst: int = 10
    """Drafts of all chats: apart from messages, so that no final text waits for one."""
    first_drafts_ms: float = 100
    first_drafts_burst: int = 20
    """Those of first words, before they stand in line with the others: 25 a second in all."""
    draft_ms: float = 1000
    draft_burst: int = 5
    """Drafts in one chat; Telegram's own clients keep to 20 in 5 s and 40 in 30 s."""
    draft_life_ms: float = 20_000
    """A draft vanishes after 30 s; one that does not change is sent again before."""

    def times(self, factor: float) -> "TelegramPace":
        """The same pace where a second lasts so many times as long."""
        scaled = {f.name: getattr(self, f.name) * factor for f in fields(self) if f.name.endswith("_ms")}
        return replace(self, **scaled)


USUAL_PACE = TelegramPace()


class Floods:
    """Tells a chat's limit from the whole bot's: Telegram's 429 does not say which one it is."""

    def __init__(self) -> None:
        self._refused: dict[int, float] = {}

    def is_of_bot(self, chat: int) -> bool:
        """Note a refusal in this chat; True when several chats were refused just now."""
        now = time.monotonic()
        self._refused[chat] = now
        self._refused = {one: at for one, at in self._refused.items() if at > now - REFUSED_WITHIN_S}
        return len(self._refused) >= REFUSED_CHATS


class TelegramChat:
    """One chat of one bot: every call into it keeps to the limits, and waits as long as Telegram says."""

    def __init__(self, bot: Bot | None, pacer: Pacer, chat: int, floods: Floods, pace: TelegramPace) -> None:
        self._maybe_bot = bot
        self._pacer = pacer
        self._floods = floods
        self.pace = pace
        self.id = chat
        """Changes when a group becomes a supergroup."""

    @property
    def bot(self) -> Bot:
        """Raises ChannelFailed where we have no token for it."""
        if self._maybe_bot is None:
            raise ChannelFailed("no token for this bot", code="account_unknown", retryable=False)
        return self._maybe_bot

    async def message(self, call: Call[T], *, patient: bool) -> T | None:
        """Act in the place of a message; None when there is none now and we are not patient.

        Passes BadRequest on, and raises ChannelFailed for every other refusal.
        """
        max_wait_s = LONGEST_WAIT_S if patient else 0
        done = await self._sent(call, lambda: self._message_lines(patient), max_wait_s)
        if done is None and patient:
            raise await self._no_place(*self._message_lines(patient))
        return done

    async def deletion(self, call: Call[bool], max_wait_s: float) -> None:
        """Act in a place among all the bot's calls; raises as `message`, and where there is no place."""
        if await self._sent(call, lambda: (self._all(), ()), max_wait_s) is None:
            raise await self._no_place(self._all())

    async def question(self, call: Call[T]) -> T:
        """Act where nobody sees it: without a place, but not before the time that a 429 has named.

        Passes BadRequest and InvalidToken on, and raises ChannelFailed for every other refusal.
        """
        done = await self._paced(call, lambda: ((), ()), LONGEST_WAIT_S)
        if done is None:
            raise await self._no_place()
        return done

    async def draft(self, call: Call[T], max_wait_s: float, *, is_first: bool = False) -> T | None:
        """Act in the place of a draft, in the order of asking; None when that would take too long.

        The first draft of an answer passes those who wait, while there is a place for such.
        Passes BadRequest and InvalidToken on, and raises ChannelFailed for every other refusal.
        """
        if is_first and (done := await self._paced(call, self._first_draft_lines, 0)) is not None:
            return done
        return await self._paced(call, self._draft_lines, max_wait_s)

    async def sign(self, call: Call[T]) -> T | None:
        """Act, if it can be now, with something that no message waits for: the typing sign."""
        typing = Limit(self._key(f"{self.id}:typing"), int(self.pace.chat_ms))
        return await self._paced(call, lambda: (self._all(), (typing,)), 0)

    async def _no_place(self, *lines: Limits) -> RateLimited:
        limits = [limit for line in (*lines, self._gates()) for limit in line]
        return RateLimited(await self._pacer.opens_in_s(*limits))

    async def _sent(self, call: Call[T], lines: Callable[[], Lines], max_wait_s: float) -> T | None:
        try:
            return await self._paced(call, lines, max_wait_s)
        except InvalidToken as error:
            raise failure(error) from None

    async def _paced(self, call: Call[T], lines: Callable[[], Lines], max_wait_s: float) -> T | None:
        while await self._has_place(*lines(), max_wait_s):
            fence.check()
            try:
                return await call()
            except RetryAfter as error:
                await self._hold(retry_after_s(error))
            except ChatMigrated as error:
                self.id = error.new_chat_id
            except (BadRequest, InvalidToken):
                raise
            except TelegramError as error:
                raise failure(error) from None
        return None

    async def _has_place(self, wide: Limits, narrow: Limits, max_wait_s: float) -> bool:
        """All places at once where there are; else first one among all chats, then one in this chat, so that
        the chat's calls keep their distance.

        Who has waited looks whether a 429 has come meanwhile, and then stands in line anew.
        """
        if await self._pacer.take(*wide, *narrow, *self._gates(), max_wait_s=0):
            return True
        if not max_wait_s:
            return False
        until = time.monotonic() + max_wait_s
        while True:
            for line in (wide, narrow):
                if not await self._pacer.take(*line, max_wait_s=max(0, until - time.monotonic())):
                    return False
            if await self._pacer.take(*self._gates(), max_wait_s=0):
                return True
            if not await self._pacer.take(*self._gates(), max_wait_s=max(0, until - time.monotonic())):
                return False

    async def _hold(self, seconds: float) -> None:
        """Nobody calls into this chat before the time is over; nor into any, when it is the bot's limit."""
        is_of_bot = self._floods.is_of_bot(self.id)
        noted = {"retry_after_s": seconds, "whole_bot": is_of_bot}
        log.warning("worker.telegram_rate.exceeded", extra=noted)
        (everywhere, here), (all_drafts, drafts) = self._message_lines(True), self._draft_lines()
        of_chat, of_bot = self._gates()
        held = (of_chat, here[0], *drafts)  # the gate first, so that it is open when a place is
        if is_of_bot:
            held = (of_bot, *everywhere, *all_drafts, *held)
        for limit in held:
            await self._pacer.penalize(limit, seconds)

    def _message_lines(self, patient: bool) -> Lines:
        """What a message stands in line for: among all chats, and in this one."""
        pace = self.pace
        chat = Limit(self._key(str(self.id)), int(pace.chat_ms))
        if self.id > 0:
            return self._all(), (chat,)
        burst = pace.group_burst if patient else pace.stream_burst
        return self._all(), (chat, Limit(self._key(f"{self.id}:minute"), int(pace.group_ms), burst))

    def _draft_lines(self) -> Lines:
        pace = self.pace
        wide = Limit(self._key("drafts"), int(pace.drafts_ms), pace.drafts_burst)
        return (wide,), (Limit(self._key(f"{self.id}:draft"), int(pace.draft_ms), pace.draft_burst),)

    def _first_draft_lines(self) -> Lines:
        wide = Limit(self._key("drafts:first"), int(self.pace.first_drafts_ms), self.pace.first_drafts_burst)
        return (wide,), self._draft_lines()[1]

    def _all(self) -> Limits:
        return (Limit(self._key("all"), int(self.pace.all_ms)),)

    def _gates(self) -> tuple[Limit, Limit]:
        """Limits without a rate, which only a 429 closes: the chat's and the bot's."""
        return Limit(self._key(f"{self.id}:gate"), 0), Limit(self._key("gate"), 0)

    def _key(self, scope: str) -> str:
        return limit_key(self.bot.token, scope)
