"""What the gateway's metrics say of the work that waits in Redis."""

import math
import time

from prometheus_client import REGISTRY
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from contracts.inbox import DEAD, DUE
from contracts.task import QUEUE
from services.gateway.backlog import AGAIN_S, MOST, Backlog
from services.worker.inbox import Inbox
from tests.acceptance import accept
from tests.builders import arrival, message
from tests.redis_process import free_port

NAMES = ("conversations_due", "inbox_events", "inbox_oldest_seconds", "dead_letters", "wakes_queued")


async def looked(redis: Redis) -> list[float | None]:
    await Backlog(redis).look()
    return [REGISTRY.get_sample_value(f"switchboard_{name}") for name in NAMES]


async def test_nothing_waits_in_an_empty_redis(redis_client: Redis) -> None:
    assert await looked(redis_client) == [0] * len(NAMES)


async def test_what_is_being_answered_does_not_wait(redis_client: Redis) -> None:
    now = int(time.time() * 1000)
    lie = 'they wrote "at":1, and this is no time'
    for n, age_s in enumerate((500, 90, 40)):
        await accept(redis_client, arrival(message(lie, at=now - 1000 * age_s, event_id=f"e{n}")))
    await accept(redis_client, arrival(message(conversation_id="web:c2", at=now - 10_000)))
    await Inbox(redis_client, 15).lease("web:c1", "a")
    await redis_client.xadd(DEAD, {"event": "{}", "error": "x"})
    await redis_client.rpush(QUEUE, "wake", "wake")
    due, waiting, oldest_s, *others = await looked(redis_client)
    assert (due, waiting, others) == (2, 3, [1, 2])
    assert oldest_s is not None
    assert 90 <= oldest_s < 400


async def test_a_look_goes_through_so_many_conversations_at_most(redis_client: Redis) -> None:
    old = int(time.time() * 1000) - 60_000
    many = MOST + 50
    await accept(redis_client, *(arrival(message(conversation_id=f"web:c{n}", at=old)) for n in range(many)))
    assert (await looked(redis_client))[:2] == [many, MOST]
    assert await redis_client.zcard(DUE) == many


async def test_who_asks_again_at_once_costs_redis_nothing(redis_client: Redis) -> None:
    now = [1000.0]
    backlog = Backlog(redis_client, lambda: now[0])
    await backlog.look()
    await redis_client.rpush(QUEUE, "wake")
    for _ in range(5):
        await backlog.look()
    assert REGISTRY.get_sample_value("switchboard_wakes_queued") == 0
    now[0] += AGAIN_S
    await backlog.look()
    assert REGISTRY.get_sample_value("switchboard_wakes_queued") == 1


async def test_without_redis_nothing_is_known_and_the_metrics_say_so() -> None:
    away = Redis(port=free_port(), retry=Retry(NoBackoff(), 0))
    assert all(value is not None and math.isnan(value) for value in await looked(away))
    assert REGISTRY.get_sample_value("switchboard_redis_up") == 0
    await away.aclose()
