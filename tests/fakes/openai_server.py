"""A stand-in for an OpenAI-compatible server: streams scripted words, fails and stalls on demand."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from tests.fakes.http_server import PlatformServer, read_args, serve

METHOD = "chat.completions"


class OpenAIServer(PlatformServer):
    """Chat Completions, streaming only. `closed_early` counts streams that the client left."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.words: list[str] = ["Hello", " from", " the", " model", "."]
        self.pace_s = 0.0
        self.finish_reason = "stop"
        self.breaks_after: int | None = None
        self.closed_early = 0
        self.app.add_api_route("/chat/completions", self._complete, methods=["POST"])

    def script(self, words: Iterable[str], pace_s: float = 0, finish_reason: str = "stop") -> None:
        """What every following answer streams, and how long it waits before each word."""
        self.words, self.pace_s, self.finish_reason = list(words), pace_s, finish_reason
        self.breaks_after = None

    async def _complete(self, request: Request) -> Response:
        args = await read_args(request)
        return await self.perform(
            METHOD, args, "", lambda: StreamingResponse(self._chunks(), media_type="text/event-stream")
        )

    async def _chunks(self) -> AsyncIterator[str]:
        whole = False
        try:
            for number, word in enumerate(self.words):
                if number == self.breaks_after:
                    raise ConnectionError("scripted break")
                await asyncio.sleep(self.pace_s)
                yield _event([{"index": 0, "delta": {"content": word}, "finish_reason": None}])
            yield _event([{"index": 0, "delta": {}, "finish_reason": self.finish_reason}])
            yield _event([], usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})
            yield "data: [DONE]\n\n"
            whole = True
        finally:
            self.closed_early += not whole


def _event(choices: list[dict[str, Any]], **more: Any) -> str:
    chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": choices}
    return f"data: {json.dumps({**chunk, **more})}\n\n"


if __name__ == "__main__":
    serve(OpenAIServer(int(sys.argv[1])))
