"""The proxy breaks connections in each of its ways, and lets them pass when nothing is broken."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.chaos.proxy import LATENCY_S, Network, Proxy
from tests.redis_process import free_port
from tests.waiting import until

SHORT_S = 0.2


class Repeat(socketserver.BaseRequestHandler):
    """Says back what it hears."""

    def handle(self) -> None:
        with suppress(ConnectionError):  # a reset is what some tests are about
            while piece := self.request.recv(1000):
                self.server.heard.append(piece)  # type: ignore[attr-defined]
                self.request.sendall(piece)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Repeat)
        self.heard: list[bytes] = []


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    network = Network()
    yield network
    network.close()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def proxy(network: Network, server: Server) -> Iterator[Proxy]:
    proxy = Proxy(network, "test", int(server.server_address[1]), free_port())
    yield proxy
    proxy.set("fine")
    proxy.close()


@pytest.fixture
def client(proxy: Proxy) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as client:
        client.sendall(b"one")
        assert client.recv(100) == b"one"
        yield client


def test_a_reset_breaks_what_is_open_and_takes_what_is_new(proxy: Proxy, client: socket.socket) -> None:
    proxy.reset()
    with pytest.raises(ConnectionError):
        client.recv(100)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as other:
        other.sendall(b"two")
        assert other.recv(100) == b"two"


def test_one_that_refuses_breaks_what_is_open_and_takes_nothing(proxy: Proxy, client: socket.socket) -> None:
    proxy.set("refuse")
    with pytest.raises(ConnectionError):
        client.recv(100)
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", proxy.port), timeout=5)


def test_half_open_the_question_arrives_and_the_answer_does_not(
    proxy: Proxy, client: socket.socket, server: Server
) -> None:
    proxy.deafen()
    client.sendall(b"two")
    until(lambda: b"two" in server.heard, "the question arrives")
    client.settimeout(SHORT_S)
    with pytest.raises(TimeoutError):
        client.recv(100)
    proxy.reset_deaf()
    with pytest.raises(ConnectionError):
        client.recv(100)


def test_a_mute_way_lets_everything_pass_later(proxy: Proxy, client: socket.socket, server: Server) -> None:
    proxy.set("mute")
    client.sendall(b"two")
    client.settimeout(SHORT_S)
    with pytest.raises(TimeoutError):
        client.recv(100)
    assert server.heard == [b"one"]
    proxy.set("fine")
    client.settimeout(5)
    assert client.recv(100) == b"two"


def test_a_slow_way_delays_both_directions(proxy: Proxy, client: socket.socket) -> None:
    proxy.set("latency")
    client.settimeout(LATENCY_S * 1.5)
    client.sendall(b"two")
    with pytest.raises(TimeoutError):
        client.recv(100)
    client.settimeout(5)
    assert client.recv(100) == b"two"


def test_the_end_of_a_connection_is_passed_on(proxy: Proxy, client: socket.socket) -> None:
    client.close()
    until(lambda: not proxy.open_connections, "nothing is open")
