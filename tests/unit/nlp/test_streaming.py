"""A turn's stream as it is sent: whole, alive while it is silent, and closed when its reader has left."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from contracts.turn import TurnDelta, TurnDone, TurnItem
from services.nlp.streaming import TurnStream

LIMIT_S = 5
WORD = TurnDelta(index=0, text="word")


class Reader:
    """What a server hands to an application, seen from its other side."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.came = asyncio.Event()
        self.left = asyncio.Event()
        self.takes = True

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if message.get("body"):
            self.came.set()
            if not self.takes:
                await asyncio.Event().wait()

    async def read(self, stream: TurnStream) -> str:
        async with asyncio.timeout(LIMIT_S):
            await stream({}, self.receive, self.send)
        return b"".join(message.get("body", b"") for message in self.sent).decode()


async def test_each_item_is_an_event_and_the_stream_ends() -> None:
    async def items() -> AsyncGenerator[TurnItem, None]:
        yield WORD
        yield TurnDone()

    reader = Reader()
    told = await reader.read(TurnStream(items()))
    first, last = WORD.model_dump_json(), TurnDone().model_dump_json()
    assert told == f"event: delta\ndata: {first}\n\nevent: done\ndata: {last}\n\n"
    headers = dict(reader.sent[0]["headers"])
    assert headers[b"content-type"].startswith(b"text/event-stream")
    assert b"content-length" not in headers
    assert reader.sent[-1]["more_body"] is False


async def test_a_silent_stream_shows_that_it_lives() -> None:
    reader = Reader()

    async def items() -> AsyncGenerator[TurnItem, None]:
        await reader.came.wait()
        yield TurnDone()

    assert (await reader.read(TurnStream(items(), ping_s=0.001))).startswith(": ping\n\n")


@pytest.mark.parametrize("takes", [True, False])
async def test_whoever_has_left_ends_what_makes_the_items(takes: bool) -> None:
    """Whether the stream waits for the next item, or for a reader that takes nothing any more."""
    closed, reader = asyncio.Event(), Reader()
    reader.takes = takes

    async def items() -> AsyncGenerator[TurnItem, None]:
        try:
            yield WORD
            await asyncio.Event().wait()
        finally:
            closed.set()

    reading = asyncio.create_task(reader.read(TurnStream(items())))
    await reader.came.wait()
    reader.left.set()
    await reading
    assert closed.is_set()


async def test_a_fault_of_the_items_is_not_taken_for_a_reader_that_left() -> None:
    async def items() -> AsyncGenerator[TurnItem, None]:
        yield WORD
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await Reader().read(TurnStream(items()))
