"""One turn between worker and nlp: the request, and the items of the stream that answers it.

The stream of `POST /turns` is server-sent events; each event's data is one TurnItem.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from contracts.conversation import Conversation
from contracts.event import Event
from contracts.problem import Problem
from contracts.reply import Reply

MAX_ROUNDS = 4
"""How often a worker may post one turn, the first time included."""

NeedKind = Literal["face.identify", "photo", "slack.replies"]
"""What nlp may ask a worker to do. face.identify: args gallery, limit; result an Identification.
photo: result data_url, the Event's photo in base64, which is kept nowhere.
Both take args photo, a PhotoRef, where the Event itself has none: an earlier message's is looked at again.
slack.replies: args limit; result messages, a list of {role: "user" | "assistant", text}, oldest first: what
was said in the Event's thread before the Event."""
PHOTO_VIEW_BYTES = 5_000_000
"""A larger photo is not shown to a language model."""


class Capabilities(BaseModel):
    """What the channel can show."""

    model_config = ConfigDict(frozen=True)

    buttons: bool = True
    images: bool = True
    streaming: bool = True


class CallResult(BaseModel):
    """What came of a `need`: its value, or the problem that stood in its way."""

    model_config = ConfigDict(frozen=True)

    value: dict[str, Any] | None = None
    problem: Problem | None = None


class TurnRequest(BaseModel):
    """Run the turn of one Event. Idempotent by event_id: a repeated one replays its replies."""

    model_config = ConfigDict(frozen=True)

    v: Literal[1, 2] = 1
    """2 where `shown` is said: an nlp that does not know it must not run the turn."""
    event: Event
    capabilities: Capabilities = Capabilities()
    lease: str | None = None
    """The lease token that the tracker's commit is fenced with; None for callers without a lease."""
    results: dict[str, CallResult] = {}
    """By call_id: what earlier rounds asked for."""
    shown: tuple[str, ...] | None = None
    """The person has stopped the turn when this much of its replies was shown. Nothing is run: the
    message and these texts are committed as the turn, so that the conversation knows of them."""

    @field_validator("event")
    @classmethod
    def _of_a_conversation(cls, event: Event) -> Event:
        Conversation.parse(event.conversation_id)
        return event


class AnswerDeleted(BaseModel):
    """`POST /deletions`: a person has deleted what the bot answered to an Event, all of it or a message."""

    model_config = ConfigDict(frozen=True)

    v: Literal[1] = 1
    conversation_id: str
    event_id: str
    """As in the turn's request: of what failed and was asked again, the Event that failed."""


class TurnReply(BaseModel):
    """A whole reply, final; where deltas with its index came before, it replaces them."""

    model_config = ConfigDict(frozen=True)

    type: Literal["reply"] = "reply"
    index: int
    reply: Reply


class TurnDelta(BaseModel):
    """More text of the reply with this index."""

    model_config = ConfigDict(frozen=True)

    type: Literal["delta"] = "delta"
    index: int
    text: str


class TurnNeed(BaseModel):
    """Ends a stream: do this, then post the turn again with its result under call_id."""

    model_config = ConfigDict(frozen=True)

    type: Literal["need"] = "need"
    call_id: str
    kind: NeedKind
    args: dict[str, Any] = {}


class TurnDone(BaseModel):
    """Ends a stream: all replies are out and the tracker is committed."""

    model_config = ConfigDict(frozen=True)

    type: Literal["done"] = "done"


class TurnProblem(BaseModel):
    """Ends a stream: the turn failed and nothing was committed."""

    model_config = ConfigDict(frozen=True)

    type: Literal["problem"] = "problem"
    problem: Problem


TurnItem = Annotated[
    TurnReply | TurnDelta | TurnNeed | TurnDone | TurnProblem,
    Field(discriminator="type"),
]
TURN_ITEM: TypeAdapter[TurnItem] = TypeAdapter(TurnItem)
