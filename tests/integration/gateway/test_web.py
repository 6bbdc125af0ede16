"""The page's API: each line once, streams that resume, and conversations that are nobody else's."""

import asyncio
import itertools
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from contracts.control import CONTROL, StopRequested
from contracts.event import EVENT, CommandGiven, MessageSent
from contracts.inbox import DUE, control_key, inbox_key, photo_key, web_key
from contracts.web import ENTRY_FIELD, TurnEnded
from tests.integration.gateway.room import GatewayRoom
from tests.integration.gateway.web_page import WebPage

Entries = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def page(gateway: GatewayRoom) -> Iterator[WebPage]:
    page = WebPage(gateway.url)
    yield page
    page.http.close()


def heard(entries: Entries) -> list[str]:
    """What the lines among them say."""
    return [entry["text"] for _, entry in entries]


async def test_ten_same_deliveries_are_one_event_and_one_line(redis_client: Redis, page: WebPage) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = [pool.submit(page.say, "hello", "the-same-id") for _ in range(10)]
        outcomes = sorted(answer.result().json()["outcome"] for answer in answers)
    assert outcomes == ["accepted"] + ["duplicate"] * 9
    assert await redis_client.llen(inbox_key(page.conversation)) == 1
    assert await redis_client.xlen(web_key(page.conversation)) == 1


def test_a_stream_resumes_behind_the_last_event_with_nothing_doubled(page: WebPage) -> None:
    for number in range(4):
        page.say(str(number))
    with page.listen() as events:
        first = list(itertools.islice(events, 2))
    page.say("4")
    with page.listen(after=first[-1][0]) as events:
        rest = list(itertools.islice(events, 3))
    assert heard(first + rest) == ["0", "1", "2", "3", "4"]


def test_entries_come_as_they_are_written(page: WebPage) -> None:
    with page.listen() as events:
        for number in range(5):
            page.say(str(number))
            assert heard([next(events)]) == [str(number)]


def test_several_listeners_of_one_conversation_each_hear_everything_once(page: WebPage) -> None:
    for number in range(3):
        page.say(str(number))
    with page.listen() as one, page.listen() as two:
        heard_by_one = list(itertools.islice(one, 3))
        page.say("3")
        with page.listen(after=heard_by_one[1][0]) as three:
            heard_by_one += itertools.islice(one, 1)
            page.say("4")
            heard_by_one += itertools.islice(one, 1)
            assert heard(heard_by_one) == ["0", "1", "2", "3", "4"]
            assert heard(list(itertools.islice(two, 5))) == ["0", "1", "2", "3", "4"]
            assert heard(list(itertools.islice(three, 3))) == ["2", "3", "4"]


def test_a_page_that_comes_back_again_and_again_misses_nothing(page: WebPage) -> None:
    found: Entries = []
    for number in range(20):
        page.say(f"{number} a")
        page.say(f"{number} b")
        with page.listen(after=found[-1][0] if found else "") as events:
            found.append(next(events))
    with page.listen(after=found[-1][0]) as events:
        found += itertools.islice(events, 20)
    assert heard(found) == [f"{number} {letter}" for number in range(20) for letter in "ab"]


async def test_the_history_says_where_to_listen_on(redis_client: Redis, page: WebPage) -> None:
    event_id = page.say("hello").json()["event_id"]
    ended = TurnEnded(event_id=event_id, outcome="finished")
    await redis_client.xadd(web_key(page.conversation), {ENTRY_FIELD: ended.model_dump_json()})
    history = page.http.get(f"{page.path}/messages").json()
    assert [entry["entry"]["type"] for entry in history["entries"]] == ["said", "done"]
    page.say("and then")
    with page.listen(after=history["last_id"]) as events:
        assert heard([next(events)]) == ["and then"]


async def test_stop_is_a_control_event(redis_client: Redis, page: WebPage) -> None:
    answer = page.http.post(f"{page.path}/stop", json={"client_id": "stop-0001", "target": "e1"})
    assert (answer.status_code, answer.json()["outcome"]) == (202, "accepted")
    [control] = await redis_client.lrange(control_key(page.conversation), 0, -1)
    wanted = CONTROL.validate_json(control)
    assert isinstance(wanted, StopRequested)
    assert wanted.target == "e1"
    assert await redis_client.llen(inbox_key(page.conversation)) == 0


