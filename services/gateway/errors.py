"""What goes wrong in the gateway.

Fault
├── BadSignature    401  a webhook that does not come from its channel
├── Unreadable      400  a body that is no JSON, before anything is known about it
├── NameUnknown     503  a message that may be for our bot or for another; send it again
├── QueueDown       503  Redis refused or is nearly full; send it again
├── NoConversation  404  not there, or another's
├── NoMessage       404  no message, or no reply, of this conversation
├── TooFast         429
├── NotWithin       403  for machines of the own network, which no proxy speaks for
├── CrossSite       403  a change that a page of another site asks for
├── AdminOff        404  there is no ADMIN_TOKEN
├── InstallOff      404  there is no SLACK_CLIENT_ID
└── FaceDown        503
"""

import logging

from foundation.http import Fault

log = logging.getLogger(__name__)


class BadSignature(Fault):
    """The webhook does not come from its channel."""

    code = "bad_signature"
    status = 401
    title = "The request is not signed by its channel"


class Unreadable(Fault):
    """The body is no JSON."""

    code = "unreadable"
    status = 400
    title = "The body cannot be read"


class QueueDown(Fault):
    """Nothing can be accepted now."""

    code = "queue_down"
    status = 503
    retryable = True
    title = "Messages cannot be taken in at the moment"
    retry_after_s = 2


class NameUnknown(Fault):
    """Telegram has not told yet what our bot is called, and the message names a bot."""

    code = "name_unknown"
    status = 503
    retryable = True
    title = "The bot does not know its own name yet"
    retry_after_s = 2


class NoConversation(Fault):
    """It is not there, or it is another's."""

    code = "conversation_unknown"
    status = 404
    title = "There is no such conversation"


class NoMessage(Fault):
    """The conversation has no such message or reply."""

    code = "message_unknown"
    status = 404
    title = "There is no such message in this conversation"


class TooFast(Fault):
    """One person sends more than the rate."""

    code = "too_fast"
    status = 429
    retryable = True
    title = "Too many messages in a short time"
    retry_after_s = 10


class NotWithin(Fault):
    """It is asked from outside, or by a proxy, which may speak for anybody outside."""

    code = "not_within"
    status = 403
    title = "Only machines of the own network are told this, and not by way of a proxy"


class NotAllowed(Fault):
    """The installation does not answer this person, or not here."""

    code = "not_allowed"
    status = 403
    title = "The bot does not answer here"


class CrossSite(Fault):
    """A page of another site asks for a change, with a person's cookies."""

    code = "cross_site"
    status = 403
    title = "Another site may not ask for this"


class AdminOff(Fault):
    """The admin pages are off."""

    code = "admin_off"
    status = 404
    title = "The admin pages are off: set ADMIN_TOKEN"


class InstallOff(Fault):
    """Workspaces cannot install the Slack app by themselves."""

    code = "install_off"
    status = 404
    title = "Installing the Slack app is off: set SLACK_CLIENT_ID"


class FaceDown(Fault):
    """The face room does not answer."""

    code = "face_down"
    status = 503
    retryable = True
    title = "Faces cannot be asked about at the moment"
    retry_after_s = 2


UNPARSED = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    ArithmeticError,
    OSError,
)
"""What reading an Update of an unexpected shape raises; the last two come from impossible numbers."""


def queue_down(error: Exception) -> QueueDown:
    """What a failure of Redis is to who asks; logged."""
    log.warning("gateway.redis.failed", extra={"error": type(error).__name__})
    return QueueDown(type(error).__name__)


def log_unparsed(error: BaseException) -> None:
    """One traceback; like every one in our log, it does not quote what a person wrote."""
    log.error("gateway.update.unparsed", exc_info=error)
