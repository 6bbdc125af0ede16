"""The dialogue engine: rules and stories decide, responses and actions speak."""

from collections.abc import AsyncGenerator

from contracts.reply import Reply
from contracts.turn import TurnNeed
from foundation.allowing import AllowList
from services.nlp.dialogue.conversing import answer
from services.nlp.dialogue.deciding import Choice
from services.nlp.engines.base import Turn


class DialogueEngine:
    """Declines what no policy is sure about, where another engine may answer it."""

    def __init__(self, model_for: AllowList | None = None) -> None:
        """`model_for`: who may use the language model that turns are left to; None: there is none."""
        self._model_for = model_for

    def need_of(self, turn: Turn) -> TurnNeed | None:
        return None

    async def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        first = turn.live.model.dialogue.choose(turn.tracker)
        has_begun = turn.begun is not None and turn.begun.is_answering
        if not has_begun and self._declines(turn, first):
            return
        turn.is_answered = True
        async for reply in answer(turn.stage, turn.live.model.dialogue, first, turn.keep):
            yield reply

    def _declines(self, turn: Turn, first: Choice) -> bool:
        is_unsure = first.is_fallback and turn.bot.engines[-1] != "dialogue"
        return is_unsure or self._leaves_to_model(turn, first)

    def _leaves_to_model(self, turn: Turn, first: Choice) -> bool:
        """Whether this is less sure than the bot wants it before it answers itself; a form is never left."""
        if turn.behind("dialogue")[:1] != ("llm",) or turn.tracker.loop:
            return False
        if self._model_for is None or not self._model_for.allows(turn.request.event):
            return False
        return min(turn.parse.confidence, first.confidence) < turn.bot.model_below
