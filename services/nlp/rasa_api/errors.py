"""What goes wrong in Rasa's API.

Fault
├── ApiOff        404  NLP_RASA_TOKEN is not set
├── NoToken       401
├── SenderBusy    503  the sender's other requests take too long
├── ActionNotRun  409
├── TrainingRuns  409
├── IntentUnknown 404
├── NotHere       501
└── BadBody       400
"""

from foundation.http import Fault


class ApiOff(Fault):
    """NLP_RASA_TOKEN is not set."""

    code = "api_off"
    status = 404
    title = "Rasa's API is off: NLP_RASA_TOKEN is not set"


class NoToken(Fault):
    """No token, or another."""

    code = "unauthorized"
    status = 401
    title = "Show the token as `Authorization: Bearer …` or `?token=`"


class SenderBusy(Fault):
    """The sender's other requests take too long."""

    code = "sender_busy"
    status = 503
    retryable = True
    title = "Another message of this sender is still being answered"
    retry_after_s = 2


class ActionNotRun(Fault):
    """The action failed, or is nowhere."""

    code = "action_failed"
    status = 409
    title = "The action cannot be run"


class TrainingRuns(Fault):
    """One training at a time."""

    code = "training_in_progress"
    status = 409
    retryable = True
    title = "Another training is still running"
    retry_after_s = 5


class IntentUnknown(Fault):
    """The bot has no such intent."""

    code = "intent_unknown"
    status = 404
    title = "The bot has no such intent"


class NotHere(Fault):
    """Rasa has it, this room does not."""

    code = "not_here"
    status = 501
    title = "This room does not offer that"


class BadBody(Fault):
    """What was sent is not what the path takes."""

    code = "bad_body"
    status = 400
    title = "The body is not what this path takes"
