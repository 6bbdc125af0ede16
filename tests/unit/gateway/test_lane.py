"""Which requests go the short way, and that it leads nowhere else than the long one."""

import json
from typing import Any

import pytest
from fastapi import FastAPI

from services.gateway.app import create_app
from services.gateway.lane import SHORT_BYTES, ShortLane, endpoint_of
from services.gateway.settings import GatewaySettings


class LongWay(FastAPI):
    """An app that only notes what comes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append(scope.get("path", scope["type"]))


def post(path: str = "/webhooks/telegram", method: str = "POST", **headers: str) -> dict[str, Any]:
    """A request as a server hands it on; `content_length` stands for Content-Length."""
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "headers": raw}


@pytest.mark.parametrize(
    "scope",
    [
        {"type": "lifespan"},
        post(),
        post(transfer_encoding="chunked"),
        post(content_length=str(SHORT_BYTES + 1)),
        post(content_length="-1"),
        post(content_length="9", method="GET"),
        post("/webhooks/slack/commands", content_length="9"),
        post("/webhooks/telegram/", content_length="9"),
        post("/webhooks/telegram/second/more", content_length="9"),
        post("/webhooks/telegramx", content_length="9"),
    ],
)
async def test_only_short_posts_to_the_busiest_paths_go_the_short_way(scope: dict[str, Any]) -> None:
    app = LongWay()
    await ShortLane(app)(scope, None, None)  # type: ignore[arg-type]
    assert app.paths == [scope.get("path", "lifespan")]


@pytest.mark.parametrize(
    "path", ["/webhooks/telegram", "/webhooks/telegram/second", "/webhooks/slack/events"]
)
async def test_a_short_post_goes_the_short_way(path: str) -> None:
    app = LongWay()
    with pytest.raises(AttributeError, match="gateway"):  # it has come to where the app's state is asked for
        await ShortLane(app)(post(path, content_length="9"), None, None)  # type: ignore[arg-type]
    assert app.paths == []


def test_what_the_short_way_leads_to_is_a_route_of_the_app_as_well() -> None:
    paths = create_app(GatewaySettings()).openapi()["paths"]
    for path in ("/webhooks/telegram", "/webhooks/telegram/{account}", "/webhooks/slack/events"):
        assert "post" in paths[path]
        assert endpoint_of(path)


def told(*pieces: dict[str, Any]) -> Any:
    """What a server hands on of a body."""
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        return left.pop(0)

    return receive


async def test_a_bug_on_the_short_way_is_answered_as_on_the_long_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, sent = LongWay(), list[Any]()
    app.state.gateway = object()  # with nothing in it

    async def send(message: Any) -> None:
        sent.append(message)

    whole = told({"type": "http.request", "body": b"{}"})
    await ShortLane(app)(post(content_length="2"), whole, send)
    assert (sent[0]["status"], json.loads(sent[1]["body"])["code"]) == (500, "internal")
    assert caplog.messages == ["http.request.failed"]


async def test_who_leaves_on_the_short_way_is_not_answered(caplog: pytest.LogCaptureFixture) -> None:
    app = LongWay()
    app.state.gateway = object()
    half = told({"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"})
    await ShortLane(app)(post(content_length="2"), half, None)  # type: ignore[arg-type]
    assert caplog.messages == []
