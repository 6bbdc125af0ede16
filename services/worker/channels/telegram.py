"""Telegram: replies as messages that are edited while they grow."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from telegram import Bot, InputMediaPhoto, Message
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from contracts.control import ChatOpened, DeleteRequested
from contracts.conversation import Conversation
from contracts.event import (
    ButtonPressed,
    ContinuationRequested,
    Event,
    PhotoRef,
    RegenerationRequested,
)
from contracts.reply import Reply
from contracts.turn import Capabilities
from services.worker.channels.base import Delivery, Said
from services.worker.channels.limits import LONGEST_WAIT_S, PHOTO_BYTES, PICTURE_NAME, limit_key
from services.worker.channels.messages import MessageSink, Spot
from services.worker.channels.telegram_errors import (
    about_form,
    deleted,
    failure,
    gone,
    retry_after_s,
    unchanged,
)
from services.worker.channels.telegram_parts import TEXT_UNITS, TelegramPart, telegram_parts
from services.worker.errors import ChannelFailed, MessageVanished, PhotoGone, PhotoTooLarge
from services.worker.pacer import Limit, Pacer

log = logging.getLogger(__name__)

T = TypeVar("T")

ALL_MS = 34
"""30 a second for a token (telegram.constants.FloodLimit.MESSAGES_PER_SECOND)."""
CHAT_MS = 1000
"""One a second in a chat (FloodLimit.MESSAGES_PER_SECOND_PER_CHAT)."""
GROUP_MS, GROUP_BURST = 4000, 5
"""At most 20 in any minute of a group (FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP): 5 at once, 15 more."""
STREAM_BURST = 2
"""What streaming leaves of a burst is for final texts."""
GENERAL_TOPIC = "1"
"""A forum's general topic; naming it is refused, leaving it out leads there."""


def create_bot(token: str, api_url: str) -> Bot:
    """A client of one bot; it opens no connection yet."""
    request = HTTPXRequest(connection_pool_size=256, connect_timeout=5, read_timeout=15, pool_timeout=5)
    base = api_url.rstrip("/")
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=request,
        get_updates_request=request,
    )


