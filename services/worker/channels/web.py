"""The web: replies go into the conversation's stream, which the gateway reads out to the page."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any
from weakref import WeakSet

from redis.asyncio import Redis

from contracts.control import ChatOpened, DeleteRequested
from contracts.event import Event, Fact, PhotoRef
from contracts.inbox import photo_key, script, web_key
from contracts.reply import Reply, act
from contracts.turn import Capabilities
from contracts.web import (
    ENTRY_FIELD,
    WEB_ENTRY,
    BotDelta,
    BotReplied,
    BotTyping,
    MessageDeleted,
    TurnEnded,
)
from foundation.pausing import pause
from foundation.sealing import Unsealable, unseal
from services.worker.channels.base import Delivery, Outcome, Said
from services.worker.errors import PhotoGone
from services.worker.metrics import updated

DELTA_EVERY_S = 0.08
"""Deltas that come faster share one entry; the first one goes at once."""
MOST_A_SECOND = 1000
"""Such entries of all turns together; where there are many turns, each one's come less often."""
LEFT_OVER_PAGE = 1000
"""So many entries are read at a time to find those that an attempt has left."""

LeftOver = Callable[[int], Awaitable[tuple[str, ...]]]
"""Finds the passing entries of the Event's attempts before this one."""


async def _nothing(_: int) -> tuple[str, ...]:
    return ()


class WebSink:
    """One turn's entries. Exact: each reply has a name in the turn's record, written with the entry."""

    def __init__(
        self,
        event: Event,
        delivery: Delivery,
        running: Collection["WebSink"] = (),
        left_over: LeftOver = _nothing,
    ) -> None:
        self._left_over = left_over
        self._event_id = event.event_id
        self._delivery = delivery
        self._running = running
        """The sinks of all turns that this process runs."""
        self._passing: list[str] = []
        self._waiting = ""
        self._index = 0
        self._flushing: asyncio.Task[None] | None = None
        self._next_at = 0.0
        """When more text may be shown, on the loop's clock."""
        self._is_superfluous = asyncio.Event()
        """Set while no text in the making is wanted: what comes next says it all."""
        self._cut_off = False
        self._is_clean = delivery.attempt == 1

    async def open(self) -> None:
        await self._publish_passing(BotTyping(event_id=self._event_id).model_dump_json())

    async def append(self, index: int, text: str) -> None:
        self._index = index
        self._waiting += text
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_soon())

    async def finish(self, index: int, reply: Reply, picture: bytes | None = None) -> None:
        await self._drop_waiting()
        if reply.cut_off:
            self._cut_off = True
            reply = _without_more(reply, self._event_id)
        entry = BotReplied(event_id=self._event_id, index=index, reply=reply, at=int(time.time() * 1000))
        await self._publish_last(entry.model_dump_json(), f"reply:{index}")

    async def break_off(self, index: int, reply: Reply, mark: str) -> None:
        """The page draws its own mark and buttons when it hears how the turn ended."""
        if reply.text:
            await self.finish(index, reply.model_copy(update={"buttons": ()}))

    async def close(self, outcome: Outcome) -> None:
        await self._drop_waiting()
        entry = TurnEnded(
            event_id=self._event_id, outcome=outcome, cut_off=self._cut_off and outcome == "finished"
        )
        await self._publish_last(entry.model_dump_json(), "done")

    def leave(self) -> None:
        if self._flushing:
            self._flushing.cancel()

    async def _flush_soon(self) -> None:
        clock = asyncio.get_running_loop().time
        wait_s = self._next_at - clock()
        if wait_s > 0:
            await pause(wait_s, until=self._is_superfluous)
        if self._is_superfluous.is_set():
            return
        self._next_at = clock() + max(DELTA_EVERY_S, len(self._running) / MOST_A_SECOND)
        text, self._waiting = self._waiting, ""
        entry = BotDelta(
            event_id=self._event_id, index=self._index, attempt=self._delivery.attempt, text=text
        )
        await self._publish_passing(entry.model_dump_json())
        updated("web", "sent").inc()

    async def _drop_waiting(self) -> None:
        """What is under way arrives before what is published next; what still waits is never shown."""
        if self._flushing:
            self._is_superfluous.set()
            await asyncio.wait({self._flushing})
            self._is_superfluous.clear()
        if self._waiting:
            updated("web", "dropped").inc()
        self._waiting = ""

    async def _publish_last(self, entry: str, name: str) -> None:
        """Publish what makes the passing entries, deltas and typing, superfluous."""
        left = await self._left()
        await self._delivery.publish(entry, name, (*left, *self._passing))
        self._passing.clear()

    async def _publish_passing(self, entry: str) -> None:
        left = await self._left()
        self._passing.append(await self._delivery.publish(entry, replaces=left))

    async def _left(self) -> tuple[str, ...]:
        """What earlier attempts have left of growing texts: it goes with whatever is published first."""
        if self._is_clean:
            return ()
        self._is_clean = True
        return await self._left_over(self._delivery.attempt)


