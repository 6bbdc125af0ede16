"""What a model is asked, and what its stream says, whichever API carries them."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Message:
    """One message of a request."""

    role: Role
    text: str
    image: str = field(default="", repr=False)
    """A data URL, of the user's message only."""


@dataclass(frozen=True)
class Ask:
    """One request."""

    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Refused:
    """The model itself declines; `text` is more of its reason."""

    text: str = ""


@dataclass(frozen=True)
class Filtered:
    """The server's content filter took the answer, or the rest of it."""


@dataclass(frozen=True)
class Spent:
    """What one call cost, in tokens."""

    prompt_tokens: int
    completion_tokens: int


Part = str | Refused | Filtered | Spent
"""A text is more of the answer; "" is a sign of life."""


class ModelApi(Protocol):
    """One way to speak to a model."""

    model: str

    def stream(self, ask: Ask) -> AsyncGenerator[Part, None]:
        """The answer's parts as they come; closing it closes the connection. Raises openai's errors."""
        ...
