"""Entries of a web conversation's stream: what the page reads as server-sent events.

An entry is one Redis stream entry with the single field `entry`, a WebEntry as JSON; the stream's
id is the event's id, so a page that lost its connection resumes with Last-Event-ID.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.reply import Reply

ENTRY_FIELD = "entry"
STREAM_MAXLEN = 1000
"""So many entries that last are kept."""
PASSING_MAXLEN = 10_000
"""So many deltas and typing signs may stand besides, until their turn's replies take their place."""
STREAM_TTL_S = 90 * 24 * 3600
APOLOGY_INDEX = 1000
"""A reply with this index is the apology for a turn that failed."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True)

    v: Literal[1, 2] = 1
    """The version that first had this kind."""
    event_id: str
    """The Event whose turn this belongs to."""


class PersonSaid(_Entry):
    """The person's own line, written by the gateway."""

    type: Literal["said"] = "said"
    text: str
    has_photo: bool = False
    at: int
    """Unix milliseconds."""
    replaces: str | None = None
    """An edit: the event_id of the person's line that this one takes the place of. That line and
    whatever came after it are on another branch from here on, and out of sight."""


class AnswerAsked(_Entry):
    """The person wants another answer, or more of one; written by the gateway under the new Event's id.

    The new answer's entries carry that id too. Another answer puts out of sight whatever came after
    the target; more of one hides nothing.
    """

    v: Literal[1, 2] = 2
    type: Literal["asked"] = "asked"
    how: Literal["regenerate", "continue"]
    target: str
    """As in RegenerationRequested and ContinuationRequested."""
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
    """Replies that came before stand, in part or whole; readers mark them as stopped or failed."""
    cut_off: bool = False
    """The model reached its limit in mid-answer: the person may ask it to continue."""


class MessageDeleted(_Entry):
    """One of the bot's replies is gone for good; its own entry is deleted from the stream. Written by
    the worker, once for each DeleteRequested whose message_id is a reply's entry id."""

    v: Literal[1, 2] = 2
    type: Literal["deleted"] = "deleted"
    index: int
    """The reply's, in the turn of event_id."""


class ReplyRated(_Entry):
    """The person found a reply helpful or not; the newest verdict counts. Written by the gateway."""

    v: Literal[1, 2] = 2
    type: Literal["rated"] = "rated"
    index: int
    """The reply's, in the turn of event_id."""
    helpful: bool


WebEntry = Annotated[
    PersonSaid | AnswerAsked | BotTyping | BotDelta | BotReplied | TurnEnded | MessageDeleted | ReplyRated,
    Field(discriminator="type"),
]
WEB_ENTRY: TypeAdapter[WebEntry] = TypeAdapter(WebEntry)
