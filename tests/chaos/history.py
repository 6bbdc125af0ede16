"""What happened in a run, as the platforms, the people and the driver saw it; all times are monotonic."""

from dataclasses import dataclass, field
from typing import Literal

Channel = Literal["telegram", "slack", "web"]
Kind = Literal["echo", "stream", "photo", "poison", "forged"]
"""What is sent: a line to say back, one that the model answers word by word, a photo, one that can never be
answered, or one that is not signed by its channel."""

DRIVER = "driver"
"""Stands as the target of a span where the run itself stood still."""
APOLOGY = "apology"
"""Stands in place of a mark where a person is told that a message failed."""


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


@dataclass(frozen=True)
class Shown:
    """A message of the bot's that stands in a place at the end."""

    place: str
    mark: str
    """Empty where it answers nothing that is known."""
    text: str
    at: float
    """When it first came."""


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
