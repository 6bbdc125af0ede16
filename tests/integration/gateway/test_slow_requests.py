"""Who sends a byte now and then is left, who goes on at a fair pace is not; others are heard meanwhile."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from foundation.deadlines import HEAD_BYTES, DeadlineProtocol
from services.gateway.routes.deliveries import WEBHOOK_BYTES
from tests.integration.gateway.room import GatewayRoom
from tests.payloads import TELEGRAM_SECRET
from tests.redis_process import free_port
from tests.waiting import until

HEAD = b"POST /length HTTP/1.1\r\nHost: here\r\n"
WHOLE = HEAD + b"Content-Length: 2\r\n\r\nok"


class Hasty(DeadlineProtocol):
    """The same in a few tenths of a second."""

    arrival_s = 0.4
    look_every_s = 0.05


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where an app listens that says how long a body was, or waits until it is told to go on."""
    app, told = FastAPI(), asyncio.Event()

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    @app.get("/wait")
    async def wait() -> str:
        await told.wait()
        return "told"

    @app.post("/tell")
    async def tell() -> None:
        told.set()

    config = uvicorn.Config(app, port=free_port(), http=Hasty, log_config=None, timeout_keep_alive=30)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "the server is there")
    yield config.port
    server.should_exit = True
    thread.join(10)


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def is_left(connection: socket.socket, drip: bytes) -> bool:
    """Whether the server ends the connection, to which such a piece goes now and then."""
    connection.settimeout(0.05)
    for _ in range(200):
        try:
            connection.sendall(drip)
            if connection.recv(1000) == b"":
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


@pytest.mark.parametrize(
    ("begun", "drip"),
    [
        (b"", b""),
        (b"", b"\r\n"),
        (b"POST", b" "),
        (HEAD, b"X-Header: 1\r\n"),
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"x"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (WHOLE, b"\r\n"),
        (WHOLE + HEAD, b"X-Header: 1\r\n"),
    ],
    ids=["silent", "newlines", "method", "headers", "body", "chunks", "after an answer", "second request"],
)
def test_a_request_that_drips_is_left_and_others_are_answered_meanwhile(
    port: int, begun: bytes, drip: bytes
) -> None:
    with connected(port) as connection:
        connection.sendall(begun)
        answer = httpx.post(f"http://127.0.0.1:{port}/length", content=b"hello", trust_env=False)
        assert answer.json() == 5
        assert is_left(connection, drip)


def test_a_body_that_goes_on_at_a_fair_pace_may_take_long(port: int) -> None:
    size, piece = 80_000, 4_000  # at 8,000 bytes a second it has 10.4 s
    with connected(port) as connection:
        connection.sendall(HEAD + f"Content-Length: {size}\r\nConnection: close\r\n\r\n".encode())
        for _ in range(size // piece):
            threading.Event().wait(0.05)  # together more than twice the time to arrive
            connection.sendall(b"x" * piece)
        answer = b"".join(iter(lambda: connection.recv(1000), b""))
    assert answer.endswith(str(size).encode())


def test_an_answer_in_the_making_is_waited_for(port: int) -> None:
    url = f"http://127.0.0.1:{port}"
    with ThreadPoolExecutor(1) as pool, connected(port) as dripping:
        waiting = pool.submit(httpx.get, f"{url}/wait", trust_env=False)
        dripping.sendall(HEAD)
        assert is_left(dripping, b"")
        httpx.post(f"{url}/tell", trust_env=False)
        assert waiting.result().json() == "told"


def test_headers_without_an_end_are_refused(gateway: GatewayRoom) -> None:
    with connected(gateway.port) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\n")
        try:
            for _ in range(100 * HEAD_BYTES // 1000):
                connection.sendall(b"X-Header: " + b"x" * 988 + b"\r\n")
        except ConnectionError:
            return
    raise AssertionError("100 times the bound was taken")


@pytest.mark.parametrize("path", ["/webhooks/telegram", "/webhooks/slack/events"])
def test_a_body_in_chunks_that_says_no_length_is_refused_at_the_bound(
    gateway: GatewayRoom, path: str
) -> None:
    pieces = (b"x" * 10_000 for _ in range(2 * WEBHOOK_BYTES // 10_000))
    headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
    answer = gateway.client.post(path, content=pieces, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_that_says_too_great_a_length_is_refused_before_it_comes(gateway: GatewayRoom) -> None:
    with connected(gateway.port) as connection:
        connection.sendall(
            b"POST /webhooks/slack/events HTTP/1.1\r\nHost: here\r\n"
            + f"Content-Length: {WEBHOOK_BYTES + 1}\r\n\r\n".encode()
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 413")
