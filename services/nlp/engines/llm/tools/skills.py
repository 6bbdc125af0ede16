"""The bot's skills as tools."""

import json
from collections.abc import Callable as Function
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.turn import TurnNeed
from services.nlp.engines.base import Turn
from services.nlp.engines.llm.parts import Tool
from services.nlp.engines.llm.tools.base import Calling, Outcome
from services.nlp.skills.base import Answer, Asked, Skill, SkillProblem, is_ready
from services.nlp.skills.calling import shown, worded

LISTED = "The person is shown these choices, numbered, below your answer: do not list them again."
SkillsOf = Function[[Turn], Mapping[str, Skill]]
"""The skills that a turn's bot has on, by name."""


@dataclass(frozen=True)
class SkillTools:
    """Offers every skill that is on."""

    skills_of: SkillsOf

    def tools(self, turn: Turn) -> list["SkillTool"]:
        """One tool a skill that can work, of its name."""
        return [SkillTool(skill) for skill in self.skills_of(turn).values() if is_ready(skill)]


@dataclass(frozen=True)
class SkillTool:
    """One skill."""

    skill: Skill

    @property
    def tool(self) -> Tool:
        """As the skill describes itself."""
        return Tool(self.skill.name, self.skill.description, self.skill.parameters)

    async def call(self, calling: Calling) -> Outcome:
        """What the skill found; what it needs is asked of the worker under the call's own id."""
        reads = calling.turn.language
        event, prefix = calling.turn.request.event, f"{calling.call_id}/"
        results = {
            call_id.removeprefix(prefix): result
            for call_id, result in calling.turn.request.results.items()
            if call_id.startswith(prefix)
        }
        now = datetime.fromtimestamp(event.at / 1000, UTC)
        try:
            answer = await self.skill.run(Asked(calling.args, reads, now, results))
        except SkillProblem as problem:
            return Outcome(json.dumps({"error": worded(problem, reads)}, ensure_ascii=False), problem.key)
        if isinstance(answer, TurnNeed):
            return Outcome(need=answer.model_copy(update={"call_id": prefix + answer.call_id}))
        told = json.dumps(_told(answer), ensure_ascii=False)
        if not answer.choices:
            return Outcome(told, shown=answer.reply)
        listed, events = shown(self.skill.name, answer, reads)
        return Outcome(told, listed=listed, events=tuple(events))


def _told(answer: Answer) -> dict[str, Any]:
    told = dict(answer.facts) or {"text": answer.reply.text}
    if not answer.choices:
        return told
    return told | {"choices": [choice.title for choice in answer.choices], "note": LISTED}
