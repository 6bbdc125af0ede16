"""Without a Redis, or with one that is nearly full, nothing is taken in; and then everything works again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx
import pytest
from redis import Redis

from contracts.inbox import inbox_key
from contracts.task import QUEUE
from foundation.healthy import lack_of
from tests.integration.gateway.room import GatewayRoom
from tests.integration.gateway.web_page import WebPage
from tests.payloads import payload, post_slack_event, post_telegram
from tests.redis_process import RedisProcess
from tests.waiting import until

PHOTO_BYTES = 9_000_000
BALLAST = "x" * 1_000_000


@pytest.fixture
def redis_process(tmp_path: Path) -> Iterator[RedisProcess]:
    """A Redis of the test's own, to be killed and filled."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisProcess(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def room(tmp_path: Path, redis_process: RedisProcess) -> Iterator[GatewayRoom]:
    room = GatewayRoom(tmp_path, redis_process.url)
    room.start()
    yield room
    room.close()


def fill(redis: Redis, share: float) -> bool:
    """Let what is in use be this share of what may be used."""
    return bool(redis.config_set("maxmemory", int(redis.info("memory")["used_memory"] / share)))


def assert_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "queue_down")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["retryable"]


def assert_everything_is_refused(room: GatewayRoom, page: WebPage) -> None:
    assert_refused(post_telegram(room.url, payload("telegram-text")))
    assert_refused(post_slack_event(room.url, payload("slack-dm")))
    assert_refused(page.say("hello", "the-same-id"))
    assert_refused(page.http.post(f"{page.path}/photos", content=b"a photo"))


def assert_everything_is_taken_once(room: GatewayRoom, page: WebPage, redis: Redis) -> None:
    assert post_telegram(room.url, payload("telegram-text")).status_code == 200
    assert post_slack_event(room.url, payload("slack-dm")).status_code == 200
    assert page.say("hello", "the-same-id").json()["outcome"] == "accepted"
    for conversation in ("telegram:default:1001", "slack:T1:D1", page.conversation):
        assert redis.llen(inbox_key(conversation)) == 1


def wake_somebody(room: GatewayRoom, redis_process: RedisProcess) -> None:
    """Let the gateway be connected to the queue as well."""
    update = payload("telegram-text") | {"update_id": 1}
    update["message"]["chat"]["id"] = 2002
    assert post_telegram(room.url, update).status_code == 200
    with Redis(port=redis_process.port) as redis:
        until(lambda: redis.llen(QUEUE) == 1, "the conversation is woken")


def test_a_killed_redis_is_a_503_and_a_resend_counts_once_it_is_back(
    room: GatewayRoom, redis_process: RedisProcess
) -> None:
    page = WebPage(room.url)
    wake_somebody(room, redis_process)
    redis_process.kill()
    assert_everything_is_refused(room, page)
    assert "Redis does not answer" in room.client.get("/readyz").json()["detail"]
    assert "Redis does not answer" in lack_of(f"{room.url}/readyz")
    assert room.client.get("/healthz").status_code == 200
    redis_process.start()
    until(room.ready, "the gateway finds Redis again")
    assert lack_of(f"{room.url}/readyz") == ""
    with Redis(port=redis_process.port) as redis:
        assert_everything_is_taken_once(room, page, redis)
        until(lambda: redis.llen(QUEUE) == 4, "their conversations are woken")


def test_a_page_that_listens_goes_on_when_redis_is_back(
    room: GatewayRoom, redis_process: RedisProcess
) -> None:
    page = WebPage(room.url)
    with page.listen() as events:
        page.say("before")
        assert next(events)[1]["text"] == "before"
        redis_process.kill()
        until(lambda: "gateway.stream.unreadable" in room.log, "the reader sees that Redis is away")
        redis_process.start()
        until(room.ready, "the gateway finds Redis again")
        page.say("after")
        assert next(events)[1]["text"] == "after"


def test_a_redis_over_85_percent_is_a_503_until_there_is_room(
    room: GatewayRoom, redis_process: RedisProcess
) -> None:
    page = WebPage(room.url)
    with Redis(port=redis_process.port) as redis:
        redis.set("ballast", BALLAST)
        until(lambda: fill(redis, 0.9) and "gateway.redis.filled" in room.log, "the gateway sees it")
        assert_everything_is_refused(room, page)
        redis.delete("ballast")
        other = WebPage(room.url)
        until(lambda: other.say("room?").status_code == 202, "there is room again")
        assert_everything_is_taken_once(room, page, redis)


def test_photos_that_come_at_once_leave_room_for_messages(
    room: GatewayRoom, redis_process: RedisProcess
) -> None:
    page = WebPage(room.url)
    with Redis(port=redis_process.port) as redis:
        redis.config_set("maxmemory", 100_000_000)
        with ThreadPoolExecutor(12) as people:
            photo = partial(page.http.post, f"{page.path}/photos", content=b"x" * PHOTO_BYTES)
            photos = [answer.result() for answer in [people.submit(photo) for _ in range(12)]]
        taken = [answer.status_code for answer in photos].count(201)
        assert 3 <= taken <= 6
        assert_refused(next(answer for answer in photos if answer.status_code != 201))
        assert page.say("and messages?").status_code == 202
        redis.set("what a worker writes", BALLAST)
