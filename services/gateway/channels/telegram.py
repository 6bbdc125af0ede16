"""Telegram: the secret header, and what Updates say."""

import hmac
import re
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from contracts.account import GroupMode
from contracts.control import DeleteRequested, StopRequested
from contracts.conversation import Conversation
from contracts.event import CommandGiven, MessageSent, Person, PhotoRef
from contracts.inbox import Arrival
from services.gateway.channels.addressing import is_answered, mode_of
from services.gateway.channels.pressing import Pressed, press_claims, pressed
from services.gateway.channels.telegram_update import (
    CallbackQuery,
    Message,
    PhotoSize,
    StoppedGeneration,
    Update,
)
from services.gateway.errors import BadSignature, NameUnknown

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
ENOUGH_PIXELS = 400
"""Shorter side of the smallest photo that is taken; faces are looked for at 320 to 1280 pixels."""

Told = MessageSent | CommandGiven | Pressed | StopRequested | DeleteRequested


def authenticate(headers: Mapping[str, str], secret: str) -> None:
    """Raises BadSignature unless the header shows the webhook's secret."""
    shown = headers.get(SECRET_HEADER, "").encode()
    if not secret or not hmac.compare_digest(shown, secret.encode()):
        raise BadSignature


def parse(
    payload: dict[str, Any],
    account: str,
    bot_username: str = "",
    groups: Mapping[str, GroupMode] | None = None,
) -> list[Arrival]:
    """The Arrivals of one Update: one, or none where there is nothing to answer.

    Edited messages, posts of channels and what other bots say are nothing to answer. Raises NameUnknown where
    a bot is named and `bot_username` is "".
    """
    update = Update.model_validate(payload)
    delivery = f"telegram:{account}:{update.update_id}"
    event: Told | None = None
    claims: tuple[str, ...] = (delivery,)
    if update.message:
        event = _from_message(update.message, account, delivery, bot_username, groups or {})
    elif update.callback_query:
        event = _from_press(update.callback_query, account, delivery, groups or {})
        if event and update.callback_query.message:
            claims += press_claims(event, str(update.callback_query.message.message_id))
    elif update.stopped_message_generation:
        event = _from_stop(update.stopped_message_generation, account, delivery)
    return [Arrival(event=event, claims=claims)] if event else []


def _from_message(
    message: Message, account: str, delivery: str, bot_username: str, groups: Mapping[str, GroupMode]
) -> Told | None:
    sender = _sender(message)
    mode = mode_of(groups, str(message.chat.id), _topic(message))
    if sender is None or (_is_group(message) and mode == "never"):
        return None
    facts = _facts(message, sender, account, delivery)
    command, rest, addressee = _command(message)
    if addressee and not _is_ours(addressee, bot_username):
        return None
    if command:
        return _from_command(message, facts, command, rest, bot_username)
    text, photo = message.text or message.caption or "", _photo(message)
    if not text and not photo:
        return None
    if _is_group(message) and not is_answered(mode, is_addressed=_is_for_bot(message, bot_username)):
        return None
    return MessageSent(**facts, text=_without_mention(text, bot_username), photo=photo)


def _from_command(
    message: Message, facts: dict[str, Any], command: str, rest: str, bot_username: str
) -> Told:
    """/stop, and /delete in reply to a message of ours, act on messages; all others are answered."""
    if command == "stop":
        return StopRequested(**facts)
    replied = _replied(message)
    if command == "delete" and replied and _is_of_bot(replied, bot_username):
        return DeleteRequested(**facts, message_id=str(replied.message_id))
    return CommandGiven(**facts, name=command, text=rest)


def _from_press(
    query: CallbackQuery, account: str, delivery: str, groups: Mapping[str, GroupMode]
) -> Pressed | None:
    message = query.message
    if message is None or not query.data:
        return None
    if _is_group(message) and mode_of(groups, str(message.chat.id), _topic(message)) == "never":
        return None
    sender = Person(id=str(query.from_user.id), locale=query.from_user.language_code)
    facts = _facts(message, sender, account, delivery)
    return pressed(facts, query.data, _title(message, query.data), query.id)


def _from_stop(stopped: StoppedGeneration, account: str, delivery: str) -> StopRequested:
    """The stop button of a draft: drafts are in private chats only, where the chat is the person."""
    chat, topic = str(stopped.chat.id), stopped.message_thread_id
    thread = None if topic is None else str(topic)
    return StopRequested(
        event_id=delivery,
        conversation_id=str(Conversation(channel="telegram", account=account, chat=chat, thread=thread)),
        at=_now(),
        user=Person(id=chat),
    )


def _sender(message: Message) -> Person | None:
    """Who wrote it; None for bots and for what a channel's posts bring into its group.

    Who speaks as a group or a channel (an anonymous admin, say) is known by that chat only.
    """
    if message.is_automatic_forward or message.via_bot:
        return None
    if message.sender_chat:
        return Person(id=str(message.sender_chat.id))
    user = message.from_user
    if user is None or user.is_bot:
        return None
    return Person(id=str(user.id), locale=user.language_code)


def _facts(message: Message, user: Person, account: str, delivery: str) -> dict[str, Any]:
    conversation = Conversation(
        channel="telegram", account=account, chat=str(message.chat.id), thread=_topic(message)
    )
    return {"event_id": delivery, "conversation_id": str(conversation), "at": _now(), "user": user}


def _topic(message: Message) -> str | None:
    """The forum topic; of an old message only the chat is left, and a mere thread of replies is none."""
    if message.is_topic_message and message.message_thread_id is not None:
        return str(message.message_thread_id)
    return None


def _command(message: Message) -> tuple[str, str, str]:
    """Name, what follows, and the bot it is addressed to ("" for any). What is forwarded commands nothing."""
    text = message.text or ""
    entities = message.entities or ()
    begins = entities and entities[0].type == "bot_command" and entities[0].offset == 0
    if not begins or message.forward_origin:
        return "", "", ""
    word = text[: entities[0].length]  # a command is ASCII, so its UTF-16 units are its characters
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


def _is_group(message: Message) -> bool:
    return message.chat.type != "private"


def _is_for_bot(message: Message, bot_username: str) -> bool:
    """In a group: a reply to our bot, or a mention of it in the sender's own words."""
    replied = _replied(message)
    if replied and replied.from_user and replied.from_user.is_bot:
        return _is_of_bot(replied, bot_username)
    text = message.text or message.caption or ""
    if message.forward_origin or "@" not in text:
        return False
    if not bot_username:
        raise NameUnknown
    return bool(_mention(bot_username).search(text))


def _replied(message: Message) -> Message | None:
    """What it replies to; in a topic every message refers to the one that opened the topic."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created else replied


def _is_of_bot(message: Message, bot_username: str) -> bool:
    """Whether our bot wrote it."""
    user = message.from_user
    return user is not None and user.is_bot and _is_ours(user.username or "", bot_username)


def _is_ours(name: str, bot_username: str) -> bool:
    """Whether it is our bot's name; raises NameUnknown before we know that."""
    if not bot_username:
        raise NameUnknown
    return name.lower() == bot_username.lower()


def _without_mention(text: str, bot_username: str) -> str:
    return _mention(bot_username).sub("", text).strip() if bot_username else text


@cache
def _mention(bot_username: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)@{re.escape(bot_username)}(?!\w)", re.IGNORECASE)


def _title(message: Message, data: str) -> str:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return next((button.text for row in rows for button in row if button.callback_data == data), "")


def _now() -> int:
    return int(time.time() * 1000)
