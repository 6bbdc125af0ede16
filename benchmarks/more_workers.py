"""What a second worker process adds where the cores are busy already, and where turns wait for a platform."""

import asyncio
from statistics import median

import psutil

from benchmarks.rows import Row
from benchmarks.turn_stack import Crowd, turn_stack
from tests.e2e.stack import Stack
from tests.waiting import until

ROUNDS = 5
TURNS, SLOW_TURNS = 400, 80
PLATFORM_S = 0.3
"""What a call of a platform takes far away."""
FEW_SLOTS = 8
_WARM = 100
_ONE = "one worker process"


def rows() -> list[Row]:
    """Each of two workloads with one worker and with two."""
    with turn_stack(workers=2) as stack:
        one, two = asyncio.run(_one_and_two(stack, TURNS))
    with turn_stack(workers=2, slots=FEW_SLOTS, platform_s=PLATFORM_S) as stack:
        few, twice = asyncio.run(_one_and_two(stack, SLOW_TURNS))
    busy = f"whole turns, two worker processes (all rooms and the crowd share {psutil.cpu_count()} cores)"
    slow = f"whole turns, two workers of {FEW_SLOTS} slots, a call of the platform takes {PLATFORM_S} s"
    return [
        Row(busy, two, "/s", one, _ONE),
        Row(slow, twice, "/s", few, _ONE, round(1.8 * few), True),
    ]


async def _one_and_two(stack: Stack, turns: int) -> tuple[float, float]:
    """Turns a second, turn and turn about: the second worker comes and goes."""
    second, one, two = stack["worker2"], [], []
    await asyncio.to_thread(_end, stack)
    async with Crowd(stack) as crowd:
        await crowd.rate(_WARM)
        for _ in range(ROUNDS):
            one.append(await crowd.rate(turns))
            second.start()
            await asyncio.to_thread(until, second.is_ready, "the second worker is ready")
            await crowd.rate(_WARM)
            two.append(await crowd.rate(turns))
            await asyncio.to_thread(_end, stack)
    return median(one), median(two)


def _end(stack: Stack) -> None:
    stack["worker2"].terminate()
    stack["worker2"].wait()
