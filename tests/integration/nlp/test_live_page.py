"""The live page shows what it is given, keeps up with it, and is for this machine only."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from services.nlp.showing.live_page import LivePage
from tests.waiting import until

_SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>{}</text></svg>'


@pytest.fixture
def live() -> Iterator[LivePage]:
    page = LivePage(heartbeat_s=0.1)
    yield page
    page.stop()


@pytest.fixture
def url(live: LivePage) -> str:
    return live.start(0)


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False, timeout=10) as client:
        yield client


def _states(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    return (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def _answering() -> list[str]:
    """The server's threads that answer a browser."""
    return [thread.name for thread in threading.enumerate() if "process_request" in thread.name]


def test_the_page_is_whole_in_itself(client: httpx.Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "://" not in answer.text
    policy = answer.headers["content-security-policy"]
    nonce = answer.text.split('<script nonce="')[1].split('"')[0]
    assert f"script-src 'nonce-{nonce}'" in policy
    assert nonce not in client.get("/").text


def test_the_first_event_is_the_state_there_is(live: LivePage, client: httpx.Client) -> None:
    live.show(_SVG.format("old"), [], {})
    live.show(_SVG.format("你好"), [("you", "你好\n<b>")], {"city": "Rome", "day": None, "n": [1, "二"]})
    with client.stream("GET", "/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        assert next(_states(events.iter_lines())) == {
            "svg": _SVG.format("你好"),
            "history": [["you", "你好\n<b>"]],
            "slots": [["city", "Rome"], ["day", None], ["n", '[1, "二"]']],
        }


def test_every_browser_gets_what_is_shown_later(live: LivePage, client: httpx.Client) -> None:
    live.show(_SVG.format(1), [], {})
    with client.stream("GET", "/events") as one, client.stream("GET", "/events") as two:
        streams = [_states(one.iter_lines()), _states(two.iter_lines())]
        assert [next(stream)["svg"] for stream in streams] == [_SVG.format(1)] * 2
        live.show(_SVG.format(2), [("bot", "hi")], {})
        assert [next(stream)["history"] for stream in streams] == [[["bot", "hi"]]] * 2


def test_values_that_json_cannot_hold_reach_the_page_as_text(live: LivePage, client: httpx.Client) -> None:
    live.show(_SVG.format(1), [], {"a": float("nan"), "b": {1}, "c": "\ud800"})
    with client.stream("GET", "/events") as events:
        state = next(_states(events.iter_lines()))
    assert state["slots"] == [["a", "NaN"], ["b", '"{1}"'], ["c", "\ud800"]]


def test_a_quiet_stream_is_kept_alive(client: httpx.Client) -> None:
    with client.stream("GET", "/events") as events:
        assert ": nothing new" in events.iter_lines()


@pytest.mark.parametrize("path", ["/", "/events", "/nowhere"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", ""])
def test_a_name_that_is_not_this_machines_is_refused(
    live: LivePage, client: httpx.Client, url: str, host: str, path: str
) -> None:
    live.show(_SVG.format("private"), [], {})
    with client.stream("GET", path, headers={"Host": host.format(port=urlsplit(url).port)}) as answer:
        assert answer.status_code == 403
        assert "private" not in answer.read().decode()


def test_this_machine_may_be_called_localhost(client: httpx.Client, url: str) -> None:
    assert client.get("/", headers={"Host": f"localhost:{urlsplit(url).port}"}).status_code == 200


def test_no_other_site_may_read_the_events(live: LivePage, client: httpx.Client) -> None:
    live.show(_SVG.format(1), [], {})
    with client.stream("GET", "/events", headers={"Origin": "http://evil.example"}) as events:
        assert "access-control-allow-origin" not in events.headers
        assert events.headers["cross-origin-resource-policy"] == "same-origin"


def test_nothing_listens_but_on_the_loopback(url: str) -> None:
    port = urlsplit(url).port
    with socket.socket() as other:
        other.settimeout(2)
        assert other.connect_ex(("127.0.0.2", port)) != 0


def test_an_unknown_path_is_not_found_and_nothing_can_be_posted(client: httpx.Client) -> None:
    assert client.get("/nowhere").status_code == 404
    assert client.post("/", content="x").status_code == 501


def test_browsers_that_come_and_go_leave_no_word_in_the_terminal(
    live: LivePage, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)) as rude:
            rude.sendall(f"GET /events HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode())
            assert rude.recv(100)
    for number in range(20):
        live.show(_SVG.format(number) * 1000, [], {})
    until(lambda: not _answering(), "the browsers that went away are noticed")
    assert capfd.readouterr() == ("", "")


def test_stopping_ends_the_streams_and_frees_the_port(live: LivePage, url: str) -> None:
    ended: list[bool] = []

    def read() -> None:
        with httpx.stream("GET", f"{url}events", trust_env=False) as events:
            started.append(True)
            list(events.iter_lines())
        ended.append(True)

    started: list[bool] = []
    reader = threading.Thread(target=read)
    reader.start()
    until(lambda: started, "the stream is open")
    live.stop()
    reader.join(5)
    assert ended
    live.stop()
    assert live.start(urlsplit(url).port or 0) == url
    assert httpx.get(url, trust_env=False).status_code == 200


def test_a_port_that_is_taken_is_an_error(live: LivePage, url: str) -> None:
    with pytest.raises(OSError, match="in use"):
        LivePage().start(urlsplit(url).port or 0)
