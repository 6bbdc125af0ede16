"""A flood into one conversation: the inbox takes its fill, says so once, and drops the rest."""

import asyncio
from collections import Counter

from redis.asyncio import Redis

from contracts.event import EVENT
from contracts.inbox import INBOX_CAP, Accepted, inbox_key
from services.gateway.inbox import Inbox
from tests.builders import arrival, message

C1 = "web:c1"


async def test_messages_that_come_together_overflow_once(redis_client: Redis) -> None:
    inbox = Inbox(redis_client, 3)
    flood = [arrival(message(event_id=str(number))) for number in range(INBOX_CAP + 10)]
    answers = Counter(await asyncio.gather(*map(inbox.accept, flood)))
    assert answers == {
        Accepted.IDLE: 1,
        Accepted.QUEUED: INBOX_CAP - 1,
        Accepted.OVERFLOWED: 1,
        Accepted.DROPPED: 9,
    }
    last = EVENT.validate_json(await redis_client.lindex(inbox_key(C1), -1))
    assert last.kind == "conversation_overflowed"
    assert await redis_client.llen(inbox_key(C1)) == INBOX_CAP + 1
