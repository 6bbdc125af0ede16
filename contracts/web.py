"""Entries of a web conversation's stream: what the page reads as server-sent events.

An entry is one Redis stream entry with the single field `entry`, a WebEntry as JSON; the stream's
id is the event's id, so a page that lost its connection resumes with Last-Event-ID.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.reply import Reply

ENTRY_FIELD = "entry"
STREAM_MAXLEN = 1000
STREAM_TTL_S = 90 * 24 * 3600


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True)

    v: Literal[1] = 1
    event_id: str
    """The Event whose turn this belongs to."""


class PersonSaid(_Entry):
    """The person's own line, written by the gateway."""

    type: Literal["said"] = "said"
    text: str
    has_photo: bool = False
    at: int
    """Unix milliseconds."""


class BotTyping(_Entry):
    """A turn has begun."""

    type: Literal["typing"] = "typing"


class BotDelta(_Entry):
    """More text of a reply. Those of an older attempt are void as soon as a newer one is seen."""

    type: Literal["delta"] = "delta"
    index: int
    attempt: int
    text: str


class BotReplied(_Entry):
    """A whole reply, which replaces its deltas; at most one for each (event_id, index)."""

    type: Literal["reply"] = "reply"
    index: int
    reply: Reply
    at: int
    """Unix milliseconds."""


class TurnEnded(_Entry):
    """Nothing more comes for this Event."""

    type: Literal["done"] = "done"
    outcome: Literal["finished", "stopped", "failed"]


WebEntry = Annotated[
    PersonSaid | BotTyping | BotDelta | BotReplied | TurnEnded,
    Field(discriminator="type"),
]
WEB_ENTRY: TypeAdapter[WebEntry] = TypeAdapter(WebEntry)
