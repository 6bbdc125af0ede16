"""The inbox in Redis: key names, limits, and the scripts that alone may change it.

Each script is a file beside this one and opens with its contract: keys, arguments, answer.
"""

from enum import IntEnum
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from contracts.control import ChatOpened, Control, DeleteRequested, FeedbackGiven, StopRequested
from contracts.event import ConversationOverflowed, Event

DUE = "due"
DEAD = "dead"
SWEEP_LOCK = "sweep"

INBOX_CAP = 100
CLAIM_TTL_S = 24 * 3600
TURN_TTL_S = 30 * 24 * 3600
PHOTO_TTL_S = 600
BUTTON_TTL_S = 30 * 24 * 3600
KEPT_PAYLOAD = "#kept:"
"""Begins the name that a button carries in place of a payload for which its platform has no room."""


def inbox_key(conversation_id: str) -> str:
    """The list of Events that wait for their turn, oldest first."""
    return f"inbox:{conversation_id}"


def control_key(conversation_id: str) -> str:
    """The list of control Events that are not dealt with yet."""
    return f"control:{conversation_id}"


def lease_key(conversation_id: str) -> str:
    """The token of the one worker that runs this conversation now."""
    return f"lease:{conversation_id}"


def turn_key(event_id: str) -> str:
    """The record of one Event's turn: attempts, state, messages sent."""
    return f"turn:{event_id}"


def message_key(channel: str, chat: str, message_id: str) -> str:
    """Which Event a message of ours answered, and who asked."""
    return f"message:{channel}:{chat}:{message_id}"


def running_key(channel: str, account: str, chat: str, user: str) -> str:
    """A sorted set: the conversations in which a turn of this person runs now, by its start in Unix ms."""
    return f"running:{channel}:{account}:{chat}:{user}"


def web_key(conversation_id: str) -> str:
    """The stream that the web page reads."""
    return f"web:{conversation_id}"


def photo_key(photo_id: str) -> str:
    """A web upload, encrypted."""
    return f"photo:{photo_id}"


def button_key(name: str) -> str:
    """The payload of a button that carries this name in its place."""
    return f"button:{name}"


class Arrival(BaseModel):
    """One Event on its way into the inbox, with the delivery keys that make it unique."""

    model_config = ConfigDict(frozen=True)

    event: Event | Control
    claims: tuple[str, ...]

    def traced(self, trace: str | None) -> "Arrival":
        """The same, as part of a trace; None: of none."""
        if trace is None:
            return self
        return self.model_copy(update={"event": self.event.model_copy(update={"trace": trace})})

    def arguments(self, *, is_full: bool = False) -> tuple[str, str, str, str, str]:
        """The five arguments of accept.lua that stand for this arrival.

        is_full: the script has said that it needs the overflow event.
        """
        event = self.event
        is_control = isinstance(event, StopRequested | DeleteRequested | FeedbackGiven | ChatOpened)
        return (
            event.conversation_id,
            "control" if is_control else "inbox",
            event.model_dump_json(),
            self._overflow().model_dump_json() if is_full else "",
            "\n".join(self.claims),
        )

    def _overflow(self) -> ConversationOverflowed:
        event = self.event
        return ConversationOverflowed(
            event_id=f"{event.event_id}:overflow",
            conversation_id=event.conversation_id,
            at=event.at,
            user=event.user,
        )


class Accepted(IntEnum):
    """What accept.lua answers for each arrival."""

    DUPLICATE = 0
    IDLE = 1
    """In the inbox, and the conversation was idle: wake a worker."""
    QUEUED = 2
    """In the inbox, behind others that are being worked on."""
    OVERFLOWED = 3
    """Dropped, and the person will be told so."""
    DROPPED = 4
    """Dropped; the person was told already."""
    FULL = 5
    """Nothing became of it yet: it would be the first to be dropped, so send it with its overflow event."""


STOPPED = "stopped"
"""The field of a turn's record that says that a person has stopped it."""


@cache
def script(name: str) -> str:
    """The text of `{name}.lua`."""
    return resources.files("contracts").joinpath(f"{name}.lua").read_text("utf-8")
