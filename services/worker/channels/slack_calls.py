"""Calls of Slack's API in their place of the rate limit."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from services.worker import fence
from services.worker.channels.limits import LONGEST_WAIT_S, limit_key
from services.worker.channels.slack_errors import CONFLICT, GONE, code, failure, retry_after_s, unavailable
from services.worker.channels.slack_rates import DELETE, STOP, STREAM_PLACES, SlackRates
from services.worker.errors import ChannelFailed, RateLimited
from services.worker.pacer import Limit, Pacer

log = logging.getLogger(__name__)

T = TypeVar("T")


class SlackCalls:
    """One workspace's client with the rate limits of its token."""

    def __init__(
        self, client: AsyncWebClient | None, pacer: Pacer, rates: SlackRates, bots: dict[str, str]
    ) -> None:
        self._client = client
        self._pacer = pacer
        self.rates = rates
        self._bots = bots
        """Our own bot_id by the token's hash, once it was asked for."""

    @property
    def client(self) -> AsyncWebClient:
        """Raises ChannelFailed where we have no token for the workspace."""
        if self._client is None:
            raise ChannelFailed("no token for this workspace", code="account_unknown", retryable=True)
        return self._client

    async def now(self, scope: str, act: Callable[[], Awaitable[T]], place: str = "") -> T | None:
        """Act at once, or not at all: None. Passes Slack's refusals on, but for 429."""
        limit = self._limit(scope, place)
        if not await self._pacer.take(limit, max_wait_s=0):
            return None
        return await self._acted(limit, act)

    async def shared(self, scope: str, act: Callable[[], Awaitable[T]], stream: str) -> T | None:
        """Act at once if it is this stream's turn among those of the workspace; else None."""
        limit = self._limit(scope, streaming=True)
        if not await self._pacer.share(limit, stream):
            return None
        return await self._acted(limit, act)

    async def patient(
        self, scope: str, act: Callable[[], Awaitable[T]], place: str = "", max_wait_s: float = LONGEST_WAIT_S
    ) -> T:
        """Act when there is a place; raises ChannelFailed where there is none in so many seconds."""
        limit = self._limit(scope, place)
        while await self._pacer.take(limit, max_wait_s=max_wait_s):
            result = await self._acted(limit, act)
            if result is not None:
                return result
        raise RateLimited(await self._pacer.opens_in_s(limit))

    async def bot_id(self) -> str:
        """What Slack calls us in our own messages; passes Slack's refusals on."""
        key = limit_key(self.client.token or "", "bot")
        if key not in self._bots:
            try:
                answer = await self.client.auth_test()
            except (aiohttp.ClientError, TimeoutError) as error:
                raise unavailable(error) from None
            self._bots[key] = str(answer.get("bot_id") or "")
        return self._bots[key]

    async def leave(self, scope: str, stream: str) -> None:
        """The stream is at its end: the others may have its turns."""
        await self._pacer.leave(self._limit(scope, streaming=True), stream)

    async def begin_stream(self, stream: str) -> bool:
        """Whether a stream may be started: then the call that stops it has its place, too."""
        key = limit_key(self.client.token or "", "open")
        return await self._pacer.hold(key, STREAM_PLACES, stream, self.rates.stream_life_s)

    async def end_stream(self, stream: str) -> None:
        """The stream was stopped; a minute later another may have its place."""
        key = limit_key(self.client.token or "", "open")
        await self._pacer.hold(key, STREAM_PLACES, stream, self.rates.minute_s)

    async def _acted(self, limit: Limit, act: Callable[[], Awaitable[T]]) -> T | None:
        """The call's result; None when Slack said 429, which is remembered."""
        fence.check()
        try:
            return await act()
        except SlackApiError as error:
            wait_s = retry_after_s(error)
            if wait_s is None:
                raise
            log.warning("worker.slack_rate.exceeded", extra={"retry_after_s": wait_s})
            await self._pacer.penalize(limit, wait_s)
            return None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise unavailable(error) from None

    def _limit(self, scope: str, place: str = "", *, streaming: bool = False) -> Limit:
        name = f"{scope}:{place}" if place else scope
        return self.rates.limit(scope, key=limit_key(self.client.token or "", name), streaming=streaming)


async def delete_message(
    calls: SlackCalls, channel: str, message_id: str, max_wait_s: float = LONGEST_WAIT_S
) -> None:
    """Delete a message, an open stream, too; one that is gone already is fine. Raises ChannelFailed."""

    async def delete() -> bool:
        await calls.client.chat_delete(channel=channel, ts=message_id)
        return True

    async def stop() -> bool:
        await calls.client.chat_stopStream(channel=channel, ts=message_id)
        return True

    try:
        try:
            await calls.patient(DELETE, delete, max_wait_s=max_wait_s)
        except SlackApiError as error:
            if code(error) != CONFLICT:
                raise
            await calls.patient(STOP, stop, max_wait_s=max_wait_s)
            await calls.patient(DELETE, delete, max_wait_s=max_wait_s)
    except SlackApiError as error:
        if code(error) not in GONE:
            raise failure(error) from None
