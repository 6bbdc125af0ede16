"""Telegram: the secret header, and Updates as python-telegram-bot reads them."""

import hmac
import re
import time
from collections.abc import Mapping
from typing import Any

from telegram import CallbackQuery, MaybeInaccessibleMessage, Message, MessageEntity, PhotoSize, Update, User

from contracts.control import StopRequested
from contracts.conversation import Conversation
from contracts.event import (
    ButtonPressed,
    CommandGiven,
    ContinuationRequested,
    Event,
    MessageSent,
    Person,
    PhotoRef,
    RegenerationRequested,
)
from contracts.inbox import Arrival
from contracts.reply import act_of
from services.gateway.errors import BadSignature

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
ENOUGH_PIXELS = 400
"""Shorter side of the smallest photo that is taken; faces are looked for at 320 to 1280 pixels."""


def authenticate(headers: Mapping[str, str], secret: str) -> None:
    """Raises BadSignature unless the header shows the webhook's secret."""
    shown = headers.get(SECRET_HEADER, "").encode()
    if not secret or not hmac.compare_digest(shown, secret.encode()):
        raise BadSignature


def parse(payload: dict[str, Any], account: str, bot_username: str = "") -> list[Arrival]:
    """The Arrivals of one Update: one, or none where there is nothing to answer."""
    update = Update.de_json(payload)
    delivery = f"telegram:{account}:{update.update_id}"
    event: Event | StopRequested | None = None
    if update.message:
        event = _from_message(update.message, account, delivery, bot_username)
    elif update.callback_query:
        event = _from_press(update.callback_query, account, delivery)
    elif stopped := update.api_kwargs.get("stopped_message_generation"):
        event = _from_stop(stopped, account, delivery)
    return [Arrival(event=event, claims=(delivery,))] if event else []


def _from_message(
    message: Message, account: str, delivery: str, bot_username: str
) -> Event | StopRequested | None:
    if message.from_user is None or message.from_user.is_bot or message.via_bot:
        return None
    facts = _facts(message, message.from_user, account, delivery)
    text = message.text or message.caption or ""
    command, rest, addressee = _command(message)
    if addressee and bot_username and addressee.lower() != bot_username.lower():
        return None
    if command == "stop":
        return StopRequested(**facts)
    if command:
        return CommandGiven(**facts, name=command, text=rest)
    photo = _photo(message)
    if not text and not photo:
        return None
    if message.chat.type != "private" and not _is_for_bot(message, bot_username):
        return None
    return MessageSent(**facts, text=_without_mention(text, bot_username), photo=photo)


def _from_press(query: CallbackQuery, account: str, delivery: str) -> Event | None:
    message = query.message
    if message is None or not query.data:
        return None
    facts = _facts(message, query.from_user, account, delivery)
    if act := act_of(query.data):
        wanted = RegenerationRequested if act[0] == "regenerate" else ContinuationRequested
        return wanted(**facts, target=act[1], callback_id=query.id)
    return ButtonPressed(**facts, payload=query.data, title=_title(message, query.data), callback_id=query.id)


def _from_stop(stopped: dict[str, Any], account: str, delivery: str) -> StopRequested:
    chat = str(stopped["chat"]["id"])
    return StopRequested(
        event_id=delivery,
        conversation_id=str(Conversation(channel="telegram", account=account, chat=chat)),
        at=_now(),
        user=Person(id=chat),
    )


def _facts(message: MaybeInaccessibleMessage, user: User, account: str, delivery: str) -> dict[str, Any]:
    topic = None  # of an old message only the chat is left
    if isinstance(message, Message) and message.is_topic_message:
        topic = message.message_thread_id
    conversation = Conversation(
        channel="telegram",
        account=account,
        chat=str(message.chat.id),
        thread=None if topic is None else str(topic),
    )
    return {
        "event_id": delivery,
        "conversation_id": str(conversation),
        "at": _now(),
        "user": Person(id=str(user.id), locale=user.language_code),
    }


def _command(message: Message) -> tuple[str, str, str]:
    """Name, what follows, and the bot it is addressed to ("" for any)."""
    text = message.text or ""
    entities = message.entities or ()
    if not entities or entities[0].type != MessageEntity.BOT_COMMAND or entities[0].offset != 0:
        return "", "", ""
    word = message.parse_entity(entities[0])
    name, _, addressee = word.removeprefix("/").partition("@")
    return name.lower(), text[len(word) :].strip(), addressee


def _photo(message: Message) -> PhotoRef | None:
    if message.photo:
        return PhotoRef(source="telegram", id=smallest_enough(message.photo).file_id)
    document = message.document
    if document and (document.mime_type or "").startswith("image/"):
        return PhotoRef(source="telegram", id=document.file_id)
    return None


def smallest_enough(sizes: tuple[PhotoSize, ...]) -> PhotoSize:
    """The smallest size in which a face is found; the largest where none is big enough."""
    by_area = sorted(sizes, key=lambda size: size.width * size.height)
    return next((s for s in by_area if min(s.width, s.height) >= ENOUGH_PIXELS), by_area[-1])


def _is_for_bot(message: Message, bot_username: str) -> bool:
    """In a group: a reply to a bot, or a mention of ours."""
    replied = message.reply_to_message
    if replied and replied.from_user and replied.from_user.is_bot:
        author = (replied.from_user.username or "").lower()
        return not bot_username or author == bot_username.lower()
    text = message.text or message.caption or ""
    return bool(bot_username) and bool(_mention(bot_username).search(text))


def _without_mention(text: str, bot_username: str) -> str:
    return _mention(bot_username).sub("", text).strip() if bot_username else text


def _mention(bot_username: str) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(bot_username)}(?!\w)", re.IGNORECASE)


def _title(message: MaybeInaccessibleMessage, data: str) -> str:
    markup = message.reply_markup if isinstance(message, Message) else None
    rows = markup.inline_keyboard if markup else ()
    return next((button.text for row in rows for button in row if button.callback_data == data), "")


def _now() -> int:
    return int(time.time() * 1000)
