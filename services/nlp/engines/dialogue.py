"""The dialogue engine: rules and stories decide, responses and actions speak."""

from collections.abc import AsyncGenerator

from contracts.reply import Reply
from contracts.turn import TurnNeed
from services.nlp.dialogue.conversing import answer
from services.nlp.dialogue.deciding import Choice
from services.nlp.engines.base import Turn


class DialogueEngine:
    """Declines what no policy is sure about, where another engine may answer it."""

    def __init__(self, has_model: bool = False) -> None:
        """`has_model`: there is a language model to leave turns to."""
        self._has_model = has_model

    def need_of(self, turn: Turn) -> TurnNeed | None:
        return None

    async def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        first = turn.live.model.dialogue.choose(turn.tracker)
        if first.is_fallback and turn.bot.engines[-1] != "dialogue":
            return
        if self._leaves_to_model(turn, first):
            return
        turn.is_answered = True
        async for reply in answer(turn.stage, turn.live.model.dialogue, first):
            yield reply

    def _leaves_to_model(self, turn: Turn, first: Choice) -> bool:
        """Whether this is less sure than the bot wants it before it answers itself; a form is never left."""
        if not self._has_model or turn.behind("dialogue")[:1] != ("llm",) or turn.tracker.loop:
            return False
        return min(turn.parse.confidence, first.confidence) < turn.bot.model_below
