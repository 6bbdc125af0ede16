"""A bot that answers: its model, its own code, and the servers that it brings along."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from contracts.turn import CallResult
from services.nlp.actions.base import ActionRunner
from services.nlp.actions.endpoint import Address
from services.nlp.actions.local import ActionsBroken, LocalActions
from services.nlp.actions.nlg import RemoteResponses
from services.nlp.actions.remote import RemoteActions
from services.nlp.dialogue.stage import ResponseSource, Stage
from services.nlp.dialogue.tracker import Tracker
from services.nlp.errors import BotInvalid
from services.nlp.formats.bot import Bot
from services.nlp.formats.writer.domain import domain_of
from services.nlp.skills.base import Skill
from services.nlp.skills.calling import Caller
from services.nlp.skills.registry import SkillsBroken, Workshop
from services.nlp.training.model import Model


@dataclass(frozen=True)
class LiveBot:
    """Everything that a turn needs of a bot."""

    model: Model
    runner: ActionRunner | None = None
    responses: ResponseSource | None = None
    skills: Mapping[str, Skill] = field(default_factory=dict)
    """Those that config.yml turns on, by name: for commands, actions and a model's tools."""
    domain: dict[str, Any] = field(default_factory=dict)
    """As action servers are shown it: the same object for every call."""

    @property
    def bot(self) -> Bot:
        """What its files say."""
        return self.model.bot

    def stage(
        self,
        tracker: Tracker,
        locale: str | None = None,
        results: Mapping[str, CallResult] | None = None,
    ) -> Stage:
        """Where the actions of one turn are performed; `results` is None where no worker can be asked."""
        caller = Caller(self.skills, self.bot.language, locale, results)
        return Stage(self.bot, tracker, self.domain, self.runner, self.responses, caller)


def bring_to_life(
    model: Model,
    folder: Path,
    http: httpx.AsyncClient,
    timeout_s: float,
    workshop: Workshop | None = None,
) -> LiveBot:
    """Load the bot's own code, make its skills, find the servers that it names; raises BotInvalid.

    Without a workshop it has no skills.
    """
    endpoints = model.bot.endpoints
    runner: ActionRunner | None = None
    if endpoint := endpoints.get("action_endpoint"):
        runner = RemoteActions(http, Address.of(endpoint.options))
    else:
        try:
            runner = LocalActions.load(folder, timeout_s)
        except ActionsBroken as error:
            raise BotInvalid(error.mistakes) from error
    nlg = endpoints.get("nlg")
    responses = RemoteResponses(http, Address.of(nlg.options)) if nlg else None
    try:
        skills = workshop.make(folder, model.bot.skills) if workshop else {}
    except SkillsBroken as error:
        raise BotInvalid(error.mistakes) from error
    return LiveBot(model, runner, responses, skills, domain_of(model.bot))
