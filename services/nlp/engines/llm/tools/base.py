"""What a tool is to the engine, and what comes of calling it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from contracts.reply import Reply
from contracts.turn import TurnNeed
from services.nlp.actions.base import TrackerEvent
from services.nlp.engines.base import Turn
from services.nlp.engines.llm.parts import Tool

Leaving = Literal["", "form", "hand_over"]


@dataclass(frozen=True)
class Outcome:
    """What came of one call."""

    told: str = ""
    """What the model is told, JSON or a text."""
    problem: str = ""
    """A code for the trace; "" where it went well."""
    need: TurnNeed | None = None
    """What the worker has to do first; the same call is then run again."""
    shown: Reply | None = None
    """What the person is shown beside the model's words: its picture, buttons, look-alike."""
    listed: Reply | None = None
    """A list to choose from, which the person is shown behind the model's words."""
    events: tuple[TrackerEvent, ...] = ()
    """What keeps that list open in the tracker."""
    leaving: Leaving = ""
    """The turn is the dialogue engine's from here on."""
    form: str = ""
    """The form that begins, where `leaving` says so."""


@dataclass(frozen=True)
class Calling:
    """One call of a tool, its arguments checked."""

    turn: Turn
    args: Mapping[str, Any]
    call_id: str
    """Of the `need` that the call may have; the same in every post of the turn."""
    has_begun: bool
    """The person has been shown words of this answer already."""


class Offered(Protocol):
    """A tool that a turn's model may call."""

    @property
    def tool(self) -> Tool:
        """What the model is told of it."""
        ...

    async def call(self, calling: Calling) -> Outcome:
        """Run it. Whatever it raises becomes a problem that the model is told of."""
        ...


class Source(Protocol):
    """Knows tools of one kind."""

    def tools(self, turn: Turn) -> Sequence[Offered]:
        """Those that this turn's model is offered."""
        ...
