"""What the worker asks of a channel, and what a channel may ask of the worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from contracts.control import ChatOpened, DeleteRequested
from contracts.event import Event, Fact, PhotoRef
from contracts.reply import Reply
from contracts.turn import Capabilities

Outcome = Literal["finished", "stopped", "failed"]


@dataclass(frozen=True)
class Said:
    """One message of a thread."""

    role: Literal["user", "assistant"]
    text: str


class Delivery(Protocol):
    """The record of one turn's messages, fenced by the lease.

    Index is the reply's place in the turn. A reply that was split has several message ids.
    Every method raises LeaseLost when another worker has taken the conversation over.
    """

    @property
    def attempt(self) -> int:
        """1 for the first; more after a takeover or an error."""

    def sent(self, index: int) -> tuple[str, ...] | None:
        """The ids of the messages that show this reply already, in order; None when none is known."""

    def maybe_sent(self, index: int) -> bool:
        """Whether an earlier attempt died between a send and its record."""

    async def mark_sending(self, index: int) -> None:
        """Call before the first visible send of a reply."""

    async def mark_sent(self, index: int, message_ids: tuple[str, ...]) -> None:
        """Call after each send that made a new message, with all ids so far."""

    async def publish(self, entry: str, name: str = "", replaces: tuple[str, ...] = ()) -> str:
        """Web only: append to the conversation's stream, once for each name; gives the entry's id."""


class Sink(Protocol):
    """Where the replies of one turn go."""

    async def open(self) -> None:
        """Show that a turn has begun (typing), answer a pressed button. Never fails a turn.

        A first attempt that answers soon does without; every later one begins with it.
        """

    async def append(self, index: int, text: str) -> None:
        """More text of a reply. May be coalesced or dropped under a rate limit; never waits for one.

        Raises MessageVanished when a person has deleted the message meanwhile, MessageStopped when they have
        stopped it with the platform's own button.
        """

    async def finish(self, index: int, reply: Reply, picture: bytes | None = None) -> None:
        """Show the whole reply, exactly as often as the record allows. Waits for its rate limit.

        The picture is a JPEG of ours that goes with the reply's text, in place of the reply's own.
        """

    async def break_off(self, index: int, reply: Reply, mark: str) -> None:
        """Show a reply that comes to no end, as `finish` does; `mark` says why, in the person's language.

        A channel whose page shows the outcome in its own way leaves mark and buttons out. Text may be "".
        "" is no mark.
        """

    async def close(self, outcome: Outcome) -> None:
        """Nothing more comes."""

    def leave(self) -> None:
        """Do nothing more by itself, however the turn has ended; sends nothing and waits for nothing."""


class Channel(Protocol):
    """One platform, for all its accounts. Addresses follow from the event's conversation id."""

    capabilities: Capabilities
    sends_comparisons: bool
    """Whether a look-alike is sent as a picture of both faces; a page that draws it itself needs none."""

    def sink(self, event: Event, delivery: Delivery) -> Sink: ...

    async def fetch(self, event: Event, photo: PhotoRef) -> bytes:
        """The photo's bytes, into memory only. Raises PhotoGone or PhotoTooLarge."""

    async def delete(self, request: DeleteRequested) -> None:
        """Remove one of the bot's messages; one that is gone already is fine. Hardly waits for a rate
        limit: raises ChannelFailed, to be asked again."""

    async def replies(self, event: Event, limit: int) -> Sequence[Said]:
        """What was said in the Event's thread before it, oldest first, the newest `limit`; may be empty."""

    async def welcome(self, opened: ChatOpened) -> None:
        """Greet who has opened the chat and said nothing yet, where the platform has something for it."""

    async def locale(self, fact: Fact) -> str | None:
        """What who did this reads, as the platform knows it; None where that is not known. Never raises."""

    async def aclose(self) -> None: ...
