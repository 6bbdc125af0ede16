"""A rating that comes as a control Event is counted, and is no turn."""

import asyncio
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from contracts.control import FeedbackGiven
from contracts.event import Person
from contracts.inbox import Arrival, control_key
from contracts.turn import AnswerDeleted
from contracts.usage import ratings_key
from services.worker.channels.base import Outcome
from services.worker.controls import Controls
from services.worker.conversation import Conversations
from services.worker.inbox import Inbox, Lease
from services.worker.ratings import Ratings
from services.worker.settings import WorkerSettings
from tests.acceptance import accept

CONVERSATION = "slack:T1:D1"


async def no_turn(lease: Lease, stop: asyncio.Event) -> Outcome:
    raise AssertionError("a rating is no turn")


async def forget(deleted: AnswerDeleted) -> None:
    raise AssertionError("nothing is deleted")


async def no_apology(lease: Lease, code: str) -> None:
    raise AssertionError("nothing to apologize for")


@pytest.mark.parametrize("helpful", [True, False])
async def test_a_rating_is_counted_once_and_gone_from_the_conversation(
    redis_client: Redis, helpful: bool
) -> None:
    given = FeedbackGiven(
        event_id="slack:T1:Ev1",
        conversation_id=CONVERSATION,
        at=1,
        user=Person(id="U1"),
        message_id="1.2",
        helpful=helpful,
    )
    await accept(redis_client, Arrival(event=given, claims=("slack:T1:Ev1",)))
    ratings = Ratings(redis_client, 90)
    inbox = Inbox(redis_client, 15)
    obey = Controls(redis_client, {}, ratings, forget).obey
    here = Conversations(inbox, no_turn, no_apology, obey, WorkerSettings())
    await here.run(CONVERSATION)
    await here.run(CONVERSATION)
    verdict = "helpful" if helpful else "unhelpful"
    today = datetime.now(UTC).date()
    assert await redis_client.hgetall(ratings_key(today)) == {f"{verdict} slack:T1": "1"}
    assert not await redis_client.exists(control_key(CONVERSATION))


async def test_a_verdict_is_not_remembered_longer_than_the_day_that_counts_it(redis_client: Redis) -> None:
    given = FeedbackGiven(
        event_id="f1",
        conversation_id=CONVERSATION,
        at=1,
        user=Person(id="U1"),
        message_id="1.2",
        helpful=True,
    )
    await Ratings(redis_client, 1).count(given)
    keys = [key async for key in redis_client.scan_iter()]
    assert len(keys) == 2
    assert max([await redis_client.ttl(key) for key in keys]) <= 24 * 3600
