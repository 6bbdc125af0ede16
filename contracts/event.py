"""Events: immutable facts about one conversation, named in the past tense."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

EVENT_VERSION: Literal[2] = 2
"""The newest that a reader knows; it takes older ones, too."""


class Person(BaseModel):
    """Who did it, as the channel knows them: an id, never a name."""

    model_config = ConfigDict(frozen=True)

    id: str
    locale: str | None = None
    """BCP 47, as the channel reports it ("zh-Hant-TW"); None where it does not."""


class PhotoRef(BaseModel):
    """Where the worker finds a photo's bytes. The bytes themselves never travel in an Event."""

    model_config = ConfigDict(frozen=True)

    source: Literal["telegram", "slack", "upload"]
    id: str
    """Telegram's file_id, Slack's file id, or the id of the ciphertext in `photo:{id}`."""


class Fact(BaseModel):
    """What every Event answers: which one, where, when, who."""

    model_config = ConfigDict(frozen=True)

    v: Literal[1, 2] = 1
    """The version that first had this kind: older workers leave newer kinds in the inbox."""
    event_id: str
    conversation_id: str
    at: int
    """When we accepted it, in Unix milliseconds."""
    user: Person
    trace: str | None = None
    """The W3C traceparent of its acceptance, where traces are made. Readers of before pass it over."""


class MessageSent(Fact):
    """A person wrote a text, sent a photo, or both."""

    kind: Literal["message_sent"] = "message_sent"
    text: str = ""
    photo: PhotoRef | None = None


class CommandGiven(Fact):
    """A person gave a command: /start, /help, a Slack slash command."""

    kind: Literal["command_given"] = "command_given"
    name: str
    """Without the slash, in lower case."""
    text: str = ""
    """What stood behind the command."""


class ButtonPressed(Fact):
    """A person pressed a button that a reply offered."""

    kind: Literal["button_pressed"] = "button_pressed"
    payload: str
    title: str = ""
    callback_id: str | None = None
    """Telegram's callback query, which wants an answer of its own."""


class RegenerationRequested(Fact):
    """A person wants another answer to an earlier Event; what came after that Event is forgotten."""

    v: Literal[1, 2] = 2
    kind: Literal["regeneration_requested"] = "regeneration_requested"
    target: str
    """The event_id whose answer is wanted anew."""
    callback_id: str | None = None
    """Telegram's callback query, where a button asked for it."""


class ContinuationRequested(Fact):
    """A person wants the newest answer to go on where it broke off."""

    v: Literal[1, 2] = 2
    kind: Literal["continuation_requested"] = "continuation_requested"
    target: str
    """The event_id whose answer broke off."""
    callback_id: str | None = None
    """Telegram's callback query, where a button asked for it."""


class MessageEdited(Fact):
    """A person rewrote an earlier message: the conversation goes on from there, on a branch of its own."""

    v: Literal[1, 2] = 2
    kind: Literal["message_edited"] = "message_edited"
    target: str
    """The event_id of the message as it was."""
    text: str


class ConversationOverflowed(Fact):
    """The inbox was full and messages are dropped from here on; written once for each overflow."""

    kind: Literal["conversation_overflowed"] = "conversation_overflowed"


Event = Annotated[
    MessageSent
    | CommandGiven
    | ButtonPressed
    | RegenerationRequested
    | ContinuationRequested
    | MessageEdited
    | ConversationOverflowed,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
