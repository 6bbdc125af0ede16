"""Budgets of the language model: asked before each call, told after it what it came to."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Self

from redis.asyncio import Redis
from redis.exceptions import RedisError

from contracts.inbox import script
from contracts.usage import Asker, day_of, held_key, report_field, report_key, used_key
from services.nlp.engines.llm.tokens import weight
from services.nlp.errors import StoreDown
from services.nlp.metrics import spent
from services.nlp.usage.prices import Price, cost
from services.nlp.usage.refusals import Refusal, Span, Whose

log = logging.getLogger(__name__)

_DAY_S = 24 * 3600
_LIVES_S: Mapping[Span, int] = {"day": 2 * _DAY_S, "month": 33 * _DAY_S}


@dataclass(frozen=True)
class Limit:
    """What one budget allows; 0 allows anything."""

    whose: Whose
    span: Span
    requests: int = 0
    tokens: int = 0


@dataclass(frozen=True)
class Terms:
    """The limits, and how usage is kept."""

    limits: tuple[Limit, ...]
    """The one that opens latest comes first: it is the one that a person is told of."""
    answer_tokens: int
    """How long an answer is assumed to be while it runs."""
    hold_s: float
    """A call that has told nothing for so long is forgotten."""
    report_days: int
    prices: Mapping[str, Price]


@dataclass(frozen=True)
class _Place:
    """One limit's keys for one asker and day."""

    limit: Limit
    used: str
    held: str


@dataclass
class Call:
    """One admitted call of the model; leaving the block settles it.

    Without the model's own count, what was heard is estimated. A call that failed unheard is free.
    """

    asker: Asker
    model: str
    hold: str
    day: date
    places: tuple[_Place, ...]
    prompt_tokens: int
    """Estimated, until the model tells."""
    settle: Callable[["Call", int], Awaitable[None]]
    completion_tokens: int = 0
    is_heard: bool = False
    is_told: bool = False
    """The model has said what it counted."""
    _heard: float = 0.0

    def hear(self, text: str) -> None:
        """A part of the answer came."""
        self.is_heard = True
        self._heard += weight(text)
        if not self.is_told:
            self.completion_tokens = math.ceil(self._heard)

    def tell(self, prompt_tokens: int, completion_tokens: int) -> None:
        """The model says what it counted; the last word counts."""
        self.is_heard = self.is_told = True
        self.prompt_tokens, self.completion_tokens = prompt_tokens, completion_tokens

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        has_failed = isinstance(error, Exception) and not self.is_heard
        await self.settle(self, 0 if has_failed else 1)


class Budget:
    """Admits calls of the model, and keeps count of them."""

    def __init__(self, redis: Redis, terms: Terms, clock: Callable[[], float] = time.time) -> None:
        self._terms = terms
        self._clock = clock
        self._reserve = redis.register_script(script("reserve"))
        self._charge = redis.register_script(script("charge"))
        self._settling: set[asyncio.Task[None]] = set()

    async def open(self, asker: Asker, model: str, call_id: str, prompt_tokens: int) -> Call | Refusal:
        """A call to be used as a block, or why there is none; raises StoreDown.

        `prompt_tokens` is an estimate. `call_id` is the same when the same call is tried again: it then
        takes its own place over.
        """
        now_s = self._clock()
        day = day_of(now_s)
        places = tuple(_place(limit, asker, day) for limit in self._terms.limits)
        full = await self._hold(places, now_s, call_id, prompt_tokens + self._terms.answer_tokens)
        if full:
            limit = places[full - 1].limit
            log.info("nlp.budget.exceeded", extra={"whose": limit.whose, "span": limit.span})
            return Refusal(limit.whose, limit.span, day, now_s)
        return Call(asker, model, call_id, day, places, prompt_tokens, self._settle)

    async def aclose(self) -> None:
        """Wait for what is still being settled."""
        await asyncio.gather(*self._settling)

    async def _hold(self, places: tuple[_Place, ...], now_s: float, hold: str, tokens: int) -> int:
        keys = [key for place in places for key in (place.used, place.held)]
        most = [count for place in places for count in (place.limit.requests, place.limit.tokens)]
        ends_ms = int((now_s + self._terms.hold_s) * 1000)
        try:
            return int(await self._reserve(keys, [int(now_s * 1000), hold, ends_ms, tokens, *most]))
        except RedisError as error:
            raise StoreDown(type(error).__name__) from error

    async def _settle(self, call: Call, requests: int) -> None:
        # a client that leaves cancels its request again and again, the count must happen all the same
        settling = asyncio.create_task(self._write_down(call, requests))
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)
        await asyncio.shield(settling)

    async def _write_down(self, call: Call, requests: int) -> None:
        keys = [report_key(call.day), *(key for place in call.places for key in (place.used, place.held))]
        arguments: list[str | int] = [
            call.hold,
            report_field(call.asker, call.model),
            self._terms.report_days * _DAY_S,
            requests,
            call.prompt_tokens,
            call.completion_tokens,
            *(_LIVES_S[place.limit.span] for place in call.places),
        ]
        try:
            await self._charge(keys, arguments)
        except RedisError as error:  # the hold ends by itself
            log.warning("nlp.usage.lost", extra={"error": type(error).__name__})
        if requests:
            price = cost(self._terms.prices, call.model, call.prompt_tokens, call.completion_tokens)
            spent(call.model, requests, call.prompt_tokens, call.completion_tokens, price)
            log.info("nlp.model.used", extra=self._told(call))

    def _told(self, call: Call) -> dict[str, object]:
        prompt, completion = call.prompt_tokens, call.completion_tokens
        return {
            "call_id": call.hold,
            "workspace": call.asker.workspace,
            "model": call.model,
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "is_estimated": not call.is_told,
            "cost": cost(self._terms.prices, call.model, prompt, completion),
        }


def _place(limit: Limit, asker: Asker, day: date) -> _Place:
    scope = asker.workspace if limit.whose == "workspace" else f"{asker.workspace}:user:{asker.user}"
    period = str(day) if limit.span == "day" else f"{day:%Y-%m}"
    return _Place(limit, used_key(scope, period), held_key(scope, period))
