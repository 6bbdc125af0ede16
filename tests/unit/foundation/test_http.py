"""What the rooms' error answers make of who leaves in the middle of a request."""

import logging
from typing import Any

import pytest
from fastapi import FastAPI, Request

from foundation.http import add_problem_answers


async def test_who_leaves_in_the_middle_of_a_body_is_no_fault_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = FastAPI()
    add_problem_answers(app)

    @app.post("/photos")
    async def upload(request: Request) -> int:
        return len(await request.body())

    pieces = [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]
    told: list[Any] = []

    async def receive() -> dict[str, Any]:
        return pieces.pop(0)

    async def send(message: Any) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": "/photos", "query_string": b"", "headers": []}
    with caplog.at_level(logging.INFO):
        await app(scope, receive, send)
    assert told[0]["status"] == 400
    assert caplog.messages == []
