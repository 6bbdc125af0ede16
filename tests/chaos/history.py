"""What happened in a run, as the platforms, the people and the driver saw it; all times are monotonic."""

from dataclasses import dataclass, field
from typing import Literal

Channel = Literal["telegram", "slack", "web"]
Kind = Literal["echo", "stream", "tale", "photo", "aside", "poison", "forged"]
"""What is sent: a line to say back, one that the model answers word by word, one that it answers at length, a
photo, what people of a group say to one another, one that can never be answered, or one that is not signed by
its channel."""
UNANSWERED = ("aside", "poison", "forged")
"""What gets no answer: it is not for the bot, it cannot be answered, it is nobody's."""
Want = Literal["stop", "delete", "rate"]
"""What a person may want of an answer."""

DRIVER = "driver"
"""Stands as the target of a span where the run itself stood still."""
APOLOGY = "apology"
"""Stands in place of a mark where a person is told that a message failed."""
STOPPED = "stopped"
"""Stands in place of a mark where nothing was written yet of an answer that was stopped."""


@dataclass
class Asked:
    """One Event that a platform delivers until it is taken."""

    mark: str
    """Stands in its text, and so in its answer."""
    place: str
    """The chat, channel or conversation; answers in one place come in order."""
    channel: Channel
    kind: Kind
    first_at: float | None = None
    """When it was delivered for the first time."""
    acked_at: float | None = None
    """When the gateway said yes; None where it never did, though it may have taken it."""


@dataclass
class Wish:
    """What a person wanted of an answer that they saw, or saw growing."""

    mark: str
    """Of the answer."""
    want: Want
    place: str
    message: str
    """The message that it was about; empty where it was about whatever was being answered."""
    claim: str
    """What the gateway claims for it when it accepts it."""
    first_at: float
    acked_at: float | None = None
    """When the gateway said yes, though it may have meant a polite no."""
    is_taken: bool = False
    """Whether it was accepted, by what Redis says at the end."""


@dataclass(frozen=True)
class Shown:
    """A message of the bot's that stood in a place."""

    place: str
    mark: str
    """Empty where it answers nothing that is known."""
    text: str
    at: float
    """When it first came."""
    message: str = ""
    """Its id on its platform."""
    gone_at: float | None = None
    """When it vanished; None where it stands at the end."""


@dataclass(frozen=True)
class Span:
    """A fault, from its first moment until everything that it hit is ready again.

    Of the kind "stall": no fault of ours; the target could have run, and the machine did not let it.
    """

    kind: str
    target: str
    began_at: float
    ended_at: float


@dataclass(frozen=True)
class Call:
    """A call that a platform got, and how it answered."""

    at: float
    token: str
    method: str
    place: str
    status: int
    retry_after_s: float = 0.0


@dataclass(frozen=True)
class Streamed:
    """An entry of a web conversation's server-sent events, as the page got it."""

    place: str
    entry_id: str
    type: str
    mark: str


@dataclass
class History:
    """Everything that the oracle judges."""

    asked: list[Asked] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    streamed: list[Streamed] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    ratings: int = 0
    """How many verdicts the ratings count at the end."""
    dead: list[str] = field(default_factory=list)
    """The marks of the dead letters."""
    undone: list[str] = field(default_factory=list)
    """Redis keys of work that was left over at the end."""
    lasting: list[str] = field(default_factory=list)
    """Redis keys without a life."""
    leaked: list[str] = field(default_factory=list)
    """Processes and connections that are too many, in words."""
    stalls: list[Span] = field(default_factory=list)
    """When the driver or a process stood still by itself, as it was measured."""
    left_out: list[str] = field(default_factory=list)
    """Faults that this machine does not allow, in words."""
