"""Closes connections whose request does not arrive: who sends a byte now and then holds nothing for long.

uvicorn waits for a request's headers and body as long as the other end likes, and keeps as many headers.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64_000
"""What a request's first line and headers may take, and about what one read may bring besides."""


class DeadlineProtocol(HttpToolsProtocol):
    """HTTP/1.1 that looks at each connection every two seconds; requests themselves pay next to nothing."""

    arrival_s = 15.0
    """A request has so long to arrive,"""
    least_bytes_a_s = 8_000
    """and a second more for each so many bytes that have come."""
    look_every_s = 2.0

    _looks = 0
    """Since the connection waits for a request, or the request for its end. Not the clock: a process that
    stood still must not blame the other end."""
    _received = 0
    """Bytes, since then."""
    _is_arriving = False
    _is_in_head = False

    def connection_made(self, transport: object) -> None:
        """Begin to look at the connection."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self._watch = self.loop.call_later(self.look_every_s, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head without an end is refused."""
        self._received += len(data)
        super().data_received(data)
        if self._is_in_head and self._received > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's headers are too large.")

    def on_message_begin(self) -> None:
        """A request's first byte."""
        self._looks = self._received = 0
        self._is_arriving = self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The body comes next."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._is_arriving = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The next request is waited for."""
        self._looks = 0
        super().on_response_complete()

    def _look(self) -> None:
        self._looks += self._waits_for_the_other_end()
        if self._looks * self.look_every_s > self.arrival_s + self._received / self.least_bytes_a_s:
            self.transport.abort()
        else:
            self._watch = self.loop.call_later(self.look_every_s, self._look)

    def _waits_for_the_other_end(self) -> bool:
        if self.flow.read_paused:
            return False  # the app has not read yet what has come
        return self._is_arriving or self.cycle is None or self.cycle.response_complete
