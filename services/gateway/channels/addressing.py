"""Whether a message in a group is for the bot: one rule for every channel."""

from collections.abc import Mapping

from contracts.account import GroupMode

EVERY_GROUP = "*"
"""Stands for all groups that are not named themselves."""


def mode_of(groups: Mapping[str, GroupMode], chat: str, thread: str | None = None) -> GroupMode:
    """What the settings say of a topic or thread ("chat:thread"), else of its chat, else of every group."""
    for name in (f"{chat}:{thread}", chat, EVERY_GROUP):
        if name in groups:
            return groups[name]
    return "mention"


def is_answered(mode: GroupMode, *, is_addressed: bool) -> bool:
    """Whether a message in a group with this mode is answered; addressed: mentions or replies to the bot."""
    return mode == "always" or (mode == "mention" and is_addressed)
