"""What a model is asked, and what its stream says, whichever API carries them."""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True)
class Tool:
    """What a model is told of a tool."""

    name: str
    """Letters, digits, _ and -, at most 64."""
    description: str
    parameters: Mapping[str, Any]
    """JSON Schema of its arguments, an object."""


@dataclass(frozen=True)
class ToolCall:
    """A model asks for a tool to be run."""

    id: str
    name: str
    arguments: str = field(repr=False)
    """JSON as the model wrote it: not checked yet."""

    @property
    def sent_back(self) -> str:
        """The arguments as a server takes them back: no arguments where they are no JSON object."""
        try:
            return self.arguments if isinstance(json.loads(self.arguments), dict) else "{}"
        except (ValueError, RecursionError):
            return "{}"


@dataclass(frozen=True)
class Message:
    """One message of a request."""

    role: Role
    text: str
    image: str = field(default="", repr=False)
    """A data URL, of the user's message only."""
    calls: tuple[ToolCall, ...] = ()
    """Of the assistant's message only."""
    call_id: str = ""
    """Of a tool's message only: the call that it answers."""


@dataclass(frozen=True)
class Ask:
    """One request."""

    messages: tuple[Message, ...]
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True)
class Refused:
    """The model itself declines; `text` is more of its reason."""

    text: str = ""


@dataclass(frozen=True)
class Filtered:
    """The server's content filter took the answer, or the rest of it."""


@dataclass(frozen=True)
class CutOff:
    """The model reached its limit in mid-answer."""


@dataclass(frozen=True)
class CallPart:
    """More of a tool call: its first part names the tool, later ones go on with its arguments."""

    place: int | None
    """Which of the answer's calls; some servers do not say."""
    id: str = ""
    name: str = ""
    arguments: str = field(default="", repr=False)


@dataclass(frozen=True)
class Spent:
    """What one call cost, in tokens."""

    prompt_tokens: int
    completion_tokens: int


Part = str | Refused | Filtered | CutOff | CallPart | Spent
"""A text is more of the answer; "" is a sign of life."""


class ModelApi(Protocol):
    """One way to speak to a model."""

    model: str

    def stream(self, ask: Ask) -> AsyncGenerator[Part, None]:
        """The answer's parts as they come; closing it closes the connection. Raises openai's errors."""
        ...
