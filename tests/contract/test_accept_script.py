"""accept.lua and said.lua: each delivery once, in order, within limits, and nothing kept for ever."""

import pytest
from redis.asyncio import Redis

from contracts.control import CONTROL
from contracts.event import EVENT
from contracts.inbox import CLAIM_TTL_S, DUE, Accepted, control_key, inbox_key, script, web_key
from contracts.web import ENTRY_FIELD, STREAM_MAXLEN, STREAM_TTL_S
from tests.acceptance import accept
from tests.builders import arrival, message, stop

C1, C2 = "web:c1", "web:c2"


async def inbox(redis: Redis, conversation: str = C1) -> list[str]:
    """The ids of the Events that wait."""
    stored = await redis.lrange(inbox_key(conversation), 0, -1)
    return [EVENT.validate_json(event).event_id for event in stored]


async def test_a_known_delivery_is_dropped(redis_client: Redis) -> None:
    assert await accept(redis_client, arrival(message(event_id="a"), "d1")) == [Accepted.IDLE]
    assert await accept(redis_client, arrival(message(event_id="b"), "d1")) == [Accepted.DUPLICATE]
    assert await inbox(redis_client) == ["a"]


async def test_the_other_names_of_a_known_delivery_become_known(redis_client: Redis) -> None:
    await accept(redis_client, arrival(message(event_id="a"), "d1"))
    await accept(redis_client, arrival(message(event_id="b"), "d2", "d1"))
    again = await accept(redis_client, arrival(message(event_id="c"), "d2"))
    assert again == [Accepted.DUPLICATE]
    assert await inbox(redis_client) == ["a"]


async def test_a_mention_that_comes_as_two_deliveries_of_one_message_is_one(redis_client: Redis) -> None:
    first, second = arrival(message(), "Ev1", "T1:C1:ts"), arrival(message(), "Ev2", "T1:C1:ts")
    assert await accept(redis_client, first, second) == [Accepted.IDLE, Accepted.DUPLICATE]
    assert len(await inbox(redis_client)) == 1


async def test_every_claim_ends_after_its_life(redis_client: Redis) -> None:
    await accept(redis_client, arrival(message(), "d1"), arrival(message(), "d2", "d1"))
    for claim in ("seen:d1", "seen:d2"):
        assert CLAIM_TTL_S - 10 < await redis_client.ttl(claim) <= CLAIM_TTL_S


async def test_a_batch_keeps_its_order_and_its_conversations_apart(redis_client: Redis) -> None:
    places = [C1, C2, C1, C1, C2]
    batch = [arrival(message(conversation_id=place, event_id=str(n))) for n, place in enumerate(places)]
    idle, queued = Accepted.IDLE, Accepted.QUEUED
    assert await accept(redis_client, *batch) == [idle, idle, queued, queued, queued]
    assert await inbox(redis_client, C1) == ["0", "2", "3"]
    assert await inbox(redis_client, C2) == ["1", "4"]


async def test_a_full_inbox_says_so_once_and_then_drops(redis_client: Redis) -> None:
    answers = await accept(redis_client, *(arrival(message(event_id=str(n))) for n in range(4)), cap=2)
    assert answers == [Accepted.IDLE, Accepted.QUEUED, Accepted.OVERFLOWED, Accepted.DROPPED]
    assert await inbox(redis_client) == ["0", "1", "2:overflow"]
    last = EVENT.validate_json(await redis_client.lindex(inbox_key(C1), -1))
    assert (last.kind, last.conversation_id, last.user.id) == ("conversation_overflowed", C1, "p1")


async def test_a_full_inbox_takes_nothing_before_it_has_the_overflow_event(redis_client: Redis) -> None:
    await accept(redis_client, *(arrival(message()) for _ in range(2)), cap=2)
    third = arrival(message(event_id="third"), "d3")
    take, limits = redis_client.register_script(script("accept")), [2, CLAIM_TTL_S, 3000]
    assert await take([DUE], [*limits, *third.arguments()]) == [Accepted.FULL]
    assert not await redis_client.exists("seen:d3")
    await redis_client.lpop(inbox_key(C1))  # room has come meanwhile
    assert await take([DUE], [*limits, *third.arguments(is_full=True)]) == [Accepted.QUEUED]
    assert (await inbox(redis_client))[-1] == "third"


async def test_a_dropped_delivery_stays_known(redis_client: Redis) -> None:
    await accept(redis_client, *(arrival(message(), str(n)) for n in range(4)), cap=2)
    assert await accept(redis_client, arrival(message(), "3")) == [Accepted.DUPLICATE]


async def test_control_events_wait_beside_a_full_inbox(redis_client: Redis) -> None:
    await accept(redis_client, *(arrival(message()) for _ in range(3)), cap=2)
    wish = stop()
    assert await accept(redis_client, arrival(wish), cap=2) == [Accepted.QUEUED]
    (stored,) = await redis_client.lrange(control_key(C1), 0, -1)
    assert CONTROL.validate_json(stored) == wish
    assert await redis_client.llen(inbox_key(C1)) == 3


async def test_a_full_control_list_drops_and_writes_no_overflow(redis_client: Redis) -> None:
    answers = await accept(redis_client, *(arrival(stop()) for _ in range(3)), cap=2)
    assert answers == [Accepted.IDLE, Accepted.QUEUED, Accepted.DROPPED]
    assert await redis_client.llen(control_key(C1)) == 2


async def test_a_conversation_that_is_due_keeps_its_time(redis_client: Redis) -> None:
    await accept(redis_client, arrival(message()), wake_ms=3000)
    due = await redis_client.zscore(DUE, C1)
    await accept(redis_client, arrival(message()), wake_ms=60_000)
    assert await redis_client.zscore(DUE, C1) == due
    seconds, _ = await redis_client.time()
    assert 0 < due - 1000 * seconds <= 4000


@pytest.mark.parametrize("times", [1, 3])
async def test_a_line_is_said_once_for_each_event(redis_client: Redis, times: int) -> None:
    say = redis_client.register_script(script("said"))
    for _ in range(times):
        arguments = [CLAIM_TTL_S, STREAM_TTL_S, STREAM_MAXLEN, ENTRY_FIELD, "a line"]
        await say([web_key(C1), "seen:said:e1"], arguments)
    ((_, fields),) = await redis_client.xrange(web_key(C1))
    assert fields == {ENTRY_FIELD: "a line"}
    assert 0 < await redis_client.ttl("seen:said:e1") <= CLAIM_TTL_S
    assert CLAIM_TTL_S < await redis_client.ttl(web_key(C1)) <= STREAM_TTL_S


async def test_a_stream_forgets_its_oldest_lines(redis_client: Redis) -> None:
    say = redis_client.register_script(script("said"))
    for n in range(5):
        await say([web_key(C1), f"seen:said:{n}"], [CLAIM_TTL_S, STREAM_TTL_S, 3, ENTRY_FIELD, str(n)])
    assert [fields[ENTRY_FIELD] for _, fields in await redis_client.xrange(web_key(C1))] == ["2", "3", "4"]
