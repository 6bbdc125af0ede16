"""What nlp counts. No label says who or where: only outcomes and names that the settings have."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from prometheus_client import Counter, Histogram

from contracts.turn import TurnItem

SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

TURN_SECONDS = Histogram(
    "switchboard_nlp_turn_seconds",
    "A posted turn, by how it ended: done, need, problem, or left by its caller",
    ["outcome"],
    buckets=SECONDS,
)
FIRST_SECONDS = Histogram(
    "switchboard_nlp_first_seconds", "From a posted turn to the first of its answer", buckets=SECONDS
)
MODEL_CALLS = Counter("switchboard_model_calls", "Calls of the language model that were heard", ["model"])
MODEL_TOKENS = Counter("switchboard_model_tokens", "Tokens, told or estimated", ["model", "kind"])
MODEL_COST = Counter(
    "switchboard_model_cost", "What the tokens cost, in the currency of NLP_PRICES", ["model"]
)

_ENDS = ("done", "need", "problem")


async def timed(items: AsyncGenerator[TurnItem, None]) -> AsyncGenerator[TurnItem, None]:
    """The stream of a turn, which is timed."""
    begun = time.perf_counter()
    outcome = ""
    async with aclosing(items):
        try:
            async for item in items:
                if not outcome and item.type not in _ENDS:
                    FIRST_SECONDS.observe(time.perf_counter() - begun)
                outcome = item.type
                yield item
        finally:
            ended = outcome if outcome in _ENDS else "left"
            TURN_SECONDS.labels(ended).observe(time.perf_counter() - begun)


def spent(model: str, calls: int, prompt: int, completion: int, cost: float | None) -> None:
    """One call of the model is settled."""
    MODEL_CALLS.labels(model).inc(calls)
    MODEL_TOKENS.labels(model, "prompt").inc(prompt)
    MODEL_TOKENS.labels(model, "completion").inc(completion)
    MODEL_COST.labels(model).inc(cost or 0)
