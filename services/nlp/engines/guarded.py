"""An engine that is open to some people only."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from contracts.reply import Reply
from contracts.turn import TurnNeed
from foundation.allowing import AllowList
from foundation.words import say
from services.nlp.dialogue.events import bot_uttered
from services.nlp.engines.base import Engine, Turn


class GuardedEngine:
    """Asks the engine for those who may use it; for others it declines, or tells why nobody answers."""

    def __init__(self, name: str, engine: Engine, allowed: AllowList) -> None:
        """`name` is the engine's in a bot's list."""
        self._name = name
        self._engine = engine
        self._allowed = allowed

    def need_of(self, turn: Turn) -> TurnNeed | None:
        return self._engine.need_of(turn) if self._is_open(turn) else None

    async def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        if self._is_open(turn):
            async with aclosing(self._engine.answer(turn)) as parts:
                async for part in parts:
                    yield part
        elif not turn.behind(self._name):
            told = say("model_closed", turn.language, person=_name_of(turn))
            turn.note(bot_uttered(told))
            yield Reply(text=told)

    def _is_open(self, turn: Turn) -> bool:
        return self._allowed.allows(turn.request.event)


def _name_of(turn: Turn) -> str:
    """As the list names this person; on the web, where people have no names, the channel."""
    return "web" if turn.channel == "web" else f"{turn.channel}@{turn.request.event.user.id}"
