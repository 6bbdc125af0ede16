"""What was said, as a model is shown it: whole turns, within a budget of tokens."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.nlp.actions.base import TrackerEvent
from services.nlp.engines.llm.parts import Message, Tool
from services.nlp.engines.llm.tokens import IMAGE_TOKENS, MESSAGE_TOKENS, estimate

THREAD_READ = "thread_read"
"""The tracker event with what was said in a thread before the bot joined it: {role, text}, oldest first."""


@dataclass
class Exchange:
    """What a person said and what was answered."""

    event_id: str
    at: float
    """When the person said it, in Unix seconds."""
    messages: list[Message] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """What showing it costs, estimated."""
        return tokens_of(self.messages)


def tokens_of(messages: Iterable[Message]) -> int:
    """What these messages cost, estimated."""
    return sum(
        estimate(message.text)
        + MESSAGE_TOKENS
        + IMAGE_TOKENS * bool(message.image)
        + sum(estimate(call.name + call.arguments) for call in message.calls)
        for message in messages
    )


def tokens_of_tools(tools: Iterable[Tool]) -> int:
    """What telling the model of these tools costs, estimated."""
    return sum(
        estimate(f"{tool.name} {tool.description} {json.dumps(tool.parameters, ensure_ascii=False)}")
        for tool in tools
    )


def exchanges(events: Iterable[TrackerEvent]) -> list[Exchange]:
    """The tracker's turns since the person had everything forgotten, oldest first; silent ones left out."""
    found: list[Exchange] = []
    for event in events:
        if event["event"] == "restart":
            found = []
        elif event["event"] == "user":
            found.append(Exchange(event.get("message_id") or "", event.get("timestamp", 0.0)))
            _add(found, "user", event)
        elif event["event"] == "bot" and found:
            _add(found, "assistant", event)
        elif event["event"] == THREAD_READ:
            before = found[-1].at if found else event.get("timestamp", 0.0)
            found[-1:-1] = _earlier(event["messages"], before)
    return [exchange for exchange in found if exchange.messages]


def newest(turns: list[Exchange], budget: int) -> list[Exchange]:
    """As many of the newest turns as the budget of tokens has room for; the very newest always."""
    start = len(turns)
    while start and (start == len(turns) or turns[start - 1].tokens <= budget):
        start -= 1
        budget -= turns[start].tokens
    return turns[start:]


def alternating(messages: Iterable[Message]) -> list[Message]:
    """What one side says in a row as one message: the templates of many models take no other order."""
    found: list[Message] = []
    for message in messages:
        if found and found[-1].role == message.role:
            message = replace(message, text=f"{found.pop().text}\n\n{message.text}")
        found.append(message)
    return found


def restarted_at(events: Iterable[TrackerEvent]) -> float:
    """When the person last had everything forgotten, in Unix seconds; 0 if never."""
    return max((e.get("timestamp", 0.0) for e in events if e["event"] == "restart"), default=0.0)


def _earlier(messages: list[dict[str, str]], before: float) -> list[Exchange]:
    """A thread's messages, each person's with the answers to it, as turns before the given time."""
    found: list[Exchange] = []
    for place, message in enumerate(messages):
        if message["role"] == "user" or not found:
            found.append(Exchange(f"{THREAD_READ}:{place}", before - (len(messages) - place) / 1000))
        _add(found, message["role"], message)
    return found


def _add(found: list[Exchange], role: str, event: Mapping[str, Any]) -> None:
    if text := event.get("text"):  # a photo or a picture alone has none
        found[-1].messages.append(Message("user" if role == "user" else "assistant", text))
