"""What an engine is asked, and what it may say."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from random import Random
from typing import Protocol

from contracts.conversation import Conversation
from contracts.reply import Reply
from contracts.turn import TurnNeed, TurnRequest
from foundation.words import Language
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.stage import Stage
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import Bot
from services.nlp.live import LiveBot
from services.nlp.nlu.parse import Parse
from services.nlp.pauses import Begun
from services.nlp.skills.language import language_for
from services.nlp.skills.wishes import Wish


@dataclass
class Turn:
    """One Event's turn while engines work on it."""

    request: TurnRequest
    live: LiveBot
    stage: Stage
    parse: Parse
    wish: Wish | None = None
    """What the message asks of a skill directly."""
    begun: Begun | None = None
    """What was done and is not to be done again, however often the turn is posted; None at first."""
    heard_at: int = 0
    """The place among the tracker's events from which on they are this turn's."""
    is_answered: bool = False
    """Set by an engine that has taken the turn, even where it says nothing."""

    @property
    def bot(self) -> Bot:
        """What the bot's files say."""
        return self.live.bot

    @property
    def tracker(self) -> Tracker:
        """The conversation so far."""
        return self.stage.tracker

    @property
    def chance(self) -> Random:
        """What chooses between variations."""
        return self.stage.chance

    @property
    def channel(self) -> str:
        """Where the conversation happens."""
        return Conversation.parse(self.request.event.conversation_id).channel

    @property
    def language(self) -> Language:
        """What the person reads, by what they write, else by their locale, else the bot's own language."""
        heard = (
            str(event.get("text") or "")
            for event in reversed(self.tracker.events)
            if event["event"] == "user"
        )
        return language_for(self.parse.text, heard, self.request.event.user.locale, self.bot.language)

    def behind(self, engine: str) -> tuple[str, ...]:
        """The engines that are asked after this one, where it declines."""
        names = self.bot.engines
        return names[names.index(engine) + 1 :] if engine in names else ()

    def keep(self, replies: list[Reply]) -> None:
        """An action that answers is done, and has said this: it is not to be done again."""
        if self.begun:
            done = self.tracker.events[self.heard_at :]
            self.begun = Begun(done, [*self.begun.replies, *replies], is_answering=True)

    def note(self, *events: TrackerEvent) -> None:
        """Write into the tracker; nothing is kept if the turn fails."""
        self.tracker.update(*events)


class Engine(Protocol):
    """Answers a turn, or declines by yielding nothing. What it says it notes in the tracker itself."""

    def need_of(self, turn: Turn) -> TurnNeed | None:
        """What only the worker can do, and has to be done before anything is answered."""
        ...

    def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        """Texts are parts of the reply that comes next; a Reply is whole and replaces its parts.

        Raises NeedsFirst where the worker has to do something; it is asked again with the result of that.
        """
        ...
