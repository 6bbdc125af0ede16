"""What all rooms do alike with requests: whose they are, who leaves in the middle, what a bug comes to."""

import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from contracts.log import correlation
from foundation.http import CorrelationMiddleware, add_problem_answers


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


def client(*, asked_by_rooms: bool = False) -> httpx.AsyncClient:
    """Of an app that tells its correlation, and has a bug."""
    app = FastAPI()
    add_problem_answers(app)
    app.add_middleware(CorrelationMiddleware, asked_by_rooms=asked_by_rooms)

    @app.get("/correlation")
    async def told() -> dict[str, str]:
        return dict(correlation.get())

    @app.get("/bug")
    async def bug() -> None:
        raise ZeroDivisionError

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://room")


async def test_a_room_believes_another_one_and_nobody_else() -> None:
    told = {"X-Switchboard-Event-Id": "e1", "X-Switchboard-Request-Id": "r1"}
    async with client(asked_by_rooms=True) as room:
        found = (await room.get("/correlation", headers=told)).json()
    assert found == {"event_id": "e1", "request_id": "r1"}
    async with client() as gateway:
        found = (await gateway.get("/correlation", headers=told)).json()
    assert list(found) == ["request_id"]
    assert found["request_id"] != "r1"


async def test_the_report_of_a_bug_names_the_request(caplog: pytest.LogCaptureFixture) -> None:
    async with client(asked_by_rooms=True) as room:
        answer = await room.get("/bug", headers={"X-Switchboard-Request-Id": "r1"})
    assert (answer.status_code, answer.json()["request_id"]) == (500, "r1")
    assert "http.request.failed" in caplog.messages
