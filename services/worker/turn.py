"""One turn: ask nlp, do what it needs, pass on what it says. Decisions stay with nlp."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

from contracts.event import Event
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
from foundation.pausing import pause
from services.worker.channels.base import Outcome, Sink
from services.worker.errors import LeaseLost, RoomRefused, RoomUnavailable, TurnFailed

T = TypeVar("T")
Think = Callable[[TurnRequest], AsyncGenerator[TurnItem, None]]
"""Posts a turn to nlp and gives the items of its stream."""
Act = Callable[[TurnNeed], Awaitable[CallResult]]
"""Does what nlp needs and only the worker can do."""
Picture = Callable[[Reply], Awaitable[bytes | None]]
"""Makes the picture that a look-alike is sent with, where one can be had."""


TYPING_EVERY_S = 4
"""Telegram shows a typing sign for five seconds."""


class Stopped(Exception):
    """The person wants no more of this turn."""


@dataclass
class Turn:
    """One Event's turn with its collaborators."""

    event: Event
    lease: str
    capabilities: Capabilities
    think: Think
    act: Act
    picture: Picture
    sink: Sink
    stop: asyncio.Event
    typing_every_s: float = TYPING_EVERY_S
    _streamed: dict[int, str] = field(default_factory=dict)
    _answering: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when something is shown that says more than a typing sign."""

    async def run(self) -> Outcome:
        """Until nlp is done or the person has stopped it; raises TurnFailed or LeaseLost."""
        await self.sink.open()
        typing = asyncio.create_task(self._keep_typing())
        try:
            await self._rounds()
            outcome: Outcome = "finished"
        except Stopped:
            await self._keep_what_was_shown()
            outcome = "stopped"
        finally:
            self._answering.set()
            await asyncio.gather(typing, return_exceptions=True)
        await self.sink.close(outcome)
        return outcome

    async def _keep_typing(self) -> None:
        while await pause(self.typing_every_s, until=self._answering):
            await self.sink.open()

    async def _rounds(self) -> None:
        results: dict[str, CallResult] = {}
        for _ in range(MAX_ROUNDS):
            request = TurnRequest(
                event=self.event, capabilities=self.capabilities, lease=self.lease, results=results
            )
            need = await self._round(request)
            if need is None:
                return
            acting = asyncio.ensure_future(self.act(need))
            results = {**results, need.call_id: await self._unless_stopped(acting)}
        raise TurnFailed("nlp asked for more rounds than a turn has", code="too_many_rounds")

    async def _round(self, request: TurnRequest) -> TurnNeed | None:
        async with aclosing(self.think(request)) as items:
            while True:
                try:
                    item = await self._unless_stopped(asyncio.ensure_future(anext(items)))
                except StopAsyncIteration:
                    raise RoomUnavailable("nlp ended the turn's stream early") from None
                if isinstance(item, TurnDone):
                    return None
                if isinstance(item, TurnNeed):
                    return item
                await self._show(item)

    async def _show(self, item: TurnItem) -> None:
        if isinstance(item, TurnDelta):
            self._answering.set()
            self._streamed[item.index] = self._streamed.get(item.index, "") + item.text
            await self.sink.append(item.index, item.text)
        elif isinstance(item, TurnReply):
            await self._finish(item)
        elif isinstance(item, TurnProblem):
            problem = item.problem
            if problem.code == LeaseLost.code:
                raise LeaseLost
            raise RoomRefused(problem.title, code=problem.code, retryable=problem.retryable)

    async def _finish(self, item: TurnReply) -> None:
        picture = None
        if item.reply.look_alike:
            picture = await self._unless_stopped(asyncio.ensure_future(self.picture(item.reply)))
        self._answering.set()
        await self.sink.finish(item.index, item.reply, picture)
        self._streamed.pop(item.index, None)

    async def _unless_stopped(self, work: asyncio.Future[T]) -> T:
        """The work's result; Stopped, and the work cancelled, when the person is faster.

        Only waiting is ever cut short, never a send: a cut send could be shown and not recorded.
        """
        stopping = asyncio.ensure_future(self.stop.wait())
        both: list[asyncio.Future[Any]] = [work, stopping]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise Stopped
            return work.result()
        finally:
            stopping.cancel()
            if not work.done():
                work.cancel()
                await asyncio.wait({work})

    async def _keep_what_was_shown(self) -> None:
        for index, text in self._streamed.items():
            await self.sink.finish(index, Reply(text=text))