async def test_a_command_is_one_on_the_page_too_and_another_slash_is_the_bots(
    redis_client: Redis, page: WebPage
) -> None:
    for text in ("/persona  Translator ", "/NEW", "/greet", "/start{}"):
        assert page.say(text).status_code == 202
    rows = await redis_client.lrange(inbox_key(page.conversation), 0, -1)
    events = [EVENT.validate_json(row) for row in rows]
    given = [(e.name, e.text) for e in events if isinstance(e, CommandGiven)]
    assert given == [("persona", "Translator"), ("new", "")]
    assert [e.text for e in events if isinstance(e, MessageSent)] == ["/greet", "/start{}"]


async def test_a_full_inbox_is_said(page: WebPage) -> None:
    outcomes = [page.say(str(number)).json()["outcome"] for number in range(102)]
    assert outcomes == ["accepted"] * 100 + ["dropped"] * 2


def test_half_a_character_is_refused(page: WebPage) -> None:
    body = b'{"client_id": "message-half", "text": "a\\ud800b"}'
    headers = {"Content-Type": "application/json"}
    answer = page.http.post(f"{page.path}/messages", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_more_people_at_once_than_connections_to_redis_are_all_heard(
    redis_client: Redis, gateway: GatewayRoom
) -> None:
    page = WebPage(gateway.url)
    conversations = [page.http.post("/api/v1/conversations").json()["id"] for _ in range(300)]
    limits = httpx.Limits(max_connections=300)
    async with httpx.AsyncClient(
        base_url=gateway.url, cookies=page.http.cookies, limits=limits, timeout=30, trust_env=False
    ) as http:
        body = {"client_id": "message-1", "text": "hello"}
        posts = (http.post(f"/api/v1/conversations/{one}/messages", json=body) for one in conversations)
        answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {202}
    assert await redis_client.zcard(DUE) == 300


async def test_an_uploaded_photo_lies_sealed_and_not_for_long(page: WebPage, redis_client: Redis) -> None:
    answer = page.http.post(f"{page.path}/photos", content=b"a photo of a person")
    assert answer.status_code == 201
    key = photo_key(answer.json()["photo_id"])
    assert 0 < await redis_client.ttl(key) <= 600
    assert await redis_client.strlen(key) > len(b"a photo of a person")
    assert not await redis_client.eval(  # the client reads str, and what is sealed is none
        "return string.find(redis.call('GET', KEYS[1]), 'photo', 1, true) and 1 or 0", 1, key
    )


@pytest.mark.parametrize(
    ("method", "place"),
    [("GET", "messages"), ("POST", "messages"), ("POST", "photos"), ("POST", "stop"), ("GET", "events")],
)
def test_anothers_conversation_is_not_there(
    gateway: GatewayRoom, page: WebPage, method: str, place: str
) -> None:
    stranger = WebPage(gateway.url)
    body = {"client_id": "message-x", "text": "hello"} if method == "POST" else None
    for path in (page.path, f"/api/v1/conversations/{uuid.uuid4()}"):
        answer = stranger.http.request(method, f"{path}/{place}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "conversation_unknown")
    stranger.http.close()


@pytest.mark.parametrize("cookie", ["", "p-1", "p-1.", "p-1." + "0" * 64])
def test_a_forged_or_missing_cookie_is_nobody(gateway: GatewayRoom, page: WebPage, cookie: str) -> None:
    headers = {"Cookie": f"switchboard_person={cookie}"} if cookie else {}
    answer = gateway.client.get(f"{page.path}/messages", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_a_bearer_token_is_as_good_as_a_cookie(gateway: GatewayRoom, page: WebPage) -> None:
    token = page.http.cookies["switchboard_person"]
    answer = gateway.client.get(f"{page.path}/messages", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    forged = {"Authorization": f"Bearer {token[:-1]}x"}
    assert gateway.client.get(f"{page.path}/messages", headers=forged).status_code == 401


@pytest.mark.parametrize("last", ["soon", "1", "-1", "1-1-1", "9" * 30 + "-0"])
def test_a_last_event_id_that_is_none_is_refused(page: WebPage, last: str) -> None:
    answer = page.http.get(f"{page.path}/events", headers={"Last-Event-ID": last})
    assert answer.status_code == 422
