"""What the worker has written about turns and messages, as far as a person on Slack may act on them."""

import json
from typing import Literal

from redis.asyncio import Redis

from contracts.inbox import message_key, running_key, turn_key
from foundation.allowing import AllowList
from services.gateway.channels.slack_asked import Asked

Verdict = Literal["theirs", "not_mine", "not_theirs", "over"]
"""May they? theirs: yes; not_mine: no message of ours; over: there is nothing left to stop."""


class SlackTurns:
    """Reads what runs and who asked; each method may raise RedisError.

    For `admins` the worker's rule for deleting holds, which is asked here before the modal.
    """

    def __init__(self, redis: Redis, admins: AllowList) -> None:
        self._redis = redis
        self._admins = admins

    async def newest(self, team: str, channel: str, user: str) -> str | None:
        """The conversation in which that person's newest turn of this channel runs."""
        found = await self._redis.zrevrange(running_key("slack", team, channel, user), 0, 0)
        return str(found[0]) if found else None

    async def is_running(self, team: str, channel: str, user: str, conversation_id: str) -> bool:
        """Whether a turn of that person runs in the conversation."""
        key = running_key("slack", team, channel, user)
        return await self._redis.zscore(key, conversation_id) is not None

    async def answered(self, asked: Asked) -> str | None:
        """The Event whose answer the message is; None where nobody has noted it (yet)."""
        record = await self._redis.get(message_key("slack", asked.place.channel, asked.place.message_id))
        return None if record is None else str(json.loads(record)["event_id"])

    async def judge(self, asked: Asked) -> Verdict:
        """Whether the message may be stopped or deleted by who asks for it."""
        record = await self._redis.get(message_key("slack", asked.place.channel, asked.place.message_id))
        if record is None:
            return "not_mine"
        answered = json.loads(record)
        is_admin = self._admins.names(asked.conversation_id, asked.user)
        if asked.user != answered["user"] and not is_admin:
            return "not_theirs"
        if asked.act == "stop" and await self._redis.hget(turn_key(answered["event_id"]), "state"):
            return "over"
        return "theirs"
