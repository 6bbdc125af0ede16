"""Slack: replies as messages of Markdown blocks that are updated while they grow."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from contracts.control import ChatOpened, DeleteRequested
from contracts.conversation import Conversation
from contracts.event import Event, PhotoRef
from contracts.reply import Reply
from contracts.turn import Capabilities
from services.worker.channels.base import Delivery, Said
from services.worker.channels.limits import LONGEST_WAIT_S, limit_key
from services.worker.channels.messages import MessageSink, Spot
from services.worker.channels.slack_clients import SlackClients
from services.worker.channels.slack_errors import (
    DELETED,
    FORM,
    GONE,
    code,
    failure,
    retry_after_s,
    translated,
    unavailable,
)
from services.worker.channels.slack_parts import ROOM, Form, SlackPart, slack_parts
from services.worker.channels.slack_photo import fetch_photo
from services.worker.channels.slack_upload import UPLOAD_S, upload_picture
from services.worker.errors import ChannelFailed, MessageVanished
from services.worker.pacer import Limit, Pacer

log = logging.getLogger(__name__)

T = TypeVar("T")

POST_MS = 1000
"""chat.postMessage: about one a second in a channel (docs.slack.dev, rate limits)."""
TIER_3_MS, TIER_3_BURST = 1200, 5
"""chat.update, chat.delete, conversations.*: 50 a minute for each method and workspace (same page)."""
TIER_4_MS, TIER_4_BURST = 600, 5
"""files.*: 100 a minute for each method and workspace (same page)."""
STREAM_BURST = 2
"""What streaming leaves of a burst is for final texts."""
METADATA = "switchboard_reply"
CLOCK_SKEW_S = 60
STATUS = "is thinking…"
ANSWER_S = 30
UNREADABLE = {"missing_scope", "not_in_channel", "channel_not_found", "method_not_supported_for_channel_type"}


def create_client(token: str, api_url: str) -> AsyncWebClient:
    """A client of one workspace, to be made on the event loop that uses it.

    It never repeats a call by itself: a post that was cut off may be visible.
    """
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S))
    return AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=[])


class SlackMessages:
    """The messages of one turn in one channel, thread or direct message."""

    room = ROOM

    def __init__(self, client: AsyncWebClient | None, pacer: Pacer, event: Event) -> None:
        conversation = Conversation.parse(event.conversation_id)
        self._maybe_client = client
        self._pacer = pacer
        self._event = event
        self._channel = conversation.chat
        self._thread = conversation.thread
        self._files: dict[bytes, str | None] = {}
        """Pictures that were uploaded, by what they show."""

    @property
    def _client(self) -> AsyncWebClient:
        if self._maybe_client is None:
            raise ChannelFailed("no token for this workspace", code="account_unknown", retryable=True)
        return self._maybe_client

    def parts(self, reply: Reply, room: int, picture: bytes | None) -> tuple[SlackPart, ...]:
        return slack_parts(reply, room, picture)

    async def greet(self) -> None:
        """Slack shows a status in threads only."""
        if self._thread is None:
            return
        limit = Limit(self._key("assistant.threads.setStatus"), TIER_3_MS, TIER_3_BURST)
        if await self._pacer.take(limit, max_wait_s=0):
            with translated():
                await self._client.assistant_threads_setStatus(
                    channel_id=self._channel, thread_ts=self._thread, status=STATUS
                )

    async def orphan(self, spot: Spot) -> str | None:
        limit = Limit(self._key("conversations"), TIER_3_MS, TIER_3_BURST)
        try:
            return await self._paced(limit, lambda: self._find(spot), patient=True)
        except SlackApiError as error:
            if code(error) not in UNREADABLE:
                raise failure(error) from None
            log.warning("worker.slack_history.refused", extra={"code": code(error)})
            return None

    async def post(self, spot: Spot, part: SlackPart, *, patient: bool) -> str | None:
        limit = Limit(self._key(f"chat.postMessage:{self._channel}"), POST_MS)

        async def act(form: Form) -> str:
            answer = await self._client.chat_postMessage(
                channel=self._channel, thread_ts=self._thread, metadata=self._metadata(spot), **form
            )
            return str(answer["ts"])

        return await self._plainer(limit, part, act, patient)

    async def edit(self, spot: Spot, message_id: str, part: SlackPart, *, patient: bool) -> bool:
        limit = Limit(self._key("chat.update"), TIER_3_MS, TIER_3_BURST if patient else STREAM_BURST)

        async def act(form: Form) -> bool:
            try:
                await self._client.chat_update(
                    channel=self._channel, ts=message_id, metadata=self._metadata(spot), **form
                )
            except SlackApiError as error:
                if code(error) not in GONE:
                    raise
                log.info("worker.slack_message.vanished", extra={"code": code(error)})
                if code(error) == DELETED:
                    raise MessageVanished from None
            return True

        return bool(await self._plainer(limit, part, act, patient))

    async def remove(self, message_id: str) -> None:
        limit = Limit(self._key("chat.delete"), TIER_3_MS, TIER_3_BURST)

        async def act() -> None:
            await delete_message(self._client, self._channel, message_id)

        with translated():
            await self._paced(limit, act, patient=True)

    async def _plainer(
        self, limit: Limit, part: SlackPart, act: Callable[[Form], Awaitable[T]], patient: bool
    ) -> T | None:
        """Act with the part, or with the first plainer form of it that Slack takes."""
        *richer, plainest = part.forms(await self._uploaded(part.picture))
        for form in richer:
            try:
                return await self._paced(limit, lambda form=form: act(form), patient)  # type: ignore[misc]
            except SlackApiError as error:
                if code(error) not in FORM:
                    raise failure(error) from None
                log.warning("worker.slack_form.refused", extra={"code": code(error)})
        with translated():
            return await self._paced(limit, lambda: act(plainest), patient)

    async def _uploaded(self, picture: bytes | None) -> str | None:
        """The file that shows the picture; None where there is none, or Slack does not take it now."""
        if picture is None:
            return None
        if picture not in self._files:
            limit = Limit(self._key("files"), TIER_4_MS, TIER_4_BURST)
            if await self._pacer.take(limit, max_wait_s=UPLOAD_S):
                self._files[picture] = await upload_picture(self._client, picture)
        return self._files.get(picture)

    async def _paced(self, limit: Limit, act: Callable[[], Awaitable[T]], patient: bool) -> T | None:
        """Act in our place of the limit; None when there is none soon enough. Passes Slack's refusals on."""
        while await self._pacer.take(limit, max_wait_s=LONGEST_WAIT_S if patient else 0):
            try:
                return await act()
            except SlackApiError as error:
                wait_s = retry_after_s(error)
                if wait_s is None:
                    raise
                log.warning("worker.slack_rate.exceeded", extra={"retry_after_s": wait_s})
                await self._pacer.penalize(limit, wait_s)
            except (aiohttp.ClientError, TimeoutError):
                raise unavailable() from None
        if patient:
            raise ChannelFailed("the rate limit has no place", code="rate_limited", retryable=True)
        return None

    async def _find(self, spot: Spot) -> str | None:
        """Our message with this metadata, among all that came after the Event."""
        oldest = str(max(0, self._event.at // 1000 - CLOCK_SKEW_S))
        if self._thread is None:
            found = await self._client.conversations_history(
                channel=self._channel, oldest=oldest, limit=200, include_all_metadata=True
            )
        else:
            found = await self._client.conversations_replies(
                channel=self._channel, ts=self._thread, oldest=oldest, limit=200, include_all_metadata=True
            )
        async for page in found:
            for message in page["messages"]:
                if message.get("metadata") == self._metadata(spot):
                    return str(message["ts"])
        return None

    def _metadata(self, spot: Spot) -> dict[str, object]:
        places = {"index": str(spot.index), "part": str(spot.place)}
        payload = {"event_id": self._event.event_id, **places}
        return {"event_type": METADATA, "event_payload": payload}

    def _key(self, scope: str) -> str:
        return limit_key(self._client.token or "", scope)


class SlackChannel:
    """All workspaces of ours on Slack."""

    capabilities = Capabilities()
    sends_comparisons = True

    def __init__(self, clients: SlackClients, pacer: Pacer) -> None:
        self._clients = clients
        self._pacer = pacer

    def sink(self, event: Event, delivery: Delivery) -> MessageSink[SlackPart]:
        client = self._find_client(event.conversation_id)
        return MessageSink(SlackMessages(client, self._pacer, event), delivery)

    async def fetch(self, event: Event, photo: PhotoRef) -> bytes:
        return await fetch_photo(self._client(event.conversation_id), photo.id)

    async def delete(self, request: DeleteRequested) -> None:
        chat = Conversation.parse(request.conversation_id).chat
        with translated():
            await delete_message(self._client(request.conversation_id), chat, request.message_id)

    async def replies(self, event: Event, limit: int) -> tuple[Said, ...]:
        """Nothing is read of what was said before the bot came."""
        return ()

    async def welcome(self, opened: ChatOpened) -> None:
        """Slack shows its own welcome."""

    async def aclose(self) -> None:
        await self._clients.aclose()

    def _find_client(self, conversation_id: str) -> AsyncWebClient | None:
        return self._clients.find(Conversation.parse(conversation_id).account)

    def _client(self, conversation_id: str) -> AsyncWebClient:
        client = self._find_client(conversation_id)
        if client is None:
            raise ChannelFailed("no token for this workspace", code="account_unknown", retryable=True)
        return client


async def delete_message(client: AsyncWebClient, channel: str, message_id: str) -> None:
    """Delete a message; one that is gone already is fine."""
    try:
        await client.chat_delete(channel=channel, ts=message_id)
    except SlackApiError as error:
        if code(error) not in GONE:
            raise
