"""The messages of one Telegram turn: posted, edited, taken back."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from telegram import InputMediaPhoto, Message
from telegram.constants import ChatAction
from telegram.error import BadRequest

from contracts.event import Event
from contracts.reply import Reply
from services.worker.channels.limits import LONGEST_WAIT_S, PICTURE_NAME
from services.worker.channels.messages import Spot
from services.worker.channels.telegram_errors import about_form, deleted, failure, gone, unchanged
from services.worker.channels.telegram_pace import TelegramChat
from services.worker.channels.telegram_parts import TEXT_UNITS, TelegramPart, telegram_parts
from services.worker.channels.telegram_payloads import Payloads
from services.worker.errors import MessageVanished

log = logging.getLogger(__name__)

T = TypeVar("T")


class TelegramMessages:
    """The messages of one turn in one chat or topic."""

    room = TEXT_UNITS

    def __init__(self, chat: TelegramChat, topic: int | None, event: Event, payloads: Payloads) -> None:
        self._chat = chat
        self._topic = topic
        self._callback: str | None = getattr(event, "callback_id", None)  # what a press has
        self._payloads = payloads

    def parts(self, reply: Reply, room: int, picture: bytes | None) -> tuple[TelegramPart, ...]:
        return telegram_parts(reply, room, picture)

    async def greet(self) -> None:
        answered = self._answer_button() if self._callback else asyncio.sleep(0)
        await asyncio.gather(answered, self._chat.sign(self._type), return_exceptions=True)

    async def orphan(self, spot: Spot) -> str | None:
        """A bot cannot look for its messages."""
        return None

    async def post(self, spot: Spot, part: TelegramPart, *, patient: bool) -> str | None:
        await self._payloads.keep(part)
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

        await self._payloads.keep(part)
        return bool(await self._plainer(part, change, patient))

    async def remove(self, message_id: str) -> None:
        await delete_message(self._chat, int(message_id))

    async def _plainer(
        self, part: TelegramPart, act: Callable[[TelegramPart], Awaitable[T]], patient: bool
    ) -> T | None:
        """Act with the part, or with the first plainer form of it that Telegram takes."""
        *richer, plainest = part.forms()
        for form in richer:
            try:
                return await self._chat.message(lambda form=form: act(form), patient=patient)  # type: ignore[misc]
            except BadRequest as error:
                if not about_form(error):
                    raise failure(error) from None
                log.warning("worker.telegram_form.refused")
        try:
            return await self._chat.message(lambda: act(plainest), patient=patient)
        except BadRequest as error:
            raise failure(error) from None

    async def _send(self, part: TelegramPart) -> Message:
        if part.photo:
            return await self._chat.bot.send_photo(
                self._chat.id,
                part.photo,
                caption=part.text or None,
                caption_entities=part.entities,
                filename=PICTURE_NAME,
                message_thread_id=self._topic,
                reply_markup=part.keyboard,
            )
        return await self._chat.bot.send_message(
            self._chat.id,
            part.text,
            entities=part.entities,
            message_thread_id=self._topic,
            reply_markup=part.keyboard,
        )

    async def _change(self, message_id: int, part: TelegramPart) -> None:
        bot, chat = self._chat.bot, self._chat.id
        if part.photo:
            media = InputMediaPhoto(
                part.photo, part.text or None, caption_entities=part.entities, filename=PICTURE_NAME
            )
            await bot.edit_message_media(media, chat, message_id, reply_markup=part.keyboard)
        else:
            await bot.edit_message_text(
                part.text, chat, message_id, entities=part.entities, reply_markup=part.keyboard
            )

    async def _answer_button(self) -> None:
        await self._chat.bot.answer_callback_query(self._callback or "")

    async def _type(self) -> None:
        action = ChatAction.TYPING
        await self._chat.bot.send_chat_action(self._chat.id, action, message_thread_id=self._topic)


async def delete_message(chat: TelegramChat, message_id: int, max_wait_s: float = LONGEST_WAIT_S) -> None:
    """Delete a message; one that is gone already is fine. Raises ChannelFailed."""
    try:
        await chat.deletion(lambda: chat.bot.delete_message(chat.id, message_id), max_wait_s)
    except BadRequest as error:
        if not gone(error):
            raise failure(error) from None
