"""Who may use something: a list of people, chats, workspaces and channels."""

from contracts.control import Control
from contracts.event import Event

EVERYBODY = "*"


class AllowList:
    """Entries, by commas or spaces: `*`, the beginning of a conversation's id, or `channel@person`.

    A beginning ends where a part ends: `web`, `slack:T024BE7LD`, `telegram:default:-100123`. A person is
    named by the id that the channel knows them by: `telegram@42`, `slack@U2147483697`.
    """

    def __init__(self, entries: str) -> None:
        self._entries = frozenset(entries.replace(",", " ").split())

    def __bool__(self) -> bool:
        """Whether anybody is on it."""
        return bool(self._entries)

    def allows(self, event: Event | Control) -> bool:
        """Whether the person who did this, or the place where they did it, is on the list."""
        return self.names(event.conversation_id, event.user.id)

    def names(self, conversation_id: str, person: str) -> bool:
        """Whether this person, by the channel's id, or this place is on the list."""
        if not self._entries or EVERYBODY in self._entries:
            return EVERYBODY in self._entries
        parts = conversation_id.split(":")
        beginnings = {":".join(parts[:length]) for length in range(1, len(parts) + 1)}
        return not self._entries.isdisjoint(beginnings | {f"{parts[0]}@{person}"})
