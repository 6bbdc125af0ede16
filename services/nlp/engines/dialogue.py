"""The dialogue engine: rules and stories decide, responses and actions speak."""

from collections.abc import AsyncGenerator

from contracts.reply import Reply
from contracts.turn import TurnNeed
from services.nlp.dialogue.conversing import answer
from services.nlp.engines.base import Turn


class DialogueEngine:
    """Declines what no policy is sure about, where another engine may answer it."""

    def need_of(self, turn: Turn) -> TurnNeed | None:
        return None

    async def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        first = turn.live.model.dialogue.choose(turn.tracker)
        if first.is_fallback and turn.bot.engines[-1] != "dialogue":
            return
        turn.is_answered = True
        async for reply in answer(turn.stage, turn.live.model.dialogue, first):
            yield reply