class TelegramMessages:
    """The messages of one turn in one chat or topic."""

    room = TEXT_UNITS

    def __init__(self, bot: Bot | None, pacer: Pacer, event: Event) -> None:
        conversation = Conversation.parse(event.conversation_id)
        self._maybe_bot = bot
        self._pacer = pacer
        self._chat = int(conversation.chat)
        general = conversation.thread in (None, GENERAL_TOPIC)
        self._topic = None if general else int(conversation.thread or 0)
        self._callback = (
            event.callback_id
            if isinstance(event, ButtonPressed | RegenerationRequested | ContinuationRequested)
            else None
        )

    @property
    def _bot(self) -> Bot:
        if self._maybe_bot is None:
            raise ChannelFailed("no token for this bot", code="account_unknown", retryable=False)
        return self._maybe_bot

    def parts(self, reply: Reply, room: int, picture: bytes | None) -> tuple[TelegramPart, ...]:
        return telegram_parts(reply, room, picture)

    async def greet(self) -> None:
        answered = self._answer_button() if self._callback else asyncio.sleep(0)
        await asyncio.gather(answered, self._type(), return_exceptions=True)

    async def orphan(self, spot: Spot) -> str | None:
        """A bot cannot look for its messages."""
        return None

    async def post(self, spot: Spot, part: TelegramPart, *, patient: bool) -> str | None:
        sent = await self._plainer(part, self._send, patient)
        return None if sent is None else str(sent.message_id)

    async def edit(self, spot: Spot, message_id: str, part: TelegramPart, *, patient: bool) -> bool:
        async def change(form: TelegramPart) -> bool:
            try:
                await self._change(int(message_id), form)
            except BadRequest as error:
                if deleted(error):
                    log.info("worker.telegram_message.vanished")
                    raise MessageVanished from None
                if gone(error):
                    log.info("worker.telegram_message.kept")
                elif not unchanged(error):
                    raise
            return True

        return bool(await self._plainer(part, change, patient))

    async def remove(self, message_id: str) -> None:
        await delete_message(self._bot, self._chat, int(message_id))

    async def _plainer(
        self, part: TelegramPart, act: Callable[[TelegramPart], Awaitable[T]], patient: bool
    ) -> T | None:
        """Act with the part, or with the first plainer form of it that Telegram takes."""
        *richer, plainest = part.forms()
        for form in richer:
            try:
                return await self._paced(lambda form=form: act(form), patient)  # type: ignore[misc]
            except BadRequest as error:
                if not about_form(error):
                    raise failure(error) from None
                log.warning("worker.telegram_form.refused")
        try:
            return await self._paced(lambda: act(plainest), patient)
        except BadRequest as error:
            raise failure(error) from None

    async def _paced(self, act: Callable[[], Awaitable[T]], patient: bool) -> T | None:
        """Act in our place of every limit; None when there is none soon enough. Passes BadRequest on."""
        wait_s = LONGEST_WAIT_S if patient else 0
        while await self._pacer.take(*self._limits(patient), max_wait_s=wait_s):
            try:
                return await act()
            except RetryAfter as error:
                log.warning("worker.telegram_rate.exceeded", extra={"retry_after_s": retry_after_s(error)})
                await self._pacer.penalize(self._chat_limit(), retry_after_s(error))
            except ChatMigrated as error:
                self._chat = error.new_chat_id
            except BadRequest:
                raise
            except TelegramError as error:
                raise failure(error) from None
        if patient:
            raise ChannelFailed("the rate limit has no place", code="rate_limited", retryable=True)
        return None

    def _limits(self, patient: bool) -> tuple[Limit, ...]:
        limits = (Limit(limit_key(self._bot.token, "all"), ALL_MS), self._chat_limit())
        if self._chat > 0:
            return limits
        burst = GROUP_BURST if patient else STREAM_BURST
        return (*limits, Limit(limit_key(self._bot.token, f"{self._chat}:minute"), GROUP_MS, burst))

    def _chat_limit(self) -> Limit:
        return Limit(limit_key(self._bot.token, str(self._chat)), CHAT_MS)

    async def _send(self, part: TelegramPart) -> Message:
        if part.photo:
            return await self._bot.send_photo(
                self._chat,
                part.photo,
                caption=part.text or None,
                caption_entities=part.entities,
                filename=PICTURE_NAME,
                message_thread_id=self._topic,
                reply_markup=part.keyboard,
            )
        return await self._bot.send_message(
            self._chat,
            part.text,
            entities=part.entities,
            message_thread_id=self._topic,
            reply_markup=part.keyboard,
        )

    async def _change(self, message_id: int, part: TelegramPart) -> None:
        if part.photo:
            media = InputMediaPhoto(
                part.photo, part.text or None, caption_entities=part.entities, filename=PICTURE_NAME
            )
            await self._bot.edit_message_media(media, self._chat, message_id, reply_markup=part.keyboard)
        else:
            await self._bot.edit_message_text(
                part.text, self._chat, message_id, entities=part.entities, reply_markup=part.keyboard
            )

    async def _answer_button(self) -> None:
        await self._bot.answer_callback_query(self._callback or "")

    async def _type(self) -> None:
        """Typing has a pace of its own, so that no reply waits because of it."""
        typing = Limit(limit_key(self._bot.token, f"{self._chat}:typing"), CHAT_MS)
        overall = Limit(limit_key(self._bot.token, "all"), ALL_MS)
        if await self._pacer.take(overall, typing, max_wait_s=0):
            await self._bot.send_chat_action(self._chat, ChatAction.TYPING, message_thread_id=self._topic)


class TelegramChannel:
    """All bots of ours on Telegram, by account name."""

    capabilities = Capabilities()
    sends_comparisons = True

    def __init__(self, bots: Mapping[str, Bot], pacer: Pacer) -> None:
        self._bots = bots
        self._pacer = pacer

    def sink(self, event: Event, delivery: Delivery) -> MessageSink[TelegramPart]:
        bot = self._bots.get(Conversation.parse(event.conversation_id).account)
        return MessageSink(TelegramMessages(bot, self._pacer, event), delivery)

    async def fetch(self, event: Event, photo: PhotoRef) -> bytes:
        bot = self._bot(event.conversation_id)
        try:
            file = await bot.get_file(photo.id)
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
        chat = Conversation.parse(request.conversation_id).chat
        await delete_message(self._bot(request.conversation_id), int(chat), int(request.message_id))

    async def replies(self, event: Event, limit: int) -> tuple[Said, ...]:
        """A bot cannot read what was said before."""
        return ()

    async def welcome(self, opened: ChatOpened) -> None:
        """Telegram shows the bot's description."""

    async def aclose(self) -> None:
        for bot in self._bots.values():
            await bot.request.shutdown()

    def _bot(self, conversation_id: str) -> Bot:
        bot = self._bots.get(Conversation.parse(conversation_id).account)
        if bot is None:
            raise ChannelFailed("no token for this bot", code="account_unknown", retryable=False)
        return bot


async def delete_message(bot: Bot, chat: int, message_id: int) -> None:
    """Delete a message; one that is gone already is fine."""
    try:
        await bot.delete_message(chat, message_id)
    except BadRequest as error:
        if not gone(error):
            raise failure(error) from None
    except TelegramError as error:
        raise failure(error) from None
