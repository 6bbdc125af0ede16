"""`python -m benchmarks.http_load FILE PORT CONNECTIONS RATE`: posts prepared requests.

FILE is a pickled list of raw HTTP requests; each is posted once, over connections that are kept. RATE is
requests a second, by the clock and whatever the answers take; 0: the next as soon as a connection is free.
Prints as JSON: when it began (Unix), requests a second, its own share of a core, and latency p50 and p99
in ms.
"""

import asyncio
import gc
import json
import pickle
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import cast

import uvloop

TICK_S = 0.001
"""The event loop's clock ticks in milliseconds: a shorter sleep would be none at all."""


class Load:
    """The requests that are still to be posted, and how long each took from when it was due."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self.requests = deque(requests)
        self.due: deque[float] = deque()
        """When the next requests were due, where no connection was free yet."""
        self.free: deque[Connection] = deque()
        """The longest unused first: a server closes a connection that is left alone."""
        self.latencies: list[float] = []
        self._wanted = len(requests)
        self.over = asyncio.get_running_loop().create_future()

    def ask(self, due: float) -> None:
        """Post one now, or as soon as a connection is free; that wait counts, but for those never due (0)."""
        if self.free:
            self._post(self.free.popleft(), due)
        else:
            self.due.append(due)

    def _post(self, connection: "Connection", due: float) -> None:
        connection.due = due or time.perf_counter()
        connection.transport.write(self.requests.popleft())

    def answered(self, connection: "Connection", seen: float) -> None:
        self.latencies.append(seen - connection.due)
        if len(self.latencies) == self._wanted:
            self.over.set_result(None)
        elif self.due:
            self._post(connection, self.due.popleft())
        else:
            self.free.append(connection)


class Connection(asyncio.Protocol):
    """One kept connection with one request in flight."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._seen = b""
        self.due = 0.0
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    def data_received(self, piece: bytes) -> None:
        data = self._seen + piece
        if _is_whole(data):
            self._seen = b""
            self._load.answered(self, time.perf_counter())
        else:
            self._seen = data

    def connection_lost(self, error: Exception | None) -> None:
        if not self._load.over.done():
            self._load.over.set_exception(error or ConnectionError("the server has closed a connection"))


def _is_whole(data: bytes) -> bool:
    """Whether the answer has come to its end; raises where it is not a 200."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return False
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"not accepted: {data[:300]!r}")
    _, _, rest = head.partition(b"content-length: ")
    return len(body) >= int(rest.partition(b"\r\n")[0])


async def _run(requests: Sequence[bytes], port: int, connections: int, rate: float) -> dict[str, float]:
    load = Load(requests)
    loop = asyncio.get_running_loop()
    opened = [
        await loop.create_connection(lambda: Connection(load), "127.0.0.1", port) for _ in range(connections)
    ]
    begun, spent = time.perf_counter(), time.process_time()
    load.free.extend(connection for _, connection in opened)
    for number in range(len(requests)):
        due = begun + number / rate if rate else 0
        if due > time.perf_counter():
            await asyncio.sleep(max(due - time.perf_counter(), TICK_S))
        load.ask(due)
    await load.over
    seconds = time.perf_counter() - begun
    cuts = quantiles(load.latencies, n=100)
    return {
        "begun": time.time() - seconds,
        "rate": len(requests) / seconds,
        "busy": (time.process_time() - spent) / seconds,
        "p50_ms": 1000 * cuts[49],
        "p99_ms": 1000 * cuts[98],
    }


def main() -> None:
    """Read the arguments, and print what was measured."""
    file, port, connections, rate = sys.argv[1:]
    requests = pickle.loads(Path(file).read_bytes())
    gc.disable()  # the requests are many, and none goes before the end
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_run(requests, int(port), int(connections), float(rate)))))


if __name__ == "__main__":
    main()
