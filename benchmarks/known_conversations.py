"""What conversations that rest cost: bytes in Redis, and whether turns take longer beside very many."""

import asyncio
import itertools
from collections.abc import Set
from contextlib import ExitStack
from statistics import median
from typing import Any

import redis

from benchmarks.rows import Row
from benchmarks.turn_stack import Crowd, turn_stack

KNOWN, ACTIVE = 100_000, 1_000
ROUNDS = 5
TURNS = 300
_FIRST, _COPIES = 5_000_000, 6_000_000
"""Numbers of the active chats, and of copies."""
_LATER = 5
"""Turns of one conversation, to see what each adds."""
_LASTING = ("tracker:", "memory:", "turn:", "message:", "seen:")
"""What is a conversation's own; `tracker:` holds the transcript."""
_BATCH = 10_000
_COPY = """
for number = ARGV[1], ARGV[2] do
  for _, key in ipairs(KEYS) do
    local name = string.format('%d', number)
    redis.call('COPY', key, string.sub(key, 1, -#name - 1) .. name)
  end
end
"""
"""Makes conversations after the pattern of one; the names of their keys are as long as its."""


def rows() -> list[Row]:
    """Two stacks with the same active conversations, turn and turn about; one of them knows many more."""
    with ExitStack() as both:
        empty = both.enter_context(turn_stack())
        full = both.enter_context(turn_stack(maxmemory="1gb"))
        return asyncio.run(_rows(Crowd(empty), Crowd(full)))


async def _rows(empty: Crowd, full: Crowd) -> list[Row]:
    rates: dict[str, list[float]] = {"empty": [], "full": []}
    async with empty, full:
        found = await _size_rows(full)
        for crowd in (empty, full):
            crowd.chats = itertools.cycle(range(_FIRST, _FIRST + ACTIVE))
            await crowd.rate(ACTIVE)
        for _ in range(ROUNDS):
            rates["empty"].append(await empty.rate(TURNS))
            rates["full"].append(await full.rate(TURNS))
    alone, beside = (1000 / median(rates[which]) for which in ("empty", "full"))
    name = f"a turn of {ACTIVE:,} active conversations beside {KNOWN:,} that rest"
    return [*found, Row(name, beside, "ms", alone, "without them", 1.1 * alone)]


async def _size_rows(crowd: Crowd) -> list[Row]:
    """What one conversation leaves behind, measured by very many copies of it."""
    with redis.Redis(port=crowd.stack.redis.port, decode_responses=True) as client:
        first = await _talk(crowd, client)
        for _ in range(_LATER):
            later = await _talk(crowd, client)
        added = sum(later[key] for key in later.keys() - first.keys())
        client.delete(*later.keys() - first.keys())
        transcript = {key for key in first if key.startswith("tracker:")}
        others = await asyncio.to_thread(_grown_by, client, first.keys() - transcript)
        told = await asyncio.to_thread(_grown_by, client, transcript)
    what = "Redis bytes of a conversation that rests"
    return [
        Row(f"{what}, after one turn, without its transcript", others, "bytes", None, "", 2000),
        Row(f"{what}, after {1 + _LATER} turns, with it", others + added + told, "bytes"),
    ]


async def _talk(crowd: Crowd, client: redis.Redis) -> dict[str, int]:
    """One turn more of the pattern; the sizes of its keys."""
    await crowd.talk(_FIRST - 1)
    await asyncio.sleep(1.2)  # Telegram's limit for a chat; and what follows the answer is written by then
    keys = [key for kind in _LASTING for key in client.scan_iter(f"{kind}*", _BATCH)]
    return {key: int(client.memory_usage(key) or 0) for key in keys}  # type: ignore[arg-type]


def _grown_by(client: redis.Redis, keys: Set[str]) -> float:
    """Bytes that each of very many copies of these keys takes, names, indexes and all."""
    copy = client.register_script(_COPY)
    before = _used(client)
    for start in range(_COPIES, _COPIES + KNOWN, _BATCH):
        copy([*keys], [start, start + _BATCH - 1])
    return (_used(client) - before) / KNOWN


def _used(client: redis.Redis) -> int:
    memory: Any = client.info("memory")
    return int(memory["used_memory"])
