"""The gateway's side of the inbox: arrivals that come together share one call of accept.lua."""

import asyncio
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.inbox import CLAIM_TTL_S, DUE, INBOX_CAP, Accepted, Arrival, script
from services.gateway.errors import QueueDown

AT_ONCE = 2
"""Calls in flight: while Redis writes one to its disk, the next one is on its way."""
MOST = 200
"""Arrivals of one call, for Redis does nothing else meanwhile."""

_Waiting = tuple[tuple[str, ...], asyncio.Future[Accepted]]


class Inbox:
    """Accepts arrivals, each at most once.

    Those of one tick of the event loop go together, and so do all that come while calls are in flight: a
    call costs the same for one and for many, and so does Redis's write to its disk.
    """

    def __init__(self, redis: Redis, wake_s: float) -> None:
        self._accept = redis.register_script(script("accept"))
        self._limits = (INBOX_CAP, CLAIM_TTL_S, int(wake_s * 1000))
        self._waiting: list[_Waiting] = []
        self._calls: set[asyncio.Task[None]] = set()

    async def accept(self, arrival: Arrival) -> Accepted:
        """What became of the arrival; raises QueueDown, and then nothing became of it."""
        answer = await self._answer(arrival.arguments())
        if answer is Accepted.FULL:
            answer = await self._answer(arrival.arguments(is_full=True))
        return answer

    def _answer(self, arguments: tuple[str, ...]) -> asyncio.Future[Accepted]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Accepted] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._send)
        self._waiting.append((arguments, answer))
        return answer

    def _send(self) -> None:
        while self._waiting and len(self._calls) < AT_ONCE:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            call = asyncio.create_task(self._call(batch))
            self._calls.add(call)
            call.add_done_callback(self._called)

    def _called(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._send()

    async def _call(self, batch: Sequence[_Waiting]) -> None:
        arguments = [part for arrival, _ in batch for part in arrival]
        try:
            codes = await self._accept([DUE], [*self._limits, *arguments])
        except RedisError as error:
            behind, self._waiting = self._waiting, []  # they have waited as long, and nothing was sent
            for _, answer in (*batch, *behind):
                if not answer.done():
                    answer.set_exception(QueueDown(type(error).__name__))
            return
        except Exception as error:  # a bug: who waits hears of it, and reports it
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), code in zip(batch, codes, strict=True):
            if not answer.done():
                answer.set_result(Accepted(code))
