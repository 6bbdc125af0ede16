"""What OpenAI-compatible servers stream, each in its own way, is heard alike; nonsense is a fault."""

import json
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from services.nlp.engines.llm.chat_api import ChatApi
from services.nlp.engines.llm.faults import ERRORS
from services.nlp.engines.llm.heard import Heard
from services.nlp.engines.llm.parts import Ask, Message

ASK = Ask((Message("user", "hi"),))


def line(chunk: Any) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def delta(**parts: Any) -> bytes:
    """A chunk with this delta."""
    return line({"choices": [{"index": 0, "delta": parts, "finish_reason": None}]})


class Server:
    """Answers every request with these lines; remembers what it was asked."""

    def __init__(self, *lines: bytes, refuses: str = "", status: int = 400) -> None:
        self.lines, self.refuses, self.status = lines, refuses, status
        self.whole: dict[str, Any] | None = None
        """What is answered where streaming is not known."""
        self.asked: list[dict[str, Any]] = []
        transport = httpx2.MockTransport(self._answer)
        http = httpx2.AsyncClient(transport=transport)
        client = AsyncOpenAI(api_key="k", base_url="http://model/v1", max_retries=0, http_client=http)
        self.api = ChatApi(client, "m")

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        if self.refuses and self.refuses in body:
            message = f"Extra inputs are not permitted: {self.refuses}"
            return httpx2.Response(self.status, json={"error": {"message": message}})
        if self.whole:
            return httpx2.Response(200, json=self.whole)
        return httpx2.Response(200, content=b"".join((*self.lines, b"data: [DONE]\n\n")))

    async def heard(self) -> Heard:
        """What comes of one answer."""
        heard = Heard()
        async for part in self.api.stream(ASK):
            heard.take(part)
        return heard


@pytest.mark.parametrize(
    "lines",
    [
        [delta(role="assistant", content=""), delta(content="Hel"), delta(content="lo")],
        [delta(content="Hel"), delta(content=None), delta(content="lo"), line({"choices": []})],
        [delta(reasoning_content="hm", content=None), delta(reasoning="hm"), delta(content="Hello")],
        [delta(content="Hello"), line({"choices": [{"index": 0, "delta": None}]})],
        [delta(content="Hello"), line({"choices": [{"index": 0, "finish_reason": "stop"}]})],
        [delta(content="Hello"), line({"choices": None, "usage": None}), line({})],
        [b": keep-alive\n\n", delta(content="Hello")],
        [delta(content="Hello"), line({"choices": [None]}), line("ping"), line(None)],
        [
            delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]),
            delta(content=[{"type": "text", "text": "Hello"}, None]),
        ],
        [line({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}}]})],
    ],
)
async def test_words_are_heard_however_they_are_wrapped(lines: list[bytes]) -> None:
    assert (await Server(*lines).heard()).text == "Hello"


@pytest.mark.parametrize(
    "call",
    [
        {"index": 0, "id": "c", "function": {"name": "a", "arguments": '{"x": 1}'}},
        {"id": "c", "function": {"name": "a", "arguments": {"x": 1}}},
        {"index": None, "id": None, "type": None, "function": {"name": "a", "arguments": {"x": 1}}},
    ],
)
async def test_a_call_is_heard_whatever_its_arguments_are_wrapped_in(call: dict[str, Any]) -> None:
    heard = await Server(delta(tool_calls=[None, {"index": 1, "function": None}, call])).heard()
    assert [(c.name, json.loads(c.arguments)) for c in heard.calls if c.name] == [("a", {"x": 1})]


async def test_odd_counts_of_tokens_are_no_count() -> None:
    spent = [{"prompt_tokens": "7", "completion_tokens": None}, [1], {"prompt_tokens": 7}]
    heard = await Server(delta(content="Hello"), *(line({"usage": one}) for one in spent)).heard()
    assert heard.spent
    assert (heard.text, heard.spent.prompt_tokens, heard.spent.completion_tokens) == ("Hello", 7, 0)


@pytest.mark.parametrize(
    "broken",
    [
        b"data: {\n\n",
        b"data: \xff\xfe\n\n",
        line({"error": {"message": "out of memory"}}),
        line({"object": "error", "message": "out of memory", "code": 400}),
    ],
)
async def test_a_stream_that_breaks_off_is_a_fault(broken: bytes) -> None:
    with pytest.raises(ERRORS):
        await Server(delta(content="Hel"), broken).heard()


@pytest.mark.parametrize("status", [400, 422])
async def test_a_server_that_does_not_count_tokens_in_streams_is_asked_without_once(status: int) -> None:
    server = Server(delta(content="Hello"), refuses="stream_options", status=status)
    assert (await server.heard()).text == "Hello"
    assert (await server.heard()).text == "Hello"
    assert ["stream_options" in asked for asked in server.asked] == [True, False, False]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["<think>", "hm, ", "so", "</think>", "\n\nHello"], "Hello"),
        (["<thi", "nk>hm</thi", "nk>", "\n", "\nHel", "lo"], "Hello"),
        ([" \n<think>\n\n</think>\n\nHello"], "Hello"),
        (["Say <think> in HTML"], "Say <think> in HTML"),
        (["<", "b>bold"], "<b>bold"),
        (["<think>never ends"], ""),
        (["<thi"], "<thi"),
    ],
)
async def test_what_a_model_thinks_aloud_first_is_not_its_answer(words: list[str], said: str) -> None:
    assert (await Server(*(delta(content=word) for word in words)).heard()).text == said


async def test_a_server_that_does_not_stream_is_heard_at_once() -> None:
    server = Server()
    calls = [{"function": {"name": "a", "arguments": "{}"}}]
    message = {"content": "<think>hm</think>Hello", "tool_calls": calls}
    usage = {"prompt_tokens": 3, "completion_tokens": 4}
    server.whole = {"choices": [{"message": message, "finish_reason": "length"}], "usage": usage}
    heard = await server.heard()
    assert (heard.text, heard.is_cut_off, heard.calls[0].name) == ("Hello", True, "a")
    assert heard.spent
    assert heard.spent.completion_tokens == 4


async def test_an_error_that_is_sent_as_an_answer_is_a_fault() -> None:
    server = Server()
    server.whole = {"error": {"message": "model not loaded"}}
    with pytest.raises(ERRORS):
        await server.heard()
