"""Makes the things that tests talk about, with only what matters spelled out."""

import itertools

from contracts.control import StopRequested
from contracts.event import MessageSent, Person, PhotoRef
from contracts.inbox import Arrival

_numbers = itertools.count(1)
NOON = 1_790_000_000_000
"""A time for Events, in Unix milliseconds."""
OPEN_QUESTION = "quarterly revenue forecasts exceeded expectations"
"""No rule of the demo bot is about this."""


def message(
    text: str = "hello",
    conversation_id: str = "web:c1",
    event_id: str | None = None,
    at: int = NOON,
    photo: PhotoRef | None = None,
    locale: str | None = None,
) -> MessageSent:
    """A person wrote something."""
    return MessageSent(
        event_id=event_id or f"{conversation_id}:m{next(_numbers)}",
        conversation_id=conversation_id,
        at=at,
        user=Person(id="p1", locale=locale),
        text=text,
        photo=photo,
    )


def stop(conversation_id: str = "web:c1", at: int = NOON + 1, target: str | None = None) -> StopRequested:
    """A person pressed stop."""
    return StopRequested(
        event_id=f"{conversation_id}:stop{next(_numbers)}",
        conversation_id=conversation_id,
        at=at,
        user=Person(id="p1"),
        target=target,
    )


def arrival(event: MessageSent | StopRequested, *claims: str) -> Arrival:
    """An Event on its way in; it claims its own id where no claims are named."""
    return Arrival(event=event, claims=claims or (event.event_id,))
