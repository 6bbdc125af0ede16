"""A reply as Telegram messages: text with entities, a photo with its caption, a keyboard."""

import hashlib
from dataclasses import dataclass, replace
from itertools import pairwise

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.constants import InlineKeyboardButtonLimit, InlineKeyboardMarkupLimit, MessageLimit

from contracts.inbox import KEPT_PAYLOAD
from contracts.reply import Button, Reply
from services.worker.channels.rich_text import rich_text
from services.worker.channels.split import Rich, Span, split, utf16_units

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
    long_payloads: tuple[tuple[str, str], ...] = ()
    """Names that stand for payloads in the keyboard, and the payloads."""

    def forms(self) -> tuple["TelegramPart", ...]:
        """The part and, each plainer than the one before, what to send where it is refused."""
        address = self.photo if isinstance(self.photo, str) else None
        text = "\n\n".join(filter(None, (self.text, address)))
        linked = replace(self, text=text or NO_TEXT, photo=None)
        plain = replace(linked, entities=())
        # an address that Telegram refuses, such as one at home, would take the whole message with it
        return tuple(
            dict.fromkeys((self, linked, plain, replace(plain, keyboard=_without_links(self.keyboard))))
        )


def telegram_parts(
    reply: Reply, units: int = TEXT_UNITS, picture: bytes | None = None
) -> tuple[TelegramPart, ...]:
    """The messages that show the reply; the keyboard is below the last one."""
    text = rich_text(reply.text)
    photo = picture or reply.image_link
    if photo and utf16_units(text.text) <= CAPTION_UNITS and len(text.spans) <= ENTITIES:
        parts = [replace(_part(text), photo=photo)]
    else:
        parts = [_part(piece) for piece in split(text, units, ENTITIES)]
        if photo:
            parts.append(TelegramPart("", photo=photo))
    if reply.buttons:
        parts = parts or [TelegramPart(NO_TEXT)]
        kept = tuple((_callback(button), button.payload) for button in reply.buttons if _is_long(button))
        parts[-1] = replace(parts[-1], keyboard=keyboard(reply.buttons), long_payloads=kept)
    return tuple(parts)


def keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup:
    """One button a row: titles are cut on a phone otherwise."""
    return InlineKeyboardMarkup([[_button(button)] for button in buttons[:BUTTONS]])


def _without_links(markup: InlineKeyboardMarkup | None) -> InlineKeyboardMarkup | None:
    if markup is None or not any(button.url for row in markup.inline_keyboard for button in row):
        return markup
    rows = [[button for button in row if not button.url] for row in markup.inline_keyboard]
    return InlineKeyboardMarkup([row for row in rows if row]) if any(rows) else None


def _button(button: Button) -> InlineKeyboardButton:
    if button.link:
        return InlineKeyboardButton(button.title, url=button.link)
    return InlineKeyboardButton(button.title, callback_data=_callback(button))


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
    """What the button carries: its payload, or a name for one that is too long.

    The name says nothing of the payload, and is the same whenever the message is shown anew.
    """
    if _is_long(button):
        return KEPT_PAYLOAD + hashlib.sha256(button.payload.encode()).hexdigest()[:32]
    return button.payload or _cut(button.title)


def _is_long(button: Button) -> bool:
    return not button.link and len(button.payload.encode()) > CALLBACK_BYTES


def _cut(title: str) -> str:
    return title.encode()[:CALLBACK_BYTES].decode(errors="ignore")
