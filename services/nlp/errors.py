"""What goes wrong in nlp.

Fault
├── BotUnknown        404  no folder of that name
├── BotInvalid        422  the folder's files are wrong; every mistake is listed
├── BotNotReady       503  still training
├── LeaseLost         409  another worker has the conversation
├── TrackerConflict   409  another turn has written since; may be tried again
├── TrackerNewer      503  written by a newer version of this room; wait for it
├── StoreDown         503
└── ModelFault             the language model
    ├── ModelTimeout      504
    ├── ModelBusy         503
    ├── ModelUnavailable  503
    └── ModelRefused      502  it will not answer this, now or later
"""

from foundation.http import Fault


class BotUnknown(Fault):
    """No folder of that name."""

    code = "bot_unknown"
    status = 404
    title = "There is no such bot"


class BotInvalid(Fault):
    """The folder's files are wrong."""

    code = "bot_invalid"
    status = 422
    title = "The bot's files have mistakes"

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class BotNotReady(Fault):
    """Still training."""

    code = "bot_not_ready"
    status = 503
    retryable = True
    title = "The bot is not ready yet"
    retry_after_s = 2


class LeaseLost(Fault):
    """Another worker has the conversation."""

    code = "lease_lost"
    status = 409
    title = "The lease is another's"


class TrackerConflict(Fault):
    """Another turn has written since."""

    code = "tracker_conflict"
    status = 409
    retryable = True
    title = "The conversation has moved on"


class TrackerNewer(Fault):
    """Written by a newer version of this room."""

    code = "tracker_newer"
    status = 503
    retryable = True
    title = "The conversation was written by a newer version"
    retry_after_s = 30


class StoreDown(Fault):
    """Redis does not answer."""

    code = "store_down"
    status = 503
    retryable = True
    title = "The store does not answer"
    retry_after_s = 2


class ModelFault(Fault):
    """The language model failed."""

    code = "model_failed"
    status = 502
    title = "The language model failed"


class ModelTimeout(ModelFault):
    """It did not answer in time."""

    code = "model_timeout"
    status = 504
    retryable = True
    title = "The language model did not answer in time"


class ModelBusy(ModelFault):
    """It has too much to do, or our budget there is used up for the moment."""

    code = "model_busy"
    status = 503
    retryable = True
    title = "The language model is busy"


class ModelUnavailable(ModelFault):
    """It cannot be reached, or broke off."""

    code = "model_unavailable"
    status = 503
    retryable = True
    title = "The language model cannot be reached"


class ModelRefused(ModelFault):
    """It will not answer this request: a wrong key, an unknown model, a request it cannot take."""

    code = "model_refused"
    title = "The language model refused the request"
