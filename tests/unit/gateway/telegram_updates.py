"""Updates of Telegram for tests, made from the recorded ones."""

from typing import Any

from services.gateway.channels.telegram import parse
from tests.payloads import payload

BOT = "test_bot"
GROUP = {"id": -1001234, "title": "A group", "type": "supergroup"}
MESSAGE_FROM_BOT: dict[str, Any] = {
    "message_id": 9,
    "date": 1790000000,
    "text": "an answer",
    "chat": GROUP,
    "from": {"id": 42, "is_bot": True, "first_name": "Bot", "username": BOT},
}


def update(name: str = "telegram-text", **changes: Any) -> dict[str, Any]:
    """A recorded Update whose message is changed."""
    found = payload(name)
    return found | {"message": found["message"] | changes}


def command(text: str, word: str, **changes: Any) -> dict[str, Any]:
    """A message in which a word is marked as a command."""
    entity = {"type": "bot_command", "offset": text.index(word), "length": len(word)}
    return update("telegram-command", text=text, entities=[entity], **changes)


def event_of(found: dict[str, Any], bot: str = BOT) -> Any:
    """The one Event that the Update becomes."""
    (arrival,) = parse(found, "default", bot)
    return arrival.event
