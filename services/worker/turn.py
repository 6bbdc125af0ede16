"""One turn: ask nlp, do what it needs, pass on what it says. Decisions stay with nlp."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from contracts.event import Event
from contracts.problem import Problem
from contracts.reply import Reply
from contracts.turn import (
    MAX_ROUNDS,
    CallResult,
    Capabilities,
    TurnDelta,
    TurnDone,
    TurnItem,
    TurnNeed,
    TurnProblem,
    TurnReply,
    TurnRequest,
)
from foundation import tracing
from foundation.pausing import pause
from foundation.words import language_of, say
from services.worker.channels.base import Outcome, Sink
from services.worker.ending import Ending, Stopped
from services.worker.errors import (
    LeaseLost,
    MessageStopped,
    MessageVanished,
    RoomRefused,
    RoomUnavailable,
    TurnFailed,
)
from services.worker.partial import break_off, continue_button, with_more
from services.worker.times import Times, now_ms

log = logging.getLogger(__name__)

Think = Callable[[TurnRequest], AsyncGenerator[TurnItem, None]]
"""Posts a turn to nlp and gives the items of its stream."""
Fulfil = Callable[[TurnNeed], Awaitable[CallResult]]
"""Does what nlp needs and only the worker can do."""
Picture = Callable[[Reply], Awaitable[bytes | None]]
"""Makes the picture that a look-alike is sent with, where one can be had."""

TYPING_AFTER_S = 0.3
"""An answer that comes sooner needs no typing sign, which would take the answer's place in the rate limit."""
TYPING_EVERY_S = 4
"""Telegram shows a typing sign for five seconds."""
TELL_S = 10
"""How long nlp may take to note what was shown of a turn that ended early."""


