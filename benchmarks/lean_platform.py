"""`python -m benchmarks.lean_platform PORT SEND_S`: a Bot API that costs next to nothing, in its own process.

It takes every call, and answers one that sends a message so many seconds later. `GET /arrivals` is a stream
of lines `CHAT TIME`: each message that has come, and when (time.monotonic, which is the same clock in every
process).
"""

import asyncio
import itertools
import re
import sys
import time

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_CHAT = re.compile(rb"chat_id=(-?\d+)")
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_MESSAGE = b'{"ok":true,"result":{"message_id":%d,"date":1,"chat":{"id":%s,"type":"private"},"text":"x"}}'
_ME = b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Bench","username":"bench_bot"}}'
_TRUE = b'{"ok":true,"result":true}'


_listeners: set[asyncio.Transport] = set()
_ids = itertools.count(1)


class _Connection(asyncio.Protocol):
    """Reads requests as bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._came = b""

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (end := self._came.find(b"\r\n\r\n") + 4) > 3:
            length = _LENGTH.search(self._came, 0, end)
            whole = end + (int(length.group(1)) if length else 0)
            if len(self._came) < whole:
                return
            head, body = self._came[:end], self._came[end:whole]
            self._came = self._came[whole:]
            self._answer(head.split(b" ", 2)[1].rpartition(b"/")[2].lower(), body)

    def connection_lost(self, exc: Exception | None) -> None:
        _listeners.discard(self._transport)

    def _answer(self, method: bytes, body: bytes) -> None:
        if method == b"arrivals":
            _listeners.add(self._transport)
            self._transport.write(b"\n")
            return
        answer = _ME if method == b"getme" else _TRUE
        if method == b"sendmessage" and (chat := _CHAT.search(body)):
            line = b"%s %.6f\n" % (chat.group(1), time.monotonic())
            for listener in _listeners:
                listener.write(line)
            answer = _MESSAGE % (next(_ids), chat.group(1))
            asyncio.get_running_loop().call_later(float(sys.argv[2]), self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: bytes) -> None:
        self._transport.write(_HEAD % len(answer) + answer)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", port)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
