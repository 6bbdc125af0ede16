"""The engine: asks the model, streams its answer into the turn."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing

from contracts.reply import Reply
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import bot_uttered
from services.nlp.engines.base import Turn
from services.nlp.engines.llm.faults import ERRORS, fault_of
from services.nlp.engines.llm.heard import Heard
from services.nlp.engines.llm.parts import Ask, Message, ModelApi, Spent
from services.nlp.engines.llm.patience import Patience, patient
from services.nlp.engines.llm.tokens import MESSAGE_TOKENS, estimate

log = logging.getLogger(__name__)

DEFAULT_PROMPT = (
    "You are a helpful assistant in a chat. Answer briefly, in the person's language, in Markdown."
)
Account = Callable[[Turn, Spent], Awaitable[None]]
"""Told what each call cost, once: after its end, its failure, or when it was stopped."""


async def note_spent(turn: Turn, spent: Spent) -> None:
    """Write the cost into the log."""
    fields = {"model": spent.model, "is_estimated": spent.is_estimated}
    tokens = {"prompt_tokens": spent.prompt_tokens, "completion_tokens": spent.completion_tokens}
    log.info("nlp.tokens.spent", extra={**fields, **tokens})


class LlmEngine:
    """One model for all bots."""

    def __init__(
        self, api: ModelApi, patience: Patience, history_chars: int, account: Account = note_spent
    ) -> None:
        self._api = api
        self._patience = patience
        self._history_chars = history_chars
        self._account = account

    async def answer(self, turn: Turn) -> AsyncGenerator[str | Reply, None]:
        """The answer's words as they come, then the whole; raises a ModelFault."""
        heard = Heard()
        async with aclosing(self._heard(turn, self._ask(turn), heard)) as words:
            async for word in words:
                yield word
        said = heard.said(turn)
        turn.note(bot_uttered(said))
        yield Reply(text=said)

    async def _heard(self, turn: Turn, ask: Ask, heard: Heard) -> AsyncGenerator[str, None]:
        """The words of one call; however it ends, its cost is told."""
        try:
            async with aclosing(patient(lambda: self._api.stream(ask), self._patience)) as parts:
                async for part in parts:
                    heard.take(part)
                    if isinstance(part, str) and part:
                        yield part
        except ERRORS as error:
            raise fault_of(error) from error
        finally:
            await self._account(turn, heard.spent or self._estimated(ask, heard))

    def _estimated(self, ask: Ask, heard: Heard) -> Spent:
        asked = sum(estimate(message.text) + MESSAGE_TOKENS for message in ask.messages)
        return Spent(asked, estimate(heard.text), self._api.model, is_estimated=True)

    def _ask(self, turn: Turn) -> Ask:
        history = recent(turn.tracker.events, self._history_chars)
        prompt = Message("system", turn.bot.system_prompt or DEFAULT_PROMPT)
        said = (Message("user" if e["event"] == "user" else "assistant", e["text"]) for e in history)
        return Ask((prompt, *said))


def recent(events: Iterable[TrackerEvent], most_chars: int) -> list[TrackerEvent]:
    """What person and bot said, newest turns first to stay; whole turns only, the newest one always."""
    turns: list[list[TrackerEvent]] = []
    for event in events:
        if event["event"] == "user":
            turns.append([event])
        elif event["event"] == "bot" and turns:
            turns[-1].append(event)
    kept: list[list[TrackerEvent]] = []
    for turn in reversed(turns):
        most_chars -= sum(len(event["text"]) for event in turn)
        if kept and most_chars < 0:
            break
        kept.insert(0, turn)
    return [event for turn in kept for event in turn]
