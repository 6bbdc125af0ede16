"""Whatever a model writes or nlp streams: pieces that a platform takes, or an error that the worker knows."""

import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import cast

import aiohttp
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.event import MessageSent, Person
from contracts.turn import TurnDone, TurnRequest
from services.worker.channels.rich_text import rich_text
from services.worker.channels.split import split, utf16_units
from services.worker.channels.split_markdown import split_markdown
from services.worker.channels.telegram_parts import entities
from services.worker.clients.nlp import NlpClient
from services.worker.errors import RoomRefused, RoomUnavailable
from tests.fuzzing import fuzzed

SIGNS = [
    "*",
    "**",
    "_",
    "`",
    "```\n",
    "~~",
    "[",
    "](",
    ")",
    "![",
    "<",
    ">",
    "> ",
    "- ",
    "1. ",
    "|",
    "|-",
    "\n",
]
SIGNS += [
    "\n\n",
    "\\",
    "&amp;",
    "http://a.b",
    "a",
    "word ",
    "👨‍👩‍👧",
    "\u0301",
    "\u200d",
    "\x00",
    "\t",
    "    ",
]
MARKDOWN = st.lists(st.sampled_from(SIGNS), max_size=60).map("".join) | st.text(max_size=200)
TURN = TurnRequest(
    event=MessageSent(event_id="e", conversation_id="web:c", at=1, user=Person(id="p"), text="hello")
)


@fuzzed
@given(MARKDOWN)
@example("[" * 5000)
@example("> " * 2000 + "a")
@example("\n".join("  " * depth + "- a" for depth in range(300)))
@example("a" + "\u0301" * 5000)
@example("*_`[<" * 2000)
def test_any_markdown_becomes_pieces_whose_spans_are_inside(markdown: str) -> None:
    for piece in split(rich_text(markdown), 40, 5):
        assert utf16_units(piece.text) <= 40
        units = utf16_units(piece.text)
        for entity in entities(piece):
            assert 0 <= entity.offset < entity.offset + entity.length <= units


@fuzzed
@given(MARKDOWN)
@example("```" + "a" * 5000 + "\n" + "b" * 5000)
@example("|a" * 1000 + "\n" + "|-" * 1000 + "\n" + "|a" * 1000)
@example("~~~\n" * 1000)
def test_any_markdown_is_split_into_pieces_that_a_message_takes(markdown: str) -> None:
    assert all(utf16_units(piece) <= 400 for piece in split_markdown(markdown, 400))


def answering(status: int, chunks: Sequence[bytes]) -> NlpClient:
    """A client whose every post is answered so, without a socket."""

    async def iter_any() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def read() -> bytes:
        return b"".join(chunks)

    @asynccontextmanager
    async def post(*_: object, **__: object) -> AsyncIterator[SimpleNamespace]:
        content = SimpleNamespace(iter_any=iter_any)
        yield SimpleNamespace(status=status, ok=status < 400, read=read, content=content)

    return NlpClient(cast(aiohttp.ClientSession, SimpleNamespace(post=post)))


@fuzzed
@given(st.lists(st.binary(max_size=40) | st.sampled_from([b"data:", b"\n", b"{}", b'{"type":"done"}'])))
@example([b'data: {"type":"reply","index":0,"reply":{"text":5}}\n\n'])
@example([b"data: " + b"[" * 100_000 + b"\n"])
@example([b"data: \xff\n"])
async def test_a_stream_of_any_bytes_is_items_or_a_room_that_does_not_answer(chunks: list[bytes]) -> None:
    try:
        items = [item async for item in answering(200, chunks).turn(TURN)]
    except RoomUnavailable:
        return
    assert all(isinstance(item, TurnDone) for item in items)


async def test_what_could_not_be_read_is_not_in_the_error_that_is_logged() -> None:
    content = b'data: {"type":"reply","index":0,"reply":{"text":["pomegranate"]}}\n\n'
    with pytest.raises(RoomUnavailable) as raised:
        await anext(answering(200, [content]).turn(TURN))
    assert "pomegranate" not in "".join(traceback.format_exception(raised.value))


@fuzzed
@given(st.integers(300, 599), st.binary(max_size=60))
@example(500, b'{"title": 1}')
@example(404, b"[" * 100_000)
async def test_an_error_of_any_body_is_a_refusal(status: int, body: bytes) -> None:
    try:
        items = [item async for item in answering(status, [body]).turn(TURN)]
    except RoomRefused:
        return
    assert status < 400
    assert items == []
