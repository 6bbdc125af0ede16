"""Which persona answers, from the bot's prompts.yml, read anew when it changes."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from contracts.conversation import Conversation
from contracts.event import CommandGiven
from services.nlp.dialogue.events import slot_set
from services.nlp.engines.base import Turn
from services.nlp.engines.llm.words import say
from services.nlp.formats.prompts import Persona, Prompts, prompts_path, read_prompts
from services.nlp.formats.source import Source

log = logging.getLogger(__name__)

COMMAND = "persona"
SLOT = "llm_persona"
"""Holds the persona that was switched to in a conversation; it ends with the rest at /restart."""
NONE = Prompts({})


@dataclass(frozen=True)
class _Read:
    stamp: tuple[str, int, int]
    """The file's path, time of change in ns, and size."""
    prompts: Prompts


class Personas:
    """The personas of all bots."""

    def __init__(self, bots: Path) -> None:
        self._bots = bots
        self._read: dict[str, _Read] = {}

    async def of(self, bot: str) -> Prompts:
        """The bot's personas as the file has them now; while it is wrong, as it last had them."""
        return await asyncio.to_thread(self._fresh, bot)

    async def current(self, turn: Turn) -> Persona | None:
        """Who answers this turn; None where no persona is meant."""
        return _current(turn, await self.of(turn.bot.name))

    async def told(self, turn: Turn) -> str | None:
        """The answer to `/persona` and `/persona NAME`; None where the turn is something else."""
        event = turn.request.event
        if not isinstance(event, CommandGiven) or event.name != COMMAND:
            return None
        prompts = await self.of(turn.bot.name)
        if not prompts.personas:
            return say(turn, "persona_none")
        if not event.text.strip():
            return _listed(turn, prompts)
        return _switched(turn, prompts, event.text.strip())

    def _fresh(self, bot: str) -> Prompts:
        path = prompts_path(self._bots / bot)
        if path is None:
            self._read.pop(bot, None)
            return NONE
        facts = path.stat()
        stamp = (path.name, facts.st_mtime_ns, facts.st_size)
        before = self._read.get(bot)
        if before is None or before.stamp != stamp:
            last = before.prompts if before else NONE
            self._read[bot] = _Read(stamp, _load(path, bot) or last)
        return self._read[bot].prompts


def _load(path: Path, bot: str) -> Prompts | None:
    """The file's personas; None and a line in the log where it is wrong."""
    mistakes: list[str] = []
    prompts = read_prompts(Source(path, path.parent, mistakes))
    if mistakes:
        log.error("nlp.prompts.refused", extra={"bot": bot, "mistakes": mistakes})
        return None
    log.info("nlp.prompts.loaded", extra={"bot": bot, "personas": len(prompts.personas)})
    return prompts


def _current(turn: Turn, prompts: Prompts) -> Persona | None:
    chosen = str(turn.tracker.slots.get(SLOT) or "")
    by_rule = prompts.name_for(Conversation.parse(turn.request.event.conversation_id))
    return prompts.personas.get(chosen) or prompts.personas.get(by_rule)


def _listed(turn: Turn, prompts: Prompts) -> str:
    current = _current(turn, prompts)
    lines = [f"- **{name}**: {persona.title}" for name, persona in prompts.personas.items()]
    now = say(turn, "persona_current", persona=current.name) if current else ""
    return "\n\n".join(filter(None, (now, "\n".join(lines), say(turn, "persona_switch"))))


def _switched(turn: Turn, prompts: Prompts, wanted: str) -> str:
    name = next((name for name in prompts.personas if name.casefold() == wanted.casefold()), None)
    if name is None:
        return say(turn, "persona_unknown", personas=", ".join(prompts.personas))
    turn.note(slot_set(SLOT, name))
    return say(turn, "persona_switched", persona=name)
