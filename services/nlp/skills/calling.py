"""One turn's calls of skills: what they are asked with, and what becomes of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from contracts.reply import Reply
from contracts.turn import CallResult, TurnNeed
from foundation.words import Language, say
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import slot_set
from services.nlp.dialogue.stage import Outcome
from services.nlp.dialogue.tracker import Tracker
from services.nlp.skills.base import (
    Answer,
    ArgumentMissing,
    Asked,
    NeedsFirst,
    Skill,
    SkillProblem,
    reads_sentences,
)
from services.nlp.skills.help import help_on
from services.nlp.skills.language import language_for
from services.nlp.skills.names import QUESTION
from services.nlp.skills.names import SKILL_PREFIX as PREFIX
from services.nlp.skills.selection import closed, opened


@dataclass(frozen=True)
class Caller:
    """Calls the skills of a bot for one message of a person."""

    skills: Mapping[str, Skill] = field(default_factory=dict)
    bot_language: str = "en"
    locale: str | None = None
    results: Mapping[str, CallResult] | None = None
    """What the worker did already; None where there is no worker to ask."""

    def has(self, action: str) -> bool:
        """Whether the action is a skill's."""
        return action.removeprefix(PREFIX) in self.skills if action.startswith(PREFIX) else False

    async def act(self, action: str, tracker: Tracker) -> Outcome:
        """`skill_{name}` of a story or rule; its arguments are the entities and slots of their names.

        A skill that reads sentences has the message as its first, where that is not told.

        Raises NeedsFirst.
        """
        name = action.removeprefix(PREFIX)
        told = {entity["entity"]: entity["value"] for entity in reversed(tracker.entities)}
        wanted = self.skills[name].parameters["properties"]
        found = {key: told.get(key, tracker.slots.get(key)) for key in wanted}
        args = {key: value for key, value in found.items() if value is not None}
        first = next(iter(wanted), None)
        if first and first not in args and reads_sentences(self.skills[name]):
            args[first] = _said(tracker)
        return await self.call(name, args, tracker)

    async def call(
        self, name: str, args: Mapping[str, Any], tracker: Tracker, is_chosen: bool = False
    ) -> Outcome:
        """What the skill answers, or why it does not. A list stays open behind what was chosen from it.

        Raises NeedsFirst.
        """
        language = self.language(tracker)
        asked = Asked(args, language, datetime.now(UTC), self.results or {})
        try:
            answer = await self._answer(name, asked)
        except ArgumentMissing as missing:
            question = {"skill": name, "argument": missing.argument, "args": dict(args)}
            return Outcome([Reply(text=worded(missing, language))], [slot_set(QUESTION, question)])
        except SkillProblem as problem:
            return Outcome([Reply(text=worded(problem, language))])
        reply, events = shown(name, answer, language)
        if not answer.choices and not is_chosen:
            events = closed(tracker.slots)
        return Outcome([reply], events)

    def language(self, tracker: Tracker) -> Language:
        """What the person reads."""
        heard = [str(e.get("text") or "") for e in reversed(tracker.events) if e["event"] == "user"]
        return language_for(heard[0] if heard else "", heard[1:], self.locale, self.bot_language)

    def help(self, tracker: Tracker) -> str:
        """A line for each skill; "" where there are none."""
        return help_on(self.skills, self.language(tracker), tracker.channel) if self.skills else ""

    async def _answer(self, name: str, asked: Asked) -> Answer:
        answer = await self.skills[name].run(asked)
        if isinstance(answer, TurnNeed):
            if self.results is None or answer.call_id in self.results:
                raise SkillProblem("skill_unavailable")
            raise NeedsFirst(answer)
        return answer


def _said(tracker: Tracker) -> str:
    """The last message in the person's own words; "" for a button's payload."""
    text = next((str(e.get("text") or "") for e in reversed(tracker.events) if e["event"] == "user"), "")
    return "" if text.startswith("/") else text


def shown(name: str, answer: Answer, language: Language) -> tuple[Reply, list[TrackerEvent]]:
    """The reply with its list, numbered, and what keeps the list in the tracker."""
    if not answer.choices:
        return answer.reply, []
    selection = opened(name, answer.reply.text, answer.choices)
    reply = selection.reply(language)
    reply = answer.reply.model_copy(
        update={"text": reply.text, "buttons": (*reply.buttons, *answer.reply.buttons)}
    )
    return reply, selection.events()


def worded(problem: SkillProblem, language: Language) -> str:
    """The problem's sentence."""
    try:
        return say(problem.key, language, **problem.places)
    except KeyError:  # of a skill in a bot's own folder: the catalogue is not theirs to add to
        return say("skill_unavailable", language)
