"""What Telegram's refusals mean to us."""

from datetime import timedelta

from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from services.worker.channels.messages import PartTooLong
from services.worker.channels.telegram_request import Unreachable
from services.worker.errors import ChannelAway, ChannelFailed

_FORM = (
    "entit",
    "can't parse",
    "http url",
    "button_url",
    "web page",
    "webpage",
    "wrong file",
    "photo",
    "image",
    "media",
)
"""Words of refusals that a plainer form of the message gets around."""
_DONE = ("message is not modified",)
_DELETED = ("message to edit not found",)
_GONE = (
    *_DELETED,
    "message can't be edited",
    "there is no text in the message",
    "message to delete not found",
    "message can't be deleted",
)


def about_form(error: BadRequest) -> bool:
    """Whether a plainer form of the same message may pass."""
    return _says(error, _FORM)


def unchanged(error: BadRequest) -> bool:
    """Whether the message shows already what it should."""
    return _says(error, _DONE)


def deleted(error: BadRequest) -> bool:
    """Whether the message to be edited is not there any more."""
    return _says(error, _DELETED)


def gone(error: BadRequest) -> bool:
    """Whether the message is beyond our reach, most likely because a person deleted it."""
    return _says(error, _GONE)


def unknown_method(error: TelegramError) -> bool:
    """Whether the server does not know the method: one of an older Bot API. The library takes 404 for a
    refused token, which the next message will tell."""
    return isinstance(error, InvalidToken) or "method" in error.message.lower()


def failure(error: TelegramError) -> ChannelFailed:
    """The refusal in our words; Telegram's own could quote a person."""
    if isinstance(error, Forbidden):
        return ChannelFailed("the chat is closed to the bot", code="telegram_forbidden", retryable=False)
    if isinstance(error, InvalidToken):
        return ChannelFailed("the token is refused", code="telegram_token_refused", retryable=False)
    if isinstance(error, BadRequest):
        if _says(error, ("too long", "too_long")):
            return PartTooLong("the message is too long")
        return ChannelFailed("the request is refused", code="telegram_refused", retryable=False)
    if isinstance(error, Unreachable):
        return ChannelAway("Telegram cannot be reached")
    return ChannelFailed("Telegram does not answer", code="telegram_unavailable", retryable=True)


def retry_after_s(error: RetryAfter) -> float:
    """Seconds until Telegram listens again."""
    wait: int | timedelta = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _says(error: BadRequest, words: tuple[str, ...]) -> bool:
    message = error.message.lower()
    return any(word in message for word in words)