def _without_more(reply: Reply, event_id: str) -> Reply:
    """The page has a button of its own that asks for the rest."""
    buttons = tuple(one for one in reply.buttons if one.payload != act("continue", event_id))
    return reply.model_copy(update={"buttons": buttons})


class WebChannel:
    """The page and everybody who speaks its API."""

    capabilities = Capabilities()
    sends_comparisons = False

    def __init__(self, redis: Redis, photo_secret: str) -> None:
        self._redis = redis
        """A client whose answers are bytes."""
        self._photo_secret = photo_secret
        self._withdraw = redis.register_script(script("withdraw"))
        self._running: WeakSet[WebSink] = WeakSet()

    def sink(self, event: Event, delivery: Delivery) -> WebSink:
        sink = WebSink(event, delivery, self._running, partial(self._left_over, event))
        self._running.add(sink)
        return sink

    async def _left_over(self, event: Event, attempt: int) -> tuple[str, ...]:
        """The ids of the Event's passing entries: none is older than the turn before it, or its own line."""
        key, end, found = web_key(event.conversation_id), "+", list[str]()
        while True:
            page: Any = await self._redis.xrevrange(key, end, "-", LEFT_OVER_PAGE)
            for entry_id, fields in page:
                entry = json.loads(fields[ENTRY_FIELD.encode()])
                is_own = entry["event_id"] == event.event_id
                if entry["type"] == "done" or (is_own and entry["type"] in ("said", "asked")):
                    return tuple(found)
                # a delta of this attempt may have come while we looked
                if is_own and entry["type"] in ("delta", "typing") and entry.get("attempt", 0) < attempt:
                    found.append(entry_id.decode())
            if not page:
                return tuple(found)
            end = f"({page[-1][0].decode()}"

    async def fetch(self, event: Event, photo: PhotoRef) -> bytes:
        sealed = await self._redis.get(photo_key(photo.id))
        if not isinstance(sealed, bytes):
            raise PhotoGone("the upload has expired")
        try:
            return unseal(sealed, self._photo_secret, event.conversation_id)
        except Unsealable:  # another conversation's, or sealed with a key that is gone
            raise PhotoGone("the upload cannot be opened") from None

    async def delete(self, request: DeleteRequested) -> None:
        """A reply's id is its stream entry's; who looks at the page is told that it is gone."""
        key, entry_id = web_key(request.conversation_id), request.message_id
        entries: Any = await self._redis.xrange(key, entry_id, entry_id)
        for _, fields in entries:
            found = WEB_ENTRY.validate_json(fields[ENTRY_FIELD.encode()])
            if isinstance(found, BotReplied):
                gone = MessageDeleted(event_id=found.event_id, index=found.index)
                await self._withdraw([key], [entry_id, ENTRY_FIELD, gone.model_dump_json()])

    async def replies(self, event: Event, limit: int) -> tuple[Said, ...]:
        """A web conversation has nothing that nlp does not know."""
        return ()

    async def welcome(self, opened: ChatOpened) -> None:
        """The page welcomes by itself."""

    async def locale(self, fact: Fact) -> str | None:
        """As the Event says it."""
        return fact.user.locale

    async def aclose(self) -> None:
        await self._redis.aclose()
