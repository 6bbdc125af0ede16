"""A skill as others call it: with arguments that it knows, within its time, and no error but its own."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any

from contracts.reply import Reply
from contracts.turn import TurnNeed
from services.nlp.skills.base import Answer, Asked, Skill, SkillProblem, is_ready, reads_sentences

log = logging.getLogger(__name__)

MAX_CHARS = 500
"""A longer argument is cut."""


@dataclass(frozen=True)
class Guarded:
    """Whoever wrote it, a turn is answered in time."""

    skill: Skill
    timeout_s: float
    zone: tzinfo = UTC

    @property
    def name(self) -> str:
        return self.skill.name

    @property
    def description(self) -> str:
        return self.skill.description

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self.skill.parameters

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.skill.hosts

    @property
    def reads_sentences(self) -> bool:
        return reads_sentences(self.skill)

    @property
    def is_ready(self) -> bool:
        return is_ready(self.skill)

    async def run(self, asked: Asked) -> Answer | TurnNeed:
        """Raises SkillProblem, and nothing else."""
        try:
            async with asyncio.timeout(self.timeout_s):
                return _checked(await self.skill.run(self._known(asked)))
        except SkillProblem as problem:
            reason = getattr(problem, "reason", "")
            log.info("nlp.skill.declined", extra={"skill": self.name, "key": problem.key, "reason": reason})
            raise
        except TimeoutError:
            log.warning("nlp.skill.timed_out", extra={"skill": self.name, "seconds": self.timeout_s})
            raise SkillProblem("skill_slow") from None
        except Exception as error:  # a bot's own code may raise anything; its message may quote a person
            place = f"{_last(error)}"
            extra = {"skill": self.name, "type": type(error).__name__, "place": place}
            log.error("nlp.skill.failed", extra=extra)
            raise SkillProblem("skill_failed") from None

    def _known(self, asked: Asked) -> Asked:
        """The arguments that the skill knows, at the time of day that people have."""
        names = self.parameters.get("properties", {})
        args = {
            name: _cut(value) for name, value in asked.args.items() if name in names and value is not None
        }
        return replace(asked, args=args, now=asked.now.astimezone(self.zone))


def _checked(answer: Any) -> Answer | TurnNeed:
    """What a skill answers; raises TypeError or ValueError for what no turn can be written with."""
    if isinstance(answer, TurnNeed):
        return answer
    if not isinstance(answer, Answer) or not isinstance(answer.reply, Reply):
        raise TypeError
    json.dumps([(str.strip(choice.title), dict(choice.args)) for choice in answer.choices])
    return answer


def _cut(value: Any) -> Any:
    return value[:MAX_CHARS] if isinstance(value, str) else value


def _last(error: BaseException) -> str:
    """Where it arose: file:line."""
    step = error.__traceback__
    while step and step.tb_next:
        step = step.tb_next
    return f"{step.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{step.tb_lineno}" if step else ""
