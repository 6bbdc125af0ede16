"""The look-alike search as a tool: offered where the message has a photo."""

import json
from dataclasses import dataclass, replace
from typing import Any

from contracts.event import MessageSent
from contracts.face import Identification
from contracts.turn import CallResult
from services.nlp.engines.base import Turn
from services.nlp.engines.llm.parts import Tool
from services.nlp.engines.llm.tools.base import Calling, Outcome
from services.nlp.skills.look_alike import CALL, LookAlikes

LOOK_ALIKE = Tool(
    "look_alike",
    "Find out which enrolled person the face on the photo of this message resembles most. "
    "Use it when the person asks who is on the photo or whom they look like.",
    {"type": "object", "properties": {}},
)


@dataclass(frozen=True)
class PhotoTools:
    """Offers the look-alike search; it is the worker that asks the face room."""

    look_alikes: LookAlikes

    def tools(self, turn: Turn) -> list["PhotoTools"]:
        """Itself, for a message with a photo."""
        event = turn.request.event
        return [self] if isinstance(event, MessageSent) and event.photo else []

    @property
    def tool(self) -> Tool:
        """What the model is told."""
        return LOOK_ALIKE

    async def call(self, calling: Calling) -> Outcome:
        """Who it is and how alike, in facts; the person is shown the two faces."""
        result = calling.turn.request.results.get(calling.call_id)
        if result is None:
            need = self.look_alikes.need_of(calling.turn)
            return Outcome(need=need and need.model_copy(update={"call_id": calling.call_id}))
        reply = self.look_alikes.reply_to(_with_result(calling.turn, result))
        told = {"said_to_people": reply.text if reply else "", "matches": _matches(result)}
        problem = result.problem.code if result.problem else ""
        return Outcome(json.dumps(told, ensure_ascii=False), problem, shown=reply)


def _with_result(turn: Turn, result: CallResult) -> Turn:
    """The turn as if its photo had been looked for a likeness in the first place."""
    return replace(turn, request=turn.request.model_copy(update={"results": {CALL: result}}))


def _matches(result: CallResult) -> list[dict[str, Any]]:
    if result.value is None:
        return []
    return [
        {
            "name": match.identity.name,
            "role": match.identity.role,
            "percent": match.percent,
            "is_the_same_person": match.same_person,
        }
        for match in Identification.model_validate(result.value).matches
    ]
