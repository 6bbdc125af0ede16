"""How long a model is waited for, and how often it is asked again."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from services.nlp.engines.llm.faults import ERRORS, is_filtered, wait_before_retry_s
from services.nlp.engines.llm.parts import Filtered, Part


@dataclass(frozen=True)
class Patience:
    """The limits of one answer, in seconds."""

    first_s: float
    """To the first sign of life, all attempts together."""
    next_s: float
    """Between two signs of life."""
    whole_s: float
    retries: int = 2
    retry_after_s: float = 10
    """A server that asks us to wait longer is not asked again."""


async def patient(
    ask: Callable[[], AsyncGenerator[Part, None]], patience: Patience
) -> AsyncGenerator[Part, None]:
    """The stream's parts. Before its first one it is asked again after a passing trouble, afterwards never.

    Raises one of faults.ERRORS.
    """
    clock = asyncio.get_running_loop().time
    first_by, whole_by = clock() + patience.first_s, clock() + patience.whole_s
    attempt, has_said = 0, False
    while True:
        try:
            async with aclosing(_in_time(ask(), first_by, patience.next_s, whole_by)) as parts:
                async for part in parts:
                    has_said = has_said or part != ""
                    yield part
            return
        except ERRORS as error:
            if is_filtered(error):
                yield Filtered()
                return
            wait_s = wait_before_retry_s(error, attempt, patience.retry_after_s)
            if has_said or wait_s is None or attempt == patience.retries or clock() + wait_s > first_by:
                raise
        attempt += 1
        await asyncio.sleep(wait_s)


async def _in_time(
    parts: AsyncGenerator[Part, None], first_by: float, next_s: float, whole_by: float
) -> AsyncGenerator[Part, None]:
    """The parts, each before its deadline. The time that their reader takes counts for the whole only."""
    deadline = min(first_by, whole_by)
    clock = asyncio.get_running_loop().time
    async with aclosing(parts):
        while True:
            async with asyncio.timeout_at(deadline):
                part = await anext(parts, None)
            if part is None:
                return
            yield part
            deadline = min(clock() + next_s, whole_by)
