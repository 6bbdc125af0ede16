"""The engine: leaves a message to OLAMI, and says what it answers."""

import hashlib
import hmac
import logging
from collections.abc import AsyncGenerator

from contracts.event import ButtonPressed, MessageSent
from contracts.reply import Reply
from contracts.turn import TurnNeed
from services.nlp.dialogue.events import bot_uttered
from services.nlp.engines.base import Turn
from services.nlp.engines.olami.answers import NOT_UNDERSTOOD, reply_of
from services.nlp.engines.olami.client import Olami, OlamiProblem
from services.nlp.skills.selection import closed

log = logging.getLogger(__name__)


class OlamiEngine:
    """Declines what OLAMI cannot answer, where another engine may."""

    def __init__(self, client: Olami, customer_key: str, others: frozenset[str]) -> None:
        """`customer_key` hides the ids of chats from OLAMI; `others` are the engines that are on besides."""
        self._client = client
        self._key = customer_key.encode()
        self._others = others

    def need_of(self, turn: Turn) -> TurnNeed | None:
        return None

    async def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        """OLAMI's answer, whole: it does not stream."""
        text = _spoken(turn)
        if not text or turn.tracker.loop:  # what a form has asked for is its own
            return
        try:
            nli = await self._client.ask(text, self._customer(turn))
        except OlamiProblem as problem:
            log.warning("nlp.olami.failed", extra={"code": problem.code})
            return
        if nli.get("type") == NOT_UNDERSTOOD and not self._others.isdisjoint(turn.behind("olami")):
            return
        reply = reply_of(nli, turn.language)
        if reply:
            if reply.buttons:  # its list is the open one now
                turn.note(*closed(turn.tracker.slots))
            turn.note(bot_uttered(reply.text))
            yield reply

    def _customer(self, turn: Turn) -> str:
        conversation = turn.request.event.conversation_id.encode()
        return hmac.new(self._key, conversation, hashlib.sha256).hexdigest()[:32]


def _spoken(turn: Turn) -> str:
    event = turn.request.event
    if isinstance(event, ButtonPressed):  # an intent of the bot's own means nothing to OLAMI
        return "" if event.payload.startswith("/") else event.payload
    return event.text.strip() if isinstance(event, MessageSent) else ""
