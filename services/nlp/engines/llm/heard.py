"""What was heard of a model so far."""

from dataclasses import dataclass

from services.nlp.engines.base import Turn
from services.nlp.engines.llm.parts import Part, Refused, Spent
from services.nlp.engines.llm.words import say


@dataclass
class Heard:
    """One answer while it comes in."""

    text: str = ""
    is_refused: bool = False
    reason: str = ""
    """Why the model declines, in its own words."""
    is_filtered: bool = False
    spent: Spent | None = None

    def take(self, part: Part) -> None:
        """One part more."""
        if isinstance(part, str):
            self.text += part
        elif isinstance(part, Spent):
            self.spent = part
        elif isinstance(part, Refused):
            self.is_refused = True
            self.reason += part.text
        else:
            self.is_filtered = True

    def said(self, turn: Turn) -> str:
        """The whole answer, with a word on what is missing from it."""
        name = self._missing()
        return "\n\n".join(filter(None, (self.text, name and say(turn, name, reason=self.reason))))

    def _missing(self) -> str:
        if self.is_filtered:
            return "utter_model_filtered"
        if self.is_refused:
            return "utter_model_refused"
        return "" if self.text.strip() else "utter_model_empty"
