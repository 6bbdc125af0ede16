"""The dialogue engine as tools: its forms begin, and a turn that its rules know is left to it."""

import json
import re
from dataclasses import dataclass

from services.nlp.engines.base import Turn
from services.nlp.engines.llm.parts import Tool
from services.nlp.engines.llm.tools.base import Calling, Leaving, Outcome

HAND_OVER = "hand_over"
START = "start_"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,58}")
MAX_INTENTS = 40
"""So many of a bot's intents are named to the model."""
_NOTHING = {"type": "object", "properties": {}}


class DialogueTools:
    """Offers forms where the dialogue engine is on, and the hand-over where it comes behind the model."""

    def tools(self, turn: Turn) -> list["DialogueTool"]:
        """None while a form runs: it is not to be left."""
        if "dialogue" not in turn.bot.engines or turn.tracker.loop:
            return []
        found = [_form(turn, name) for name in turn.bot.forms if _NAME.fullmatch(name)]
        return [*found, _hand_over(turn)] if "dialogue" in turn.behind("llm") else found


@dataclass(frozen=True)
class DialogueTool:
    """One way to leave the turn to the dialogue engine."""

    tool: Tool
    leaving: Leaving
    form: str = ""

    async def call(self, calling: Calling) -> Outcome:
        """Leave; refused where the dialogue engine has nothing to say, or the model has spoken already."""
        if self.leaving == "hand_over":
            if calling.has_begun:
                return _refused("already_begun", "You have begun to answer: go on yourself.")
            if calling.turn.live.model.dialogue.choose(calling.turn.tracker).is_fallback:
                return _refused("not_understood", "No rule of the bot is about this: answer it yourself.")
        return Outcome(told="{}", leaving=self.leaving, form=self.form)


def _form(turn: Turn, name: str) -> DialogueTool:
    asked = ", ".join(turn.bot.forms[name].required_slots)
    about = f", which asks the person for: {asked}" if asked else ""
    description = f"Begin the form {name}{about}. It asks its questions itself; say nothing with it."
    return DialogueTool(Tool(START + name, description, _NOTHING), "form", name)


def _hand_over(turn: Turn) -> DialogueTool:
    known = ", ".join(sorted(turn.bot.intents)[:MAX_INTENTS])
    description = (
        "Leave this message to the bot's own rules, without a word of yours. Use it when the message is "
        f"about something that they know: {known}."
    )
    return DialogueTool(Tool(HAND_OVER, description, _NOTHING), "hand_over")


def _refused(problem: str, why: str) -> Outcome:
    return Outcome(json.dumps({"error": why}), problem)
