"""What is read of Telegram's Updates, and no more: names as in the Bot API, other fields are left out."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class User(_Part):
    """A person or a bot."""

    id: int
    is_bot: bool = False
    username: str | None = None
    language_code: str | None = None


class Chat(_Part):
    """A private chat, a group or a channel."""

    id: int
    type: str


class Entity(_Part):
    """A marked stretch of the text; offset and length count UTF-16 units."""

    type: str
    offset: int
    length: int


class PhotoSize(_Part):
    """One size of a photo, in pixels."""

    file_id: str
    width: int
    height: int


class Document(_Part):
    """A file."""

    file_id: str
    mime_type: str | None = None


class Button(_Part):
    """A button under a message of ours."""

    text: str = ""
    callback_data: str | None = None


class Markup(_Part):
    """The buttons under a message of ours."""

    inline_keyboard: tuple[tuple[Button, ...], ...] = ()


class Message(_Part):
    """A message; of one that is too old only the chat and the id are left."""

    message_id: int
    chat: Chat
    from_user: User | None = Field(None, alias="from")
    sender_chat: Chat | None = None
    """The group or channel as which somebody speaks."""
    text: str | None = None
    caption: str | None = None
    entities: tuple[Entity, ...] | None = None
    photo: tuple[PhotoSize, ...] | None = None
    document: Document | None = None
    reply_markup: Markup | None = None
    reply_to_message: "Message | None" = None
    message_thread_id: int | None = None
    is_topic_message: bool | None = None
    is_automatic_forward: bool | None = None
    via_bot: dict[str, Any] | None = None
    forward_origin: dict[str, Any] | None = None
    forum_topic_created: dict[str, Any] | None = None


class CallbackQuery(_Part):
    """A pressed button."""

    id: str
    from_user: User = Field(alias="from")
    message: Message | None = None
    data: str | None = None


class StoppedChat(_Part):
    """The chat of a draft: a private one."""

    id: int


class StoppedGeneration(_Part):
    """The pressed stop button of a draft."""

    chat: StoppedChat
    message_thread_id: int | None = None


class Update(_Part):
    """One delivery; at most one of the optional fields is there."""

    update_id: int
    message: Message | None = None
    callback_query: CallbackQuery | None = None
    stopped_message_generation: StoppedGeneration | None = None
