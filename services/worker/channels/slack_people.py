"""Which language people on Slack read: its Events do not say, so each person is asked about once a day."""

import asyncio
import logging

from redis.asyncio import Redis
from redis.exceptions import RedisError
from slack_sdk.errors import SlackApiError

from contracts.conversation import Conversation
from contracts.event import Fact
from services.worker.channels.slack_calls import SlackCalls
from services.worker.channels.slack_errors import PASSING, code
from services.worker.channels.slack_rates import PEOPLE
from services.worker.errors import ChannelFailed

log = logging.getLogger(__name__)

WAIT_S = 2
"""A turn waits no longer for a language."""
KEPT_S = 24 * 3600
MISSED_S = 3600
"""Where Slack did not answer in time, it is asked again sooner."""


class SlackPeople:
    """Locales in Redis, each for a day; "" where Slack does not tell."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def locale(self, calls: SlackCalls, fact: Fact) -> str | None:
        """As Slack has it ("zh-TW"); None where it cannot be had now. Never raises."""
        if fact.user.locale:
            return fact.user.locale
        key = f"locale:slack:{Conversation.parse(fact.conversation_id).account}:{fact.user.id}"
        try:
            known = await self._redis.get(key)
            if known is None:
                known, life_s = await self._asked(calls, fact.user.id)
                await self._redis.set(key, known, ex=life_s)
        except RedisError as error:
            log.warning("worker.slack_locale.missed", extra={"error": type(error).__name__})
            return None
        return str(known) or None

    async def _asked(self, calls: SlackCalls, user: str) -> tuple[str, int]:
        """The locale, and for how many seconds it is to be kept."""

        async def act() -> str:
            answer = await calls.client.users_info(user=user, include_locale=True)
            return str((answer.get("user") or {}).get("locale") or "")

        try:
            async with asyncio.timeout(WAIT_S):
                found = await calls.now(PEOPLE, act)
        except SlackApiError as error:
            log.info("worker.slack_locale.refused", extra={"code": code(error)})
            return "", MISSED_S if code(error) in PASSING else KEPT_S
        except (ChannelFailed, TimeoutError) as error:
            log.warning("worker.slack_locale.missed", extra={"error": type(error).__name__})
            return "", MISSED_S
        return (found, KEPT_S) if found is not None else ("", MISSED_S)
