"""Telegram: which sink a turn gets, photos, and what is deleted."""

from collections.abc import Mapping
from typing import Literal
from weakref import WeakValueDictionary

from redis.asyncio import Redis
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError

from contracts.control import ChatOpened, DeleteRequested
from contracts.conversation import Conversation
from contracts.event import Event, Fact, PhotoRef
from contracts.turn import Capabilities
from services.worker.channels.base import Delivery, Said, Sink
from services.worker.channels.limits import DELETION_WAIT_S, PHOTO_BYTES
from services.worker.channels.messages import MessageSink
from services.worker.channels.telegram_drafts import Draft, DraftSink, draft_id
from services.worker.channels.telegram_errors import failure
from services.worker.channels.telegram_messages import TelegramMessages, delete_message
from services.worker.channels.telegram_pace import USUAL_PACE, Floods, TelegramChat, TelegramPace
from services.worker.channels.telegram_parts import TelegramPart
from services.worker.channels.telegram_payloads import Payloads
from services.worker.channels.telegram_request import AiohttpRequest
from services.worker.errors import PhotoGone, PhotoTooLarge
from services.worker.pacer import Pacer

Streaming = Literal["draft", "edit", "off"]
"""How a reply in the making is shown in a private chat; groups have no drafts and show edits instead."""
GENERAL_TOPIC = "1"
"""A forum's general topic; naming it is refused, leaving it out leads there."""


def create_bot(token: str, api_url: str) -> Bot:
    """A client of one bot; it opens no connection yet."""
    request = AiohttpRequest()
    base = api_url.rstrip("/")
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=request,
        get_updates_request=request,
    )


class WholeSink(MessageSink[TelegramPart]):
    """Shows replies when they are whole."""

    async def append(self, index: int, text: str) -> None:
        """The typing sign has to do."""


class TelegramChannel:
    """All bots of ours on Telegram, by account name."""

    capabilities = Capabilities()
    sends_comparisons = True

    def __init__(
        self,
        bots: Mapping[str, Bot],
        pacer: Pacer,
        redis: Redis,
        streaming: Streaming = "draft",
        pace: TelegramPace = USUAL_PACE,
    ) -> None:
        self._bots = bots
        self._pacer = pacer
        self._payloads = Payloads(redis)
        self._streaming = streaming
        self._pace = pace
        self._floods = {name: Floods() for name in bots}
        self._without_drafts: set[str] = set()
        """Accounts whose Bot API server is too old for drafts."""
        self._drafting: WeakValueDictionary[str, DraftSink] = WeakValueDictionary()
        """By conversation: the sink of its newest turn."""

    def sink(self, event: Event, delivery: Delivery) -> Sink:
        if earlier := self._drafting.pop(event.conversation_id, None):
            earlier.leave()
        conversation = Conversation.parse(event.conversation_id)
        name, chat = conversation.account, self._chat(conversation)
        topic = None if conversation.thread in (None, GENERAL_TOPIC) else int(conversation.thread or 0)
        sending = TelegramMessages(chat, topic, event, self._payloads)
        if self._streaming == "off":
            return WholeSink(sending, delivery)
        messages = MessageSink(sending, delivery)
        if self._streaming == "edit" or chat.id < 0 or name not in self._bots or name in self._without_drafts:
            return messages

        def new_draft(index: int) -> Draft:
            return Draft(chat, topic, draft_id(event.event_id, index))

        sink = DraftSink(new_draft, messages, delivery, lambda: self._without_drafts.add(name))
        self._drafting[event.conversation_id] = sink
        return sink

    async def fetch(self, event: Event, photo: PhotoRef) -> bytes:
        chat = self._chat(Conversation.parse(event.conversation_id))
        try:
            file = await chat.question(lambda: chat.bot.get_file(photo.id))
            if (file.file_size or 0) > PHOTO_BYTES:
                raise PhotoTooLarge("the photo is over 10 MB")
            content = bytes(await file.download_as_bytearray())
        except BadRequest as error:
            if "too big" in error.message.lower():
                raise PhotoTooLarge("the photo is over 20 MB") from None
            raise PhotoGone("Telegram does not have the photo") from None
        except InvalidToken:  # how the library reads a 404; from None: its address holds the token
            raise PhotoGone("Telegram does not have the photo") from None
        except TelegramError as error:
            raise failure(error) from None
        if len(content) > PHOTO_BYTES:
            raise PhotoTooLarge("the photo is over 10 MB")
        return content

    async def delete(self, request: DeleteRequested) -> None:
        chat = self._chat(Conversation.parse(request.conversation_id))
        await delete_message(chat, int(request.message_id), max_wait_s=DELETION_WAIT_S)

    async def replies(self, event: Event, limit: int) -> tuple[Said, ...]:
        """A bot cannot read what was said before."""
        return ()

    async def welcome(self, opened: ChatOpened) -> None:
        """Telegram shows the bot's description."""

    async def locale(self, fact: Fact) -> str | None:
        """As the Event says it."""
        return fact.user.locale

    async def aclose(self) -> None:
        for sink in self._drafting.values():
            sink.leave()
        for bot in self._bots.values():
            await bot.request.shutdown()

    def _chat(self, conversation: Conversation) -> TelegramChat:
        name, chat = conversation.account, int(conversation.chat)
        floods = self._floods.get(name) or Floods()
        return TelegramChat(self._bots.get(name), self._pacer, chat, floods, self._pace)
