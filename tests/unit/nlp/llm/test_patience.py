"""How long a model is waited for, and when it is asked again."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import openai
import pytest

from services.nlp.engines.llm.faults import is_about_tools, wait_before_retry_s
from services.nlp.engines.llm.parts import Part
from services.nlp.engines.llm.patience import Patience, patient


def _refusal(status: int, retry_after: str = "", code: str = "") -> openai.APIStatusError:
    headers = {"retry-after": retry_after} if retry_after else {}
    response = httpx2.Response(status, headers=headers, request=httpx2.Request("POST", "http://model"))
    kind = {429: openai.RateLimitError, 401: openai.AuthenticationError}.get(
        status, openai.InternalServerError
    )
    return kind("no", response=response, body={"code": code})


async def _words(*words: str) -> AsyncGenerator[Part, None]:
    for word in words:
        yield word


async def test_a_slow_reader_is_no_slow_model() -> None:
    loop, heard = asyncio.get_running_loop(), []
    async for part in patient(lambda: _words("a", "b"), Patience(0.02, 0.02, 10)):
        heard.append(part)
        read = asyncio.Event()
        loop.call_later(0.06, read.set)
        await read.wait()
    assert heard == ["a", "b"]


async def test_a_model_that_never_begins_is_given_up_in_time_and_closed() -> None:
    closed = asyncio.Event()

    async def silent() -> AsyncGenerator[Part, None]:
        try:
            await asyncio.Event().wait()
            yield ""
        finally:
            closed.set()

    with pytest.raises(TimeoutError):
        await anext(patient(silent, Patience(0.02, 1, 10)))
    assert closed.is_set()


async def test_retries_end_with_the_time_for_the_first_word() -> None:
    asked = 0

    async def busy() -> AsyncGenerator[Part, None]:
        nonlocal asked
        asked += 1
        raise _refusal(500)
        yield ""

    with pytest.raises(openai.InternalServerError):
        await anext(patient(busy, Patience(0.3, 1, 10, retries=99)))
    assert asked == 2  # the third would be too late


@pytest.mark.parametrize(
    ("error", "wait_s"),
    [
        (_refusal(429, "3"), 3.0),
        (_refusal(429, "-1"), 0.0),
        (_refusal(503, "11"), None),
        (_refusal(429, "soon"), 0.5),
        (_refusal(500), 0.5),
        (_refusal(429, code="insufficient_quota"), None),
        (_refusal(401), None),
        (TimeoutError(), None),
    ],
)
def test_only_what_passes_soon_is_waited_for(error: Exception, wait_s: float | None) -> None:
    assert wait_before_retry_s(error, attempt=1, most_s=10) == wait_s


def test_a_retry_after_may_be_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=8), usegmt=True)
    wait_s = wait_before_retry_s(_refusal(429, soon), attempt=0, most_s=10)
    assert wait_s is not None
    assert 5 < wait_s <= 8


def test_a_retry_after_that_is_no_number_is_none() -> None:
    assert wait_before_retry_s(_refusal(429, "nan"), attempt=0, most_s=10) == 0.25


@pytest.mark.parametrize(
    ("status", "body", "is_about"),
    [
        (400, {"message": "registry.ollama.ai/library/llama2 does not support tools"}, True),
        (400, {"message": '"auto" tool choice requires --enable-auto-tool-choice'}, True),
        (422, {"message": "extra fields not permitted: functions"}, True),
        (500, {"message": "tools param requires --jinja flag"}, True),
        (400, None, True),
        (400, {"message": "the prompt is too long"}, False),
        (400, {"message": "maximum context length is 8192 tokens, not 9000 (600 in the functions)"}, False),
        (401, {"message": "this key may not call the function chat"}, False),
        (429, {"message": "too many tool calls: slow down"}, False),
        (504, {"message": "FUNCTION_INVOCATION_TIMEOUT"}, False),
        (500, None, False),
    ],
)
def test_a_server_that_takes_no_tools_is_known_by_what_it_says(
    status: int, body: dict[str, str] | None, is_about: bool
) -> None:
    response = httpx2.Response(status, request=httpx2.Request("POST", "http://model"))
    text = body["message"] if body else f"Error code: {status}"
    error = openai.APIStatusError(text, response=response, body=body)
    assert is_about_tools(error) is is_about
    assert not is_about_tools(TimeoutError())
