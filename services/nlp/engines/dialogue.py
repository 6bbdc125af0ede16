"""The dialogue engine: rules decide, responses speak."""

from collections.abc import AsyncGenerator

from contracts.reply import Reply
from services.nlp.dialogue.responses import respond
from services.nlp.dialogue.rules import LISTEN, next_action
from services.nlp.dialogue.tracker import action_executed, session_started
from services.nlp.engines.base import Turn

MAX_PREDICTIONS = 10
"""As many actions has a turn at most; Rasa's circuit breaker."""


class DialogueEngine:
    """Runs actions until the rules say listen; declines what no rule is about."""

    async def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        for _ in range(MAX_PREDICTIONS):
            action = next_action(turn.bot, turn.tracker)
            if action is None or action == LISTEN:
                return
            reply = self._run(action, turn)
            turn.note(action_executed(action))
            if reply:
                yield reply

    def _run(self, action: str, turn: Turn) -> Reply | None:
        if action in ("action_restart", "action_session_start"):
            turn.note(session_started())
            action = "utter_restart" if action == "action_restart" else "utter_session_start"
        if action == "action_default_fallback":
            action = "utter_default"
        return respond(turn.bot, action, turn.tracker.slots, turn.channel, turn.chance)
