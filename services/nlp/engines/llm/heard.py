"""What was heard of a model so far."""

from dataclasses import dataclass, field

from services.nlp.engines.base import Turn
from services.nlp.engines.llm.parts import CallPart, CutOff, Part, Refused, Spent
from services.nlp.engines.llm.words import say


@dataclass
class Heard:
    """One answer while it comes in."""

    text: str = ""
    is_refused: bool = False
    reason: str = ""
    """Why the model declines, in its own words."""
    is_filtered: bool = False
    is_cut_off: bool = False
    """The model reached its limit in mid-answer."""
    spent: Spent | None = None
    calls: list[CallPart] = field(default_factory=list)
    """The tool calls, each put together as far as it has come."""

    @property
    def is_silent(self) -> bool:
        """Nothing has come yet that counts as an answer."""
        return not (self.text or self.calls or self.is_refused or self.is_filtered)

    def take(self, part: Part) -> None:
        """One part more."""
        if isinstance(part, str):
            self.text += part
        elif isinstance(part, Spent):
            self.spent = part
        elif isinstance(part, CallPart):
            self._add(part)
        elif isinstance(part, Refused):
            self.is_refused = True
            self.reason += part.text
        elif isinstance(part, CutOff):
            self.is_cut_off = True
        else:
            self.is_filtered = True

    @property
    def wants_tools(self) -> bool:
        """Whether this is no answer yet, but a call for tools."""
        return bool(self.calls) and not (self.is_refused or self.is_filtered)

    def missing(self, turn: Turn, said: str) -> str:
        """A word on what the answer lacks, `said` being all of it; "" where it lacks nothing."""
        if self.is_filtered:
            return say(turn, "model_filtered")
        if self.is_refused:
            return say(turn, "model_refused", reason=self.reason)
        return "" if said.strip() else say(turn, "model_empty")

    def _add(self, part: CallPart) -> None:
        """Go on with the call that is meant. Servers number calls, name them by an id, or do neither."""
        place = next((n for n, call in reversed([*enumerate(self.calls)]) if _is_more_of(call, part)), None)
        if place is None:
            self.calls.append(part)
            return
        call = self.calls[place]
        arguments = call.arguments + part.arguments
        self.calls[place] = CallPart(call.place, call.id or part.id, call.name or part.name, arguments)


def _is_more_of(call: CallPart, part: CallPart) -> bool:
    if part.name and call.name and part.name != call.name:
        return False
    if part.place is not None:
        return part.place == call.place and (not part.id or not call.id or part.id == call.id)
    return part.id == call.id if part.id else not part.name
