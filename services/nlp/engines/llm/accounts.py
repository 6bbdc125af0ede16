"""What calls cost, and who is told."""

import logging
from collections.abc import Awaitable, Callable

from services.nlp.engines.base import Turn
from services.nlp.engines.llm.heard import Heard
from services.nlp.engines.llm.history import tokens_of
from services.nlp.engines.llm.parts import Ask, Spent
from services.nlp.engines.llm.tokens import estimate

log = logging.getLogger(__name__)

Account = Callable[[Turn, Spent], Awaitable[None]]
"""Told what each call cost, once: after its end, its failure, or when it was stopped."""


async def note_spent(turn: Turn, spent: Spent) -> None:
    """Write the cost into the log."""
    fields = {"model": spent.model, "is_estimated": spent.is_estimated}
    tokens = {"prompt_tokens": spent.prompt_tokens, "completion_tokens": spent.completion_tokens}
    log.info("nlp.tokens.spent", extra={**fields, **tokens})


def spent_on(ask: Ask, heard: Heard, model: str) -> Spent:
    """What the server says that the call cost, else an estimate."""
    if heard.spent:
        return heard.spent
    return Spent(tokens_of(ask.messages), estimate(heard.text), model, is_estimated=True)
