"""An event stream whose reader leaves while nothing more can be sent."""

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.sse import EventSourceResponse

from foundation.http import Closing

LIMIT_S = 5
SCOPE = {
    "type": "http",
    "asgi": {"spec_version": "2.3"},
    "method": "GET",
    "path": "/events",
    "raw_path": b"/events",
    "query_string": b"",
    "headers": [],
}


@pytest.fixture
def uncollected() -> Iterator[None]:
    """The garbage collector closes forgotten generators, some time."""
    gc.disable()
    yield
    gc.enable()


async def test_what_the_stream_has_opened_is_closed_as_soon_as_the_reader_has_left(uncollected: None) -> None:
    app, closed, left = FastAPI(), asyncio.Event(), asyncio.Event()
    kept: list[object] = []

    async def words() -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "word"
        finally:
            closed.set()

    @app.get("/events", response_class=EventSourceResponse)
    async def events(closing: Closing) -> AsyncIterator[str]:
        opened = words()
        kept.append(opened)  # as a traceback or a cycle may keep it
        async for word in await closing.enter_async_context(aclosing(opened)):
            yield word

    requested = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        if request := next(requested, None):
            return request
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message.get("body"):
            left.set()
            await asyncio.Event().wait()  # the reader takes no more

    async with asyncio.timeout(LIMIT_S):
        await app(dict(SCOPE), receive, send)
        await closed.wait()
