"""Workspaces that installed the Slack app by themselves: the gateway writes them, worker and gateway read."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

INSTALLS = "installs:slack"
"""A hash: team id -> a sealed SlackInstall (foundation/installs.py)."""

LOOK_EVERY_S = 0.5
"""A worker takes over what is new within this time; a person is told of an install when it is over."""


class SlackInstall(BaseModel):
    """What `oauth.v2.access` gave us for one workspace. Never stored but sealed."""

    model_config = ConfigDict(frozen=True)

    v: Literal[1] = 1
    token: str = Field(repr=False)
    """The bot's token, xoxb-…"""
    at: int
    """When it was installed, in Unix seconds: an uninstall event of before then is an old one."""
