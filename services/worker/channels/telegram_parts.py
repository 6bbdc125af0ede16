"""A reply as Telegram messages: text with entities, a photo with its caption, a keyboard."""

import logging
from dataclasses import dataclass, replace
from itertools import pairwise

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.constants import InlineKeyboardButtonLimit, InlineKeyboardMarkupLimit, MessageLimit

from contracts.reply import Button, Reply
from services.worker.channels.rich_text import rich_text
from services.worker.channels.split import Rich, Span, split, utf16_units

log = logging.getLogger(__name__)

TEXT_UNITS = MessageLimit.MAX_TEXT_LENGTH.value
CAPTION_UNITS = MessageLimit.CAPTION_LENGTH.value
ENTITIES = MessageLimit.MESSAGE_ENTITIES.value
CALLBACK_BYTES = InlineKeyboardButtonLimit.MAX_CALLBACK_DATA.value
BUTTONS = InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER.value
NO_TEXT = "…"
"""Telegram wants a text with every keyboard, and in place of a picture that it refuses."""


@dataclass(frozen=True)
class TelegramPart:
    """One message. With a photo, the text is its caption."""

    text: str
    entities: tuple[MessageEntity, ...] = ()
    keyboard: InlineKeyboardMarkup | None = None
    photo: str | bytes | None = None
    """Its address, or the picture itself."""

    def forms(self) -> tuple["TelegramPart", ...]:
        """The part and, each plainer than the one before, what to send where it is refused."""
        address = self.photo if isinstance(self.photo, str) else None
        text = "\n\n".join(filter(None, (self.text, address)))
        linked = replace(self, text=text or NO_TEXT, photo=None)
        return tuple(dict.fromkeys((self, linked, replace(linked, entities=()))))


def telegram_parts(
    reply: Reply, units: int = TEXT_UNITS, picture: bytes | None = None
) -> tuple[TelegramPart, ...]:
    """The messages that show the reply; the keyboard is below the last one."""
    text = rich_text(reply.text)
    photo = picture or reply.image
    if photo and utf16_units(text.text) <= CAPTION_UNITS and len(text.spans) <= ENTITIES:
        parts = [replace(_part(text), photo=photo)]
    else:
        parts = [_part(piece) for piece in split(text, units, ENTITIES)]
        if photo:
            parts.append(TelegramPart("", photo=photo))
    if reply.buttons:
        parts = parts or [TelegramPart(NO_TEXT)]
        parts[-1] = replace(parts[-1], keyboard=keyboard(reply.buttons))
    return tuple(parts)


def keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup:
    """One button a row: titles are cut on a phone otherwise."""
    rows = [
        [InlineKeyboardButton(button.title, callback_data=_callback(button))] for button in buttons[:BUTTONS]
    ]
    return InlineKeyboardMarkup(rows)


def entities(rich: Rich) -> tuple[MessageEntity, ...]:
    """The spans with offsets in UTF-16 units."""
    places = sorted({0, *(span.start for span in rich.spans), *(span.end for span in rich.spans)})
    units = {0: 0}
    for before, after in pairwise(places):
        units[after] = units[before] + utf16_units(rich.text[before:after])
    return tuple(_entity(span, units[span.start], units[span.end]) for span in rich.spans)


def _entity(span: Span, start: int, end: int) -> MessageEntity:
    url = span.value if span.kind == MessageEntity.TEXT_LINK else None
    language = span.value or None if span.kind == MessageEntity.PRE else None
    return MessageEntity(span.kind, start, end - start, url=url, language=language)


def _part(rich: Rich) -> TelegramPart:
    return TelegramPart(rich.text, entities(rich))


def _callback(button: Button) -> str:
    """The payload, or the title in its place: a press then says what the person read."""
    if len(button.payload.encode()) <= CALLBACK_BYTES:
        return button.payload or button.title
    log.warning("worker.telegram_payload.shortened", extra={"bytes": len(button.payload.encode())})
    return button.title.encode()[:CALLBACK_BYTES].decode(errors="ignore")
