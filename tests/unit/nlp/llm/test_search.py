"""The web search's answer is bounded while it is unpacked."""

import gzip
import tracemalloc
from collections.abc import AsyncIterator
from typing import cast

import httpx
import pytest

from services.nlp.engines.base import Turn
from services.nlp.engines.llm.tools.base import Calling
from services.nlp.engines.llm.tools.search import SearchFailed, WebSearch

BOMB = gzip.compress(b'{"results": "' + b"a" * 40_000_000)


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def found(content: bytes, **headers: str) -> str:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "identity"
        return httpx.Response(200, headers=headers, content=pieces(content))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        search = WebSearch(http, "https://search.example/?q={query}")
        return (await search.call(Calling(cast(Turn, None), {"query": "x"}, "c", has_begun=False))).told


async def test_a_small_answer_does_not_become_a_large_one() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(SearchFailed, match="more than 1 MB"):
            await found(BOMB, **{"content-encoding": "gzip"})
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


async def test_an_answer_that_is_packed_though_nobody_asked_is_read() -> None:
    told = await found(gzip.compress(b'{"results": [{"title": "A"}]}'), **{"content-encoding": "gzip"})
    assert '"title": "A"' in told


async def test_a_long_answer_is_not_read() -> None:
    with pytest.raises(SearchFailed, match="more than 1 MB"):
        await found(b"x" * 1_000_001)
