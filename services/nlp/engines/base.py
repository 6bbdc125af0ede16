"""What an engine is asked, and what it may say."""

import random
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Protocol

from contracts.conversation import Conversation
from contracts.reply import Reply
from contracts.turn import TurnRequest
from services.nlp.dialogue.tracker import Tracker, TrackerEvent
from services.nlp.formats.bot import Bot
from services.nlp.nlu.parse import Parse


@dataclass
class Turn:
    """One Event's turn while engines work on it."""

    request: TurnRequest
    bot: Bot
    tracker: Tracker
    parse: Parse
    chance: random.Random = field(default_factory=random.Random)

    @property
    def channel(self) -> str:
        """Where the conversation happens."""
        return Conversation.parse(self.request.event.conversation_id).channel

    def note(self, *events: TrackerEvent) -> None:
        """Write into the tracker; nothing is kept if the turn fails or the engine declines."""
        self.tracker.update(*events)


class Engine(Protocol):
    """Answers a turn, or declines by yielding nothing."""

    def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        """Texts are parts of the reply that comes next; a Reply is whole and replaces its parts."""
        ...
