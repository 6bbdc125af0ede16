"""What a model's tokens cost."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict


class Price(BaseModel):
    """Of a million tokens, in whatever currency the table is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: float
    completion: float


def cost(prices: Mapping[str, Price], model: str, prompt: int, completion: int) -> float | None:
    """What the tokens cost; None for a model without a price."""
    price = prices.get(model)
    if price is None:
        return None
    return round((prompt * price.prompt + completion * price.completion) / 1_000_000, 6)