@dataclass
class Turn:
    """One Event's turn with its collaborators."""

    event: Event
    lease: str
    capabilities: Capabilities
    think: Think
    fulfil: Fulfil
    picture: Picture
    sink: Sink
    ending: Ending
    partial: dict[int, str] = field(default_factory=dict)
    """What is shown of replies that are not whole, by index; at first what an earlier attempt has left."""
    typing_after_s: float = 0
    """How soon it shows that somebody is at it; 0: before nlp is asked."""
    typing_every_s: float = TYPING_EVERY_S
    times: Times = field(default_factory=Times)
    _begun: set[int] = field(default_factory=set)
    """Replies of which this attempt has shown something."""
    _whole: dict[int, str] = field(default_factory=dict)
    _answering: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when something is shown that says more than a typing sign."""
    _appending: bool = False
    _typing: asyncio.Task[None] | None = None

    async def run(self) -> Outcome:
        """Until nlp is done or no more of it is wanted; raises TurnFailed or LeaseLost."""
        try:
            if not self.typing_after_s:
                await self.sink.open()
            outcome = await self._typing_and_answer()
            await self.sink.close(outcome)
            return outcome
        finally:
            self.sink.leave()

    async def _typing_and_answer(self) -> Outcome:
        first_s = self.typing_after_s or self.typing_every_s
        timer = asyncio.get_running_loop().call_later(first_s, self._begin_typing)
        try:
            return await self._answer()
        finally:
            timer.cancel()
            self._answering.set()
            if self._typing:
                await asyncio.gather(self._typing, return_exceptions=True)

    async def _answer(self) -> Outcome:
        try:
            await self._rounds()
            return "finished"
        except MessageVanished:
            self.ending.ask("deleted")
        except MessageStopped:
            self.ending.ask()
        except Stopped:
            self._answering.set()
        if self.ending.reason == "deleted":
            self.partial.clear()
        elif self.partial or self.ending.reason == "stopped":
            await self._break_off()
        await self._tell_shown()
        return "stopped"

    def _begin_typing(self) -> None:
        if not self._answering.is_set():
            self._typing = asyncio.create_task(self._keep_typing())

    async def _keep_typing(self) -> None:
        await self.sink.open()
        while await pause(self.typing_every_s, until=self._answering):
            await self.sink.open()

    async def _end_typing(self) -> None:
        """Before something is shown: a typing sign that comes behind its answer would stay."""
        if not self._answering.is_set():
            self._answering.set()
            if self._typing:
                await asyncio.wait({self._typing})

    async def _rounds(self) -> None:
        results: dict[str, CallResult] = {}
        for _ in range(MAX_ROUNDS):
            request = TurnRequest(
                event=self.event, capabilities=self.capabilities, lease=self.lease, results=results
            )
            need = await self._round(request)
            if need is None:
                return
            with self.times.face:
                results = {**results, need.call_id: await self.ending.unless(self.fulfil(need))}
        raise TurnFailed("nlp asked for more rounds than a turn has", code="too_many_rounds")

    async def _round(self, request: TurnRequest) -> TurnNeed | None:
        async with aclosing(self.think(request)) as items, self._closing_early(items):
            while True:
                try:
                    with self.times.nlp:
                        item = await self.ending.unless(anext(items))
                except StopAsyncIteration:
                    raise RoomUnavailable("nlp ended the turn's stream early") from None
                if isinstance(item, TurnDone):
                    return None
                if isinstance(item, TurnNeed):
                    return item
                with self.times.delivery:
                    await self._show(item)
                self.times.first = self.times.first or now_ms()

    @asynccontextmanager
    async def _closing_early(self, items: AsyncGenerator[TurnItem, None]) -> AsyncIterator[None]:
        """Closes the stream as soon as the turn is to end, also while a platform takes its time with text."""
        closing: list[asyncio.Future[None]] = []

        def close() -> None:
            # while no text is under way the stream is being read, and is closed by who reads it
            if self._appending and not closing:
                closing.append(asyncio.ensure_future(items.aclose()))

        self.ending.heard = close
        try:
            yield
        finally:
            self.ending.heard = None
            await asyncio.gather(*closing, return_exceptions=True)

    async def _append(self, item: TurnDelta) -> None:
        if self.ending.is_asked:
            raise Stopped
        await self._end_typing()
        before = self.partial.get(item.index, "") if item.index in self._begun else ""
        self._begun.add(item.index)
        self.partial[item.index] = before + item.text
        self._appending = True
        try:
            await self.sink.append(item.index, item.text)
        finally:
            self._appending = False
        if self.ending.is_asked:
            raise Stopped

    async def _show(self, item: TurnItem) -> None:
        if isinstance(item, TurnDelta):
            await self._append(item)
        elif isinstance(item, TurnReply):
            await self._finish(item)
        elif isinstance(item, TurnProblem):
            raise _failure(item.problem)

    async def _finish(self, item: TurnReply) -> None:
        picture = None
        if item.reply.look_alike:
            picture = await self.ending.unless(self.picture(item.reply))
        await self._end_typing()
        with tracing.span("deliver", "client"):
            await self.sink.finish(item.index, with_more(self.event, item.reply), picture)
        self.partial.pop(item.index, None)
        self._whole[item.index] = item.reply.text
        self.times.sent = now_ms()

    async def _break_off(self) -> None:
        language = language_of(self.event.user.locale)
        buttons = (continue_button(self.event, language),) if self.partial else ()
        await break_off(self.sink, self.partial, say("stopped", language), buttons)

    async def _tell_shown(self) -> None:
        """Have nlp note what was shown, so that the conversation knows of it. Its failure fails no turn."""
        shown = sorted({**self._whole, **self.partial}.items())
        request = TurnRequest(
            v=2,
            event=self.event,
            capabilities=self.capabilities,
            lease=self.lease,
            shown=tuple(text for _, text in shown),
        )
        try:
            async with asyncio.timeout(TELL_S), aclosing(self.think(request)) as items:
                async for item in items:
                    if isinstance(item, TurnProblem):
                        raise _failure(item.problem)
        except (TurnFailed, TimeoutError) as error:
            log.warning("worker.shown.lost", extra={"error": type(error).__name__})


def _failure(problem: Problem) -> LeaseLost | RoomRefused:
    if problem.code == LeaseLost.code:
        return LeaseLost()
    return RoomRefused(problem.title, code=problem.code, retryable=problem.retryable)
