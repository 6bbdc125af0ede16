"""A stand-in for an OpenAI-compatible server: streams scripted words, fails and stalls on demand."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from tests.fakes.http_server import PlatformServer, read_args, serve

METHOD = "chat.completions"
RESPONSES = "responses"
Chunks = AsyncIterator[str]


@dataclass
class Play:
    """One scripted answer: words, then calls of tools as (name, arguments), then these deltas as they are."""

    words: Iterable[str] = ()
    calls: Iterable[tuple[str, str]] = ()
    deltas: Iterable[dict[str, Any]] = ()


class OpenAIServer(PlatformServer):
    """Chat Completions and Responses, streaming only. `closed_early` counts streams that the client left."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.words: list[str] = ["Hello", " from", " the", " model", "."]
        self.pace_s = 0.0
        self.finish_reason = "stop"
        self.refusal = ""
        self.usage: tuple[int, int] | None = (1, 1)
        self.last_delta: dict[str, Any] | None = {}
        self.breaks_after: int | None = None
        self.answers: dict[str, str] = {}
        """A part of the system prompt -> what is streamed to it in place of the words."""
        self.silent_to = ""
        """A part of the system prompt that gets no answer for a minute, or until this says otherwise."""
        self.plays: list[Play] = []
        """The next answers, each once; then the words count."""
        self.made: Callable[[dict[str, Any]], Play] | None = None
        """Makes the answer to a request, in place of what is scripted."""
        self.takes_no_tools: tuple[int, str] | None = None
        """Status and message for every request that offers tools."""
        self.closed_early = 0
        self.app.add_api_route("/chat/completions", self._answer(METHOD, self._chat), methods=["POST"])
        self.app.add_api_route("/responses", self._answer(RESPONSES, self._responses), methods=["POST"])

    def script(
        self, words: Iterable[str], pace_s: float = 0, finish_reason: str = "stop", refusal: str = ""
    ) -> None:
        """What every following answer streams, and how long it waits before each word."""
        self.words, self.pace_s, self.finish_reason = list(words), pace_s, finish_reason
        self.refusal = refusal
        self.usage = (1, 1)
        self.last_delta = {}
        self.breaks_after = None
        self.answers = {}
        self.silent_to = ""
        self.plays = []
        self.made = None
        self.takes_no_tools = None

    def play(self, *plays: Play) -> None:
        """Script the next answers, one after the other."""
        self.plays += plays

    def _answer(self, method: str, chunks: Callable[[dict[str, Any]], Chunks]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            args = await read_args(request)
            if self.takes_no_tools and args.get("tools"):
                status, message = self.takes_no_tools
                return await self.perform(method, args, "", lambda: _error(status, message))
            body = self._watched(chunks(args))
            return await self.perform(
                method, args, "", lambda: StreamingResponse(body, media_type="text/event-stream")
            )

        return answer

    async def _watched(self, chunks: Chunks) -> Chunks:
        """The stream; one that nobody hears to its end is counted."""
        whole = False
        try:
            async for chunk in chunks:
                yield chunk
            whole = True
        finally:
            self.closed_early += not whole

    def _play(self, args: dict[str, Any]) -> Play:
        """What this request is answered with."""
        if self.made:
            return self.made(args)
        system = (args.get("messages") or args["input"])[0]["content"]
        said = [answer for part, answer in self.answers.items() if part in system]
        return Play(said) if said else self.plays.pop(0) if self.plays else Play(self.words)

    async def _spoken(self, args: dict[str, Any], words: Iterable[str]) -> Chunks:
        system = (args.get("messages") or args["input"])[0]["content"]
        for _ in range(3000):
            if self.silent_to and self.silent_to in system:
                await asyncio.sleep(0.02)
        for number, word in enumerate(words):
            if number == self.breaks_after:
                raise ConnectionError("scripted break")
            await asyncio.sleep(self.pace_s)
            yield word

    async def _chat(self, args: dict[str, Any]) -> Chunks:
        play = self._play(args)
        async for word in self._spoken(args, play.words):
            yield _chunk([{"index": 0, "delta": {"content": word}, "finish_reason": None}])
        calls = [delta for place, call in enumerate(play.calls) for delta in _call_deltas(place, *call)]
        for delta in (*calls, *play.deltas):
            yield _chunk([{"index": 0, "delta": delta, "finish_reason": None}])
        if self.refusal:
            yield _chunk([{"index": 0, "delta": {"refusal": self.refusal}, "finish_reason": None}])
        yield _chunk([{"index": 0, "delta": self.last_delta, "finish_reason": self.finish_reason}])
        if self.usage:
            prompt, completion = self.usage
            usage = {"prompt_tokens": prompt, "completion_tokens": completion}
            yield _chunk([], usage={**usage, "total_tokens": prompt + completion})
        yield "data: [DONE]\n\n"

    async def _responses(self, args: dict[str, Any]) -> Chunks:
        place = {"item_id": "m1", "output_index": 0, "content_index": 0}
        play = self._play(args)
        yield _event("response.created", response=_response("in_progress"))
        async for word in self._spoken(args, play.words):
            yield _event("response.output_text.delta", delta=word, logprobs=[], **place)
        for number, (name, arguments) in enumerate(play.calls, 1):
            for event in _call_events(number, name, arguments):
                yield event
        if self.refusal:
            yield _event("response.refusal.delta", delta=self.refusal, **place)
        status = {"stop": "completed", "failed": "failed"}.get(self.finish_reason, "incomplete")
        reason = {"reason": self.finish_reason} if status == "incomplete" else None
        error = {"code": "server_error", "message": "scripted"} if status == "failed" else None
        end = {**_response(status), "incomplete_details": reason, "error": error, "usage": self._usage()}
        yield _event(f"response.{status}", response=end)

    def _usage(self) -> dict[str, Any] | None:
        if not self.usage:
            return None
        prompt, completion = self.usage
        return {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": completion,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": prompt + completion,
        }


def _chunk(choices: list[dict[str, Any]], **more: Any) -> str:
    chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": choices}
    return f"data: {json.dumps({**chunk, **more})}\n\n"


def _event(kind: str, **fields: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, 'sequence_number': 1, **fields})}\n\n"


def _call_deltas(place: int, name: str, arguments: str) -> list[dict[str, Any]]:
    """A call as OpenAI streams it: its name first, its arguments in pieces."""
    first = {
        "index": place,
        "id": f"call_{place}",
        "type": "function",
        "function": {"name": name, "arguments": ""},
    }
    pieces = (arguments[start : start + 5] for start in range(0, len(arguments), 5))
    more = [{"index": place, "function": {"arguments": piece}} for piece in pieces]
    return [{"tool_calls": [delta]} for delta in (first, *more)]


def _call_events(place: int, name: str, arguments: str) -> list[str]:
    item = {"type": "function_call", "id": f"fc_{place}", "call_id": f"call_{place}", "name": name}
    piece = {"item_id": item["id"], "output_index": place, "delta": arguments}
    return [
        _event("response.output_item.added", output_index=place, item={**item, "arguments": ""}),
        _event("response.function_call_arguments.delta", **piece),
        _event("response.output_item.done", output_index=place, item={**item, "arguments": arguments}),
    ]


def _error(status: int, message: str) -> Response:
    body = json.dumps({"error": {"message": message, "type": "api_error"}}) if message else ""
    return Response(body, status, media_type="application/json")


def _response(status: str) -> dict[str, Any]:
    return {
        "id": "r1",
        "object": "response",
        "created_at": 1,
        "model": "fake",
        "status": status,
        "output": [],
    }


if __name__ == "__main__":
    serve(OpenAIServer(int(sys.argv[1])))
