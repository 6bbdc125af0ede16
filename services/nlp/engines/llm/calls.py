"""Calls of the model, each within the budgets of who asks."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace

from contracts.usage import Asker
from foundation import tracing
from services.nlp.engines.base import Turn
from services.nlp.engines.llm.heard import Heard
from services.nlp.engines.llm.history import tokens_of, tokens_of_tools
from services.nlp.engines.llm.parts import Ask, CallPart, ModelApi, Spent
from services.nlp.engines.llm.patience import Patience, patient
from services.nlp.usage.budget import Budget, Call
from services.nlp.usage.refusals import Refusal


@dataclass(frozen=True)
class Calls:
    """How the model is asked, how long it is waited for, and who pays."""

    patience: Patience
    budget: Budget

    async def open(self, turn: Turn, api: ModelApi, ask: Ask, purpose: str = "") -> Call | Refusal:
        """A call to be heard, or why there is none. The same turn's next try takes its place over."""
        event = turn.request.event
        call_id = f"{event.event_id}:{purpose}" if purpose else event.event_id
        tokens = tokens_of(ask.messages) + tokens_of_tools(ask.tools)
        return await self.budget.open(Asker.of(event), api.model, call_id, tokens)

    async def heard(
        self, call: Call, api: ModelApi, ask: Ask, heard: Heard, left_s: float | None = None
    ) -> AsyncGenerator[str, None]:
        """The answer's words as they come; however it ends, its cost is counted. Raises openai's errors.

        `left_s`: what earlier rounds have left of the whole answer's time.
        """
        patience = self.patience if left_s is None else replace(self.patience, whole_s=left_s)
        with tracing.span_beside("model", "client", model=api.model):
            async with call, aclosing(patient(lambda: api.stream(ask), patience)) as parts:
                async for part in parts:
                    heard.take(part)
                    if isinstance(part, str):
                        if part:
                            call.hear(part)
                            yield part
                    elif isinstance(part, Spent):
                        call.tell(part.prompt_tokens, part.completion_tokens)
                    elif isinstance(part, CallPart):
                        call.hear(part.name + part.arguments)
