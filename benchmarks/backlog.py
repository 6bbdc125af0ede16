"""Whether a turn takes longer the more Events wait: inboxes are filled by the gateway's script, and run."""

import asyncio
import base64
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median
from typing import Any

import redis

from benchmarks.rows import Row
from benchmarks.turn_stack import BOTS, Crowd, turn_stack
from contracts.event import MessageSent, Person
from contracts.inbox import CLAIM_TTL_S, DUE, INBOX_CAP, Arrival, script
from contracts.task import QUEUE, RUN_CONVERSATION
from services.gateway.wake import create_celery
from tests.e2e.stack import Stack

ROUNDS = 5
SHORT, MIDDLE, LONG = 10, 1_000, 100_000
MEASURED = 300
"""So many turns are timed, of a short backlog many times over; what is left of a long one is thrown away."""
_BATCH = 500
_READY = "ready"
"""The list of wakes before it becomes the queue, all at once."""
_SWEEP_MS = 59_000
"""No sweep before the wakes: a longer time would look like a clock that has jumped."""
_PATIENCE_S = 120


def rows() -> list[Row]:
    """Turn and turn about: backlogs of each size."""
    with turn_stack(maxmemory="1gb") as stack:
        return asyncio.run(_rows(stack))


async def _rows(stack: Stack) -> list[Row]:
    took: dict[int, list[float]] = {SHORT: [], MIDDLE: [], LONG: []}
    async with Crowd(stack) as crowd:
        await crowd.rate(MEASURED)
        for _ in range(ROUNDS):
            for size, times in took.items():
                times.append(await _took_ms(stack, crowd, size))
    baseline = median(took[SHORT])
    return [
        Row(
            f"a turn while {size:,} Events wait, one worker process",
            median(took[size]),
            "ms",
            baseline,
            f"while {SHORT} wait",
            1.2 * baseline,
        )
        for size in (MIDDLE, LONG)
    ]


async def _took_ms(stack: Stack, crowd: Crowd, size: int) -> float:
    """The time of all measured turns by their number."""
    seconds = 0.0
    for _ in range(max(1, MEASURED // size)):
        chats = list(islice(crowd.chats, size))
        with redis.Redis(port=stack.redis.port) as client:
            await asyncio.to_thread(_fill, client, chats)
            answers = [crowd.expect(chat) for chat in chats[:MEASURED]]
            await asyncio.to_thread(_make_wakes, stack, client, chats)
            began = time.monotonic()
            client.rename(_READY, QUEUE)
            async with asyncio.timeout(_PATIENCE_S):
                seconds += max(await asyncio.gather(*answers)) - began
            if size > MEASURED:
                client.flushdb()
    return 1000 * seconds / (len(answers) * max(1, MEASURED // size))


def _conversation(chat: int) -> str:
    return f"telegram:b{chat % BOTS}:{chat}"


def _batches(chats: Sequence[int]) -> Iterator[Sequence[int]]:
    return (chats[start : start + _BATCH] for start in range(0, len(chats), _BATCH))


def _fill(client: redis.Redis, chats: Sequence[int]) -> None:
    accept = client.register_script(script("accept"))
    for batch in _batches(chats):
        arguments = [part for chat in batch for part in _arrival(chat).arguments()]
        accept([DUE], [INBOX_CAP, CLAIM_TTL_S, _SWEEP_MS, *arguments])


def _arrival(chat: int) -> Arrival:
    event = MessageSent(
        event_id=f"bench:{uuid.uuid4().hex}",
        conversation_id=_conversation(chat),
        at=int(time.time() * 1000),
        user=Person(id=str(chat)),
        text="hello",
    )
    return Arrival(event=event, claims=(event.event_id,))


def _make_wakes(stack: Stack, client: redis.Redis, chats: Sequence[int]) -> None:
    """A wake for each, as Celery writes it (it would take minutes to write them all itself), oldest last."""
    celery = create_celery(stack.redis.url)
    celery.send_task(RUN_CONVERSATION, ["any"], queue="pattern", ignore_result=True)
    celery.close()
    pattern: Any = json.loads(client.rpop("pattern"))  # type: ignore[arg-type]
    _, options, more = json.loads(base64.b64decode(pattern["body"]))
    for batch in _batches(chats):
        client.lpush(_READY, *(_wake(pattern, [[_conversation(chat)], options, more]) for chat in batch))


def _wake(pattern: dict[str, Any], task: list[Any]) -> str:
    tag = str(uuid.uuid4())
    body = base64.b64encode(json.dumps(task).encode()).decode()
    properties = {**pattern["properties"], "correlation_id": tag, "delivery_tag": tag}
    return json.dumps(
        {**pattern, "body": body, "headers": {**pattern["headers"], "id": tag}, "properties": properties}
    )
