"""What a browser gets: pages that load nothing from elsewhere, a cookie, and a quick end."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.integration.gateway.room import GatewayRoom
from tests.integration.gateway.web_page import WebPage
from tests.redis_process import RedisProcess


@pytest.fixture
def room(tmp_path: Path, redis_process: RedisProcess, redis_client: Redis) -> Iterator[GatewayRoom]:
    """A gateway of the test's own, to be stopped."""
    room = GatewayRoom(tmp_path, redis_process.url)
    room.start()
    yield room
    room.close()


@pytest.fixture
def secure(tmp_path: Path, redis_process: RedisProcess) -> Iterator[GatewayRoom]:
    """A gateway behind https."""
    room = GatewayRoom(tmp_path, redis_process.url, PUBLIC_URL="https://bots.example")
    room.start()
    yield room
    room.close()


@pytest.mark.parametrize("path", ["/", "/admin"])
def test_a_page_may_load_scripts_and_styles_from_here_only(gateway: GatewayRoom, path: str) -> None:
    answer = gateway.client.get(path)
    assert answer.status_code == 200
    rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    for kind in ("script-src", "style-src", "connect-src"):
        assert rules.get(kind, rules["default-src"]) == "'self'"
    if path == "/admin":  # no picture of elsewhere either
        assert (rules["default-src"], rules["img-src"]) == ("'none'", "'self' blob:")
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["object-src"] == "'none'"


@pytest.mark.parametrize(
    "path", ["/", "/admin", "/static/app.js", "/static/logo.svg", "/static/words.js", "/nowhere", "/metrics"]
)
def test_no_answer_is_guessed_to_be_of_another_kind_or_tells_where_one_comes_from(
    gateway: GatewayRoom, path: str
) -> None:
    headers = gateway.client.get(path).headers
    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers.get_list("referrer-policy") == ["no-referrer"]
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/", "/admin"])
def test_a_page_holds_no_script_or_style_that_its_policy_forbids(gateway: GatewayRoom, path: str) -> None:
    text = gateway.client.get(path).text
    for forbidden in ("<style", " style=", " onclick=", "javascript:", 'src="http', "<script>"):
        assert forbidden not in text


def test_the_pages_words_are_a_script_that_is_sent_once(gateway: GatewayRoom) -> None:
    first = gateway.client.get("/static/words.js")
    assert first.headers["content-type"].startswith("text/javascript")
    assert '"zh-Hant"' in first.text
    again = gateway.client.get("/static/words.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_visitor_keeps_one_identity_that_no_script_can_read(gateway: GatewayRoom) -> None:
    first = gateway.client.get("/")
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    person = gateway.client.cookies["switchboard_person"]
    gateway.client.get("/")
    assert gateway.client.cookies["switchboard_person"] == person


def test_behind_https_the_cookie_stays_on_https(secure: GatewayRoom) -> None:
    assert "secure" in secure.client.get("/").headers["set-cookie"].lower()


def test_a_stop_with_pages_that_listen_is_quick(room: GatewayRoom) -> None:
    page = WebPage(room.url)
    page.say("hello")
    with page.listen() as events:
        next(events)
        began = time.monotonic()
        assert room.stop(timeout_s=10) in (0, -signal.SIGTERM)  # uvicorn ends by the signal it got
        assert time.monotonic() - began < 10


def test_every_line_of_the_log_is_json_with_a_constant_event(room: GatewayRoom) -> None:
    page = WebPage(room.url)
    page.say("words of a person")
    room.stop()
    lines = room.log.splitlines()
    assert all(line.startswith('{"at": ') for line in lines)
    assert "words of a person" not in room.log


def test_what_machines_ask_is_answered(gateway: GatewayRoom) -> None:
    assert gateway.client.get("/healthz").json() == {"status": "ok"}
    assert gateway.client.get("/readyz").json() == {"status": "ready"}
    assert "switchboard_arrivals" in gateway.client.get("/metrics").text
    outside = gateway.client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"})
    assert (outside.status_code, outside.json()["code"]) == (403, "not_within")
    missing = gateway.client.get("/nowhere")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
