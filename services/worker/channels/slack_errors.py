"""What Slack's refusals mean to us."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError

from services.worker.channels.messages import PartTooLong
from services.worker.errors import ChannelAway, ChannelFailed, RateLimited

TOO_LONG = {"msg_too_long", "msg_blocks_too_long"}
FORM = {"invalid_blocks", "invalid_blocks_format", "block_mismatch", "invalid_attachments", "no_text"}
"""Refusals that a plainer form of the message gets around."""
DELETED = "message_not_found"
GONE = {DELETED, "cant_update_message", "cant_delete_message", "edit_window_closed"}
PASSING = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
CLOSED = {"message_not_in_streaming_state"}
"""The stream is over; the message can be updated."""
CONFLICT = "streaming_state_conflict"
"""The message is a stream that is still open."""
STOPPED = {"stopped_by_user"}
"""The person has ended the stream with Slack's own button."""
UNKNOWN = {"unknown_method", "missing_scope", "method_deprecated", "feature_not_enabled", "access_denied"}
"""Refusals that will be the same in the whole workspace."""
NOT_HERE = {
    "channel_type_not_supported",
    "method_not_supported_for_channel_type",
    "restricted_action",
    "cannot_reply_to_message",
}
"""Refusals of a stream that will be the same in the whole channel."""
RATE = {"ratelimited", "rate_limited"}
RETRY_AFTER_S = 30
"""Where Slack does not say how long."""


def code(error: SlackApiError) -> str:
    """Slack's name of the error; empty when the answer was none of Slack's."""
    body = getattr(error.response, "data", None)
    return str(body.get("error", "")) if isinstance(body, dict) else ""


def retry_after_s(error: SlackApiError) -> float | None:
    """Seconds until Slack listens again; None when this is not about a rate."""
    if code(error) not in RATE and getattr(error.response, "status_code", 0) != 429:
        return None
    try:
        return float(error.response.headers["Retry-After"])
    except (KeyError, ValueError):
        return RETRY_AFTER_S


def may_be_done(error: SlackApiError) -> bool:
    """Whether Slack has perhaps done what was asked: it broke down, or the answer was none of Slack's."""
    return not code(error) or code(error) in PASSING


def failure(error: SlackApiError) -> ChannelFailed:
    """The refusal in our words."""
    name = code(error)
    if name in TOO_LONG:
        return PartTooLong("the message is too long")
    wait_s = retry_after_s(error)
    if wait_s is not None:
        return RateLimited(wait_s)
    if may_be_done(error):
        return unavailable()
    return ChannelFailed("Slack refused the call", code=f"slack_{name}", retryable=False)


def unavailable(error: Exception | None = None) -> ChannelFailed:
    """No answer, or one that is none of Slack's; or not even a connection, if that is the error."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return ChannelAway("Slack cannot be reached")
    return ChannelFailed("Slack does not answer", code="slack_unavailable", retryable=True)


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the client raises into our errors."""
    try:
        yield
    except SlackApiError as error:
        raise failure(error) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise unavailable(error) from None
