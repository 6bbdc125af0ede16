"""Ratings: one verdict for each person and message, the newest one."""

from datetime import UTC, datetime

from redis.asyncio import Redis

from contracts.control import FeedbackGiven
from contracts.event import Person
from services.worker.ratings import Ratings

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
DAY = "usage:ratings:2026-11-21"


def feedback(helpful: bool, user: str = "U1", message_id: str = "1.2") -> FeedbackGiven:
    return FeedbackGiven(
        event_id="slack:T1:9",
        conversation_id="slack:T1:D1",
        at=1,
        user=Person(id=user),
        message_id=message_id,
        helpful=helpful,
    )


async def test_each_persons_verdict_on_each_message_counts_once(redis_client: Redis) -> None:
    ratings = Ratings(redis_client, 90, lambda: NOON)
    for given in (feedback(True), feedback(True), feedback(True, "U2"), feedback(False, "U1", "1.3")):
        await ratings.count(given)
    assert await redis_client.hgetall(DAY) == {"helpful slack:T1": "2", "unhelpful slack:T1": "1"}


async def test_another_verdict_replaces_the_first_on_its_day(redis_client: Redis) -> None:
    await Ratings(redis_client, 90, lambda: NOON).count(feedback(True))
    await Ratings(redis_client, 90, lambda: NOON + 24 * 3600).count(feedback(False))
    assert await redis_client.hgetall(DAY) == {"helpful slack:T1": "0", "unhelpful slack:T1": "1"}
    assert not await redis_client.exists("usage:ratings:2026-11-22")


async def test_every_key_ends_and_none_names_the_message(redis_client: Redis) -> None:
    await Ratings(redis_client, 90, lambda: NOON).count(feedback(True))
    keys = await redis_client.keys("*")
    assert len(keys) == 2
    assert all([await redis_client.ttl(key) > 0 for key in keys])
    assert not [key for key in keys if "1.2" in key or "U1" in key]
