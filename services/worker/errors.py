"""What goes wrong in the worker.

WorkerError
├── LeaseLost            another worker has the conversation: stop at once, undo nothing
├── WakeFailed           the queue refused a wake; harmless, for the conversation stays due
├── MessageVanished      a person has deleted the message that was being written: the turn ends
├── MessageStopped       a person has stopped the message by the platform's own means: the turn ends
├── PhotoError           the photo cannot be had; the person is told
│   ├── PhotoGone
│   └── PhotoTooLarge
└── TurnFailed           the attempt failed; `retryable` says whether another may help
    ├── RoomUnavailable  nlp or face did not answer
    │   └── RoomAway     it could not even be asked
    ├── RoomRefused      nlp or face answered with a problem
    └── ChannelFailed    the platform refused for good, or did not answer
        ├── ChannelAway  it could not even be asked
        └── RateLimited  its rate limit has no place for a while
"""


class WorkerError(Exception):
    """The root."""

    code = "worker_error"
    retryable = False


class LeaseLost(WorkerError):
    """Another worker has the conversation."""

    code = "lease_lost"


class WakeFailed(WorkerError):
    """The queue refused a wake."""

    code = "wake_failed"


class MessageVanished(WorkerError):
    """The message to be edited is not there any more."""

    code = "message_vanished"


class MessageStopped(WorkerError):
    """A person has stopped the message by the platform's own means; it can still be edited."""

    code = "message_stopped"


class PhotoError(WorkerError):
    """The photo cannot be had."""

    code = "photo_error"


class PhotoGone(PhotoError):
    """The platform or our own store no longer has it."""

    code = "photo_gone"


class PhotoTooLarge(PhotoError):
    """Over the limit of 10 MB."""

    code = "photo_too_large"


class TurnFailed(WorkerError):
    """The attempt failed."""

    code = "turn_failed"
    is_away = False
    """Whether who was to be asked could not be reached at all, which is no fault of the Event's."""

    def __init__(self, detail: str, *, code: str | None = None, retryable: bool | None = None) -> None:
        super().__init__(detail)
        self.code = code or type(self).code
        self.retryable = type(self).retryable if retryable is None else retryable


class RoomUnavailable(TurnFailed):
    """nlp or face did not answer."""

    code = "room_unavailable"
    retryable = True


class RoomAway(RoomUnavailable):
    """nlp or face could not be reached: what was to be asked was not."""

    code = "room_away"
    is_away = True


class RoomRefused(TurnFailed):
    """nlp or face answered with a problem."""

    code = "room_refused"


class ChannelFailed(TurnFailed):
    """The platform refused for good, or did not answer."""

    code = "channel_failed"
    retryable = True

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        retryable: bool | None = None,
        retry_after_s: float = 0,
    ) -> None:
        """retry_after_s: the platform wants no call before; 0 where it has not said when."""
        super().__init__(detail, code=code, retryable=retryable)
        self.retry_after_s = retry_after_s


class ChannelAway(ChannelFailed):
    """The platform could not be reached: what was to be done was not."""

    code = "channel_away"
    is_away = True


class RateLimited(ChannelFailed):
    """The platform's limit has no place for longer than a turn waits; no fault of the Event's."""

    code = "rate_limited"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("the rate limit has no place", retry_after_s=retry_after_s)
