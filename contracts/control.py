"""Control Events: they act on a turn or on a message, and are never turns themselves."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.event import EVENT_VERSION, Fact


class StopRequested(Fact):
    """A person wants the running turn to end now. Turns of later Events are not meant."""

    kind: Literal["stop_requested"] = "stop_requested"
    target: str | None = None
    """The event_id of the only turn that is meant; None for whichever runs."""


class DeleteRequested(Fact):
    """A person wants one of the bot's messages gone."""

    kind: Literal["delete_requested"] = "delete_requested"
    message_id: str
    answered: str | None = None
    """The event_id whose answer it is, where the gateway knows; elsewhere the message's record tells."""


class FeedbackGiven(Fact):
    """A person rated one of the bot's messages."""

    kind: Literal["feedback_given"] = "feedback_given"
    message_id: str
    helpful: bool


class ChatOpened(Fact):
    """A person opened their chat with the bot and has said nothing yet."""

    v: Literal[1, 2] = 2
    kind: Literal["chat_opened"] = "chat_opened"


Control = Annotated[
    StopRequested | DeleteRequested | FeedbackGiven | ChatOpened,
    Field(discriminator="kind"),
]


class NewerControl(BaseModel):
    """What a reader knows of a control Event of a newer version; written again, it is what it was."""

    model_config = ConfigDict(frozen=True, extra="allow")

    v: int = Field(gt=EVENT_VERSION)
    event_id: str
    at: int
    kind: str


CONTROL: TypeAdapter[Control] = TypeAdapter(Control)
CONTROL_OR_NEWER: TypeAdapter[Control | NewerControl] = TypeAdapter(Control | NewerControl)
