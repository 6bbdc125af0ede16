"""`switchboard.yml`: several bots and workspaces, each with its own token."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.conversation import Channel

DEFAULT_ACCOUNT = "default"
"""The name of the one account that the single variables of `.env` describe."""

GroupMode = Literal["mention", "always", "never"]
"""When a group is answered: where the bot is mentioned or replied to, at every message, or not at all."""


class AccountEntry(BaseModel):
    """One bot on one platform. Tokens are named, never written here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: Channel
    name: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    """Telegram: our name for the bot, part of its webhook's path. Slack: the team's id. Web: "web".
    It is a part of ids, whose parts stand between colons, and of headers."""
    token: str | None = None
    """The variable that holds the platform's token (or, with _FILE behind it, its file's path)."""
    secret: str | None = None
    """The variable that holds Telegram's webhook secret or Slack's signing secret."""
    bot: str | None = None
    """The folder of the bot that answers; None: the default bot."""
    chats: dict[str, str] = {}
    """Chat or channel id -> the folder of the bot that answers there instead."""
    groups: dict[str, GroupMode] = {}
    """Group or channel id, "id:topic", or "*" for every other group -> when the bot answers there."""


class AccountFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: tuple[AccountEntry, ...] = ()
