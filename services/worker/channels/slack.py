"""Slack: replies as messages of Markdown blocks that are streamed or updated while they grow."""

from collections.abc import Sequence

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from contracts.control import ChatOpened, DeleteRequested
from contracts.conversation import Conversation
from contracts.event import Event, Fact, PhotoRef
from contracts.turn import Capabilities
from services.worker.channels.base import Delivery, Said
from services.worker.channels.limits import DELETION_WAIT_S
from services.worker.channels.slack_calls import SlackCalls, delete_message
from services.worker.channels.slack_clients import SlackClients
from services.worker.channels.slack_messages import SlackMessages
from services.worker.channels.slack_orphans import SlackOrphans
from services.worker.channels.slack_people import SlackPeople
from services.worker.channels.slack_photo import fetch_photo
from services.worker.channels.slack_rates import SlackRates
from services.worker.channels.slack_sink import SlackSink
from services.worker.channels.slack_streams import SlackStreams, Streaming, StreamRights
from services.worker.channels.slack_thread import thread_before
from services.worker.channels.slack_welcome import suggest_prompts
from services.worker.pacer import Pacer

ANSWER_S = 30


def create_client(token: str, api_url: str) -> AsyncWebClient:
    """A client of one workspace, to be made on the event loop that uses it.

    It never repeats a call by itself: a post that was cut off may be visible.
    """
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S))
    return AsyncWebClient(token, base_url=api_url, session=session, retry_handlers=[])


class SlackChannel:
    """All workspaces of ours on Slack."""

    capabilities = Capabilities()
    sends_comparisons = True

    def __init__(
        self,
        clients: SlackClients,
        pacer: Pacer,
        streaming: Streaming = "native",
        prompts: Sequence[str] = (),
        rates: SlackRates | None = None,
        people: SlackPeople | None = None,
    ) -> None:
        """people: who knows their languages; without it they are as the Events say."""
        self._clients = clients
        self._pacer = pacer
        self._streaming = streaming
        self._rights = StreamRights(streaming)
        self._prompts = prompts
        self._rates = rates or SlackRates()
        self._people = people
        self._bots: dict[str, str] = {}

    def sink(self, event: Event, delivery: Delivery) -> SlackSink:
        calls = self._calls(event.conversation_id)
        streams = SlackStreams(calls, self._rights, event)
        orphans = SlackOrphans(calls, event)
        messages = SlackMessages(calls, event, streams, orphans)
        return SlackSink(messages, delivery, grows=self._streaming != "off")

    async def fetch(self, event: Event, photo: PhotoRef) -> bytes:
        return await fetch_photo(self._calls(event.conversation_id), photo.id)

    async def delete(self, request: DeleteRequested) -> None:
        chat = Conversation.parse(request.conversation_id).chat
        calls = self._calls(request.conversation_id)
        await delete_message(calls, chat, request.message_id, max_wait_s=DELETION_WAIT_S)

    async def replies(self, event: Event, limit: int) -> Sequence[Said]:
        return await thread_before(self._calls(event.conversation_id), event, limit)

    async def welcome(self, opened: ChatOpened) -> None:
        locale = await self.locale(opened)
        await suggest_prompts(self._calls(opened.conversation_id), opened, locale, self._prompts)

    async def locale(self, fact: Fact) -> str | None:
        if self._people is None:
            return fact.user.locale
        return await self._people.locale(self._calls(fact.conversation_id), fact)

    async def aclose(self) -> None:
        await self._clients.aclose()

    def _calls(self, conversation_id: str) -> SlackCalls:
        client = self._clients.find(Conversation.parse(conversation_id).account)
        return SlackCalls(client, self._pacer, self._rates, self._bots)
