"""A page for the person at this machine that shows a conversation's story graph while it grows."""

import json
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Condition, Thread
from typing import Any
from urllib.parse import urlsplit

from services.nlp.showing.live_html import live_html

LOOPBACK = "127.0.0.1"
_NAMES = (LOOPBACK, "localhost")
_HEARTBEAT_S = 10.0
_PATIENCE_S = 60.0
"""With a browser that takes nothing."""
_SAFE = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class LivePage:
    """The page, and the events that keep it up to date. It is open to this machine only."""

    def __init__(self, heartbeat_s: float = _HEARTBEAT_S) -> None:
        self._feed = _Feed(heartbeat_s)
        self._server: _Server | None = None
        self._thread: Thread | None = None

    def start(self, port: int) -> str:
        """Serve on this port (0: any free one) and return the page's address; OSError where it is taken."""
        self.stop()
        self._server = _Server(port, self._feed)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="live-page", daemon=True)
        self._thread.start()
        return f"http://{LOOPBACK}:{self._server.port}/"

    def show(self, svg: str, history: Sequence[tuple[str, str]], slots: Mapping[str, Any]) -> None:
        """Show this graph; `history` is (who, what) line by line; slots that are None are shown as unset."""
        state = {
            "svg": svg,
            "history": [list(line) for line in history],
            "slots": [[name, _shown(value)] for name, value in slots.items()],
        }
        self._feed.publish(json.dumps(state))

    def stop(self) -> None:
        """End the server and its streams; to stop twice is no mistake."""
        self._feed.close()
        if self._server and self._thread:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        self._server = self._thread = None


class _Feed:
    """The newest state, and waiting for a newer one; states in between may be skipped."""

    def __init__(self, heartbeat_s: float) -> None:
        self._changed = Condition()
        self._heartbeat_s = heartbeat_s
        self._state = ""
        self._number = 0
        self._closings = 0

    def close(self) -> None:
        """End the streams that are open now."""
        with self._changed:
            self._closings += 1
            self._changed.notify_all()

    def publish(self, state: str) -> None:
        """Send this to all, and first of all to those who come later."""
        with self._changed:
            self._state, self._number = state, self._number + 1
            self._changed.notify_all()

    def events(self) -> Iterator[str]:
        """As server-sent events: the state there is, each newer one, and a comment when nothing happens."""
        yield "retry: 1000\n\n"
        seen, closings = 0, self._closings
        while True:
            number, state = self._after(seen, closings)
            if closings != self._closings:
                return
            yield f"event: state\nid: {number}\ndata: {state}\n\n" if number > seen else ": nothing new\n\n"
            seen = number

    def _after(self, seen: int, closings: int) -> tuple[int, str]:
        """The newest state, once there is a newer one, the streams end, or a heartbeat is due."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._number > seen or closings != self._closings, self._heartbeat_s
            )
            return self._number, self._state


class _Server(ThreadingTCPServer):
    # Not HTTPServer: that one looks its own name up in the DNS.
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, feed: _Feed) -> None:
        self.feed = feed
        super().__init__((LOOPBACK, port), _Request)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing where a browser just went away: a traceback would spoil the terminal's dialogue."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Request(BaseHTTPRequestHandler):
    server: _Server
    server_version = "switchboard"
    sys_version = ""
    timeout = _PATIENCE_S

    def do_GET(self) -> None:
        """The page or its events, to a browser that asked for this machine by its name.

        A foreign site whose name is made to point here (DNS rebinding) asks by that name, and gets nothing.
        """
        path = urlsplit(self.path).path
        if not self._is_for_us():
            self._answer(403, "text/plain", "This page is for this machine only.\n")
        elif path == "/":
            nonce = secrets.token_urlsafe(16)
            self._answer(200, "text/html", live_html(nonce), _policy(nonce))
        elif path == "/events":
            self._stream()
        else:
            self._answer(404, "text/plain", "There is nothing here.\n")

    def _is_for_us(self) -> bool:
        hosts = self.headers.get_all("Host") or []
        return len(hosts) == 1 and hosts[0].lower() in {f"{name}:{self.server.port}" for name in _NAMES}

    def _answer(self, status: int, kind: str, text: str, policy: str = "default-src 'none'") -> None:
        body = text.encode()
        self._begin(status, kind, {"Content-Length": str(len(body)), "Content-Security-Policy": policy})
        self.wfile.write(body)

    def _stream(self) -> None:
        self._begin(200, "text/event-stream", {})
        for event in self.server.feed.events():
            self.wfile.write(event.encode())
            self.wfile.flush()

    def _begin(self, status: int, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": f"{kind}; charset=utf-8"} | _SAFE | dict(headers)).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the terminal belongs to the dialogue."""


def _policy(nonce: str) -> str:
    """Our one script, and styles, which the graph brings along; nothing from anywhere else."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _shown(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
