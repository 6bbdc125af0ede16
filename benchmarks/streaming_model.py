"""`python -m benchmarks.streaming_model`: a model in a process of its own, whose first word is the time."""

import asyncio
import json
import random
import re
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from tests.fakes.http_server import PlatformServer, serve

THOUGHT_S = (0.2, 0.8)
"""How long it thinks before its first word."""


_SAID_AT = re.compile(r"at(\d+\.\d+)")


def late_ms(text: str, seen: float) -> float | None:
    """How long before `seen` (time.monotonic) the first word was said; None where it is not in the text."""
    said = _SAID_AT.search(text)
    return 1000 * (seen - float(said.group(1))) if said else None


def _chunk(choices: list[dict[str, Any]], **more: Any) -> str:
    chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": choices}
    return f"data: {json.dumps({**chunk, **more})}\n\n"


def _word(text: str) -> str:
    return _chunk([{"index": 0, "delta": {"content": text}, "finish_reason": None}])


_END = (
    _chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    + _chunk([], usage={"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18})
    + "data: [DONE]\n\n"
)


class StreamingModel(PlatformServer):
    """Chat Completions of `words` words, one every `pace_s`; the first one tells when it was said."""

    def __init__(self, port: int, words: int, pace_s: float) -> None:
        super().__init__(port)
        self._words = words
        self._pace_s = pace_s
        self._common = _word("word ").encode()
        self.app.add_api_route("/chat/completions", self._answer, methods=["POST"])

    async def _answer(self, request: Request) -> StreamingResponse:
        await request.body()
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[bytes]:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(random.uniform(*THOUGHT_S))
        began = clock()
        yield _word(f"at{time.monotonic():.4f} ").encode()
        for number in range(1, self._words):
            await asyncio.sleep(max(0, began + number * self._pace_s - clock()))
            yield self._common
        yield _END.encode()


if __name__ == "__main__":
    serve(StreamingModel(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
