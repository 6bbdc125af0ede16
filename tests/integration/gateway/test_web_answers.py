"""The page's API for what was said: another answer, more of it, another wording, deletion, a rating."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from contracts.control import CONTROL, DeleteRequested, FeedbackGiven
from contracts.event import EVENT, ContinuationRequested, MessageEdited, RegenerationRequested
from contracts.inbox import control_key, inbox_key, web_key
from contracts.reply import Reply
from contracts.web import ENTRY_FIELD, BotReplied
from tests.integration.gateway.room import GatewayRoom
from tests.integration.gateway.web_page import WebPage

ASKED = {"client_id": "request-1"}


@pytest.fixture
def page(gateway: GatewayRoom) -> Iterator[WebPage]:
    page = WebPage(gateway.url)
    yield page
    page.http.close()


@pytest.fixture
def target(page: WebPage) -> str:
    """The event_id of what the person has said."""
    return str(page.say("hello").json()["event_id"])


@pytest.fixture
async def reply(redis_client: Redis, page: WebPage, target: str) -> str:
    """The entry id of its answer."""
    entry = BotReplied(event_id=target, index=0, reply=Reply(text="Hi"), at=1)
    return str(await redis_client.xadd(web_key(page.conversation), {ENTRY_FIELD: entry.model_dump_json()}))


def post(page: WebPage, place: str, **more: Any) -> httpx.Response:
    return page.http.post(f"{page.path}/{place}", json=ASKED | more)


def lasting(page: WebPage) -> list[dict[str, Any]]:
    return [item["entry"] for item in page.http.get(f"{page.path}/messages").json()["entries"]]


@pytest.mark.parametrize(
    ("how", "kind"), [("regenerate", RegenerationRequested), ("continue", ContinuationRequested)]
)
async def test_another_answer_or_more_of_it_is_one_event_and_one_entry_however_often_asked(
    redis_client: Redis, page: WebPage, target: str, how: str, kind: type[Any]
) -> None:
    answers = [post(page, f"messages/{target}/{how}") for _ in range(2)]
    assert [answer.json()["outcome"] for answer in answers] == ["accepted", "duplicate"]
    events = await redis_client.lrange(inbox_key(page.conversation), 0, -1)
    event = EVENT.validate_json(events[-1])
    assert len(events) == 2
    assert isinstance(event, kind)
    assert (event.target, event.event_id) == (target, f"{page.conversation}:request-1")  # type: ignore[attr-defined]
    [asked] = [entry for entry in lasting(page) if entry["type"] == "asked"]
    assert (asked["how"], asked["target"], asked["event_id"]) == (how, target, event.event_id)


async def test_an_edit_is_an_event_and_a_line_in_the_place_of_the_old_one(
    redis_client: Redis, page: WebPage, target: str
) -> None:
    assert post(page, f"messages/{target}/edit", text="good morning").status_code == 202
    event = EVENT.validate_json((await redis_client.lrange(inbox_key(page.conversation), -1, -1))[0])
    assert isinstance(event, MessageEdited)
    assert (event.target, event.text) == (target, "good morning")
    said = lasting(page)[-1]
    assert (said["type"], said["text"], said["replaces"]) == ("said", "good morning", target)


async def test_a_deletion_is_one_control_event_with_the_replys_entry_id(
    redis_client: Redis, page: WebPage, reply: str
) -> None:
    outcomes = [page.http.delete(f"{page.path}/replies/{reply}").json()["outcome"] for _ in range(2)]
    assert outcomes == ["accepted", "duplicate"]
    [control] = await redis_client.lrange(control_key(page.conversation), 0, -1)
    event = CONTROL.validate_json(control)
    assert isinstance(event, DeleteRequested)
    assert event.message_id == reply


async def test_a_rating_is_a_control_event_and_stays_with_the_reply(
    redis_client: Redis, page: WebPage, target: str, reply: str
) -> None:
    assert post(page, f"replies/{reply}/feedback", helpful=False).status_code == 202
    assert post(page, f"replies/{reply}/feedback", helpful=True, client_id="request-2").status_code == 202
    events = [
        CONTROL.validate_json(c) for c in await redis_client.lrange(control_key(page.conversation), 0, -1)
    ]
    given = [(e.message_id, e.helpful) for e in events if isinstance(e, FeedbackGiven)]
    assert given == [(reply, False), (reply, True)]
    rated = [entry for entry in lasting(page) if entry["type"] == "rated"]
    assert [(e["event_id"], e["index"], e["helpful"]) for e in rated] == [
        (target, 0, False),
        (target, 0, True),
    ]


@pytest.mark.parametrize(
    ("method", "place"),
    [
        ("POST", "messages/web:00000000-0000-0000-0000-000000000000:message-1/regenerate"),
        ("POST", "messages/web:00000000-0000-0000-0000-000000000000:message-1/continue"),
        ("POST", "messages/message-1/edit"),
        ("DELETE", "replies/1-0"),
        ("POST", "replies/1-0/feedback"),
    ],
)
def test_what_is_not_of_this_conversation_is_not_there(page: WebPage, method: str, place: str) -> None:
    body = ASKED | {"text": "hello", "helpful": True} if method == "POST" else None
    answer = page.http.request(method, f"{page.path}/{place}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "message_unknown")


def test_only_a_reply_can_be_deleted(page: WebPage, target: str) -> None:
    [line] = page.http.get(f"{page.path}/messages").json()["entries"]
    assert line["entry"]["event_id"] == target
    assert page.http.delete(f"{page.path}/replies/{line['id']}").status_code == 404


def test_nobody_but_the_owner_does_any_of_it(
    gateway: GatewayRoom, page: WebPage, target: str, reply: str
) -> None:
    stranger = WebPage(gateway.url)
    places = [f"messages/{target}/{how}" for how in ("regenerate", "continue", "edit")]
    for place in [*places, f"replies/{reply}/feedback"]:
        answer = stranger.http.post(f"{page.path}/{place}", json=ASKED | {"text": "hello", "helpful": True})
        assert (answer.status_code, answer.json()["code"]) == (404, "conversation_unknown")
    assert stranger.http.delete(f"{page.path}/replies/{reply}").status_code == 404
    assert gateway.client.delete(f"{page.path}/replies/{reply}", headers={"Cookie": ""}).status_code == 401
    stranger.http.close()


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_an_edit_without_words_or_with_too_many_is_refused(page: WebPage, target: str, text: str) -> None:
    answer = post(page, f"messages/{target}/edit", text=text)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_every_route_of_the_page_tells_its_problems(gateway: GatewayRoom) -> None:
    paths = gateway.client.get("/openapi.json").json()["paths"]
    routes = [
        (path, operation)
        for path, methods in paths.items()
        for operation in methods.values()
        if path.startswith("/api/v1/conversations")
    ]
    assert len(routes) == 11
    for path, operation in routes:
        known = json.dumps({s: a for s, a in operation["responses"].items() if s[0] in "45"})
        expected = [
            "queue_down",
            *(["conversation_unknown", "unauthorized", "invalid"] if "{" in path else []),
        ]
        assert [code for code in expected if code not in known] == [], path
