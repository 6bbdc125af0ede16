"""The name of a conversation: the unit of order and of state."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict

Channel = Literal["telegram", "slack", "web"]


class Conversation(BaseModel):
    """One dialogue with one chat or thread on one channel, written as one string.

    telegram:{account}:{chat}[:{topic}]   account is the bot's name in our settings, never a token
    slack:{team}:{channel}[:{thread_ts}]  no thread at a direct message's top level
    web:{uuid}
    """

    model_config = ConfigDict(frozen=True)

    channel: Channel
    account: str = ""
    """The bot's name (Telegram), the team (Slack); empty on the web."""
    chat: str
    """The chat, the channel or the web conversation's uuid."""
    thread: str | None = None
    """The forum topic (Telegram) or the thread's first ts (Slack)."""

    def __str__(self) -> str:
        account = () if self.channel == "web" else (self.account,)
        thread = () if self.thread is None else (self.thread,)
        return ":".join((self.channel, *account, self.chat, *thread))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the string form back; raises ValueError when it is none."""
        channel, *rest = text.split(":")
        if channel == "web" and len(rest) == 1:
            return cls(channel="web", chat=rest[0])
        if channel in ("telegram", "slack") and len(rest) in (2, 3):
            thread = rest[2] if len(rest) == 3 else None
            return cls.model_validate(
                {"channel": channel, "account": rest[0], "chat": rest[1], "thread": thread}
            )
        raise ValueError("not a conversation id")
