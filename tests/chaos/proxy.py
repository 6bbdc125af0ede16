"""A TCP proxy of ours between the rooms and what they call, which can delay, break, half open and refuse."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from tests.waiting import until

T = TypeVar("T")
Mood = Literal["fine", "latency", "mute", "refuse", "slow_close"]
"""latency: every piece comes late. mute: nothing passes, until it passes again. refuse: no connection is
taken. slow_close: an end is told late."""
LATENCY_S = 0.4
SLOW_CLOSE_S = 3.0
CHUNK = 65_536


class Network:
    """The event loop, in a thread of its own, that all proxies share."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it on the loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def begin(self, work: Coroutine[Any, Any, None]) -> Future[None]:
        """Have it run on the loop, until it is cancelled."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """End the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


@dataclass(eq=False)
class Pipe:
    """One connection through a proxy."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    is_deaf: bool = False
    """What is asked goes out, and no answer ever comes back."""

    def deafen(self) -> None:
        """No answer comes back from now on."""
        self.is_deaf = True

    def reset(self) -> None:
        """End both sides at once, with an RST."""
        for writer in (self.near, self.far):
            if writer is not None and (sock := writer.get_extra_info("socket")):
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()


class Proxy:
    """Listens on loopback and hands on to `target_port`."""

    def __init__(self, network: Network, name: str, target_port: int, port: int) -> None:
        self.name = name
        self.port = port
        self.mood: Mood = "fine"
        self._target_port = target_port
        self._network = network
        self._pipes: set[Pipe] = set()
        self._server: asyncio.Server | None = None
        self._changed = asyncio.Event()
        network.run(self._listen())

    @property
    def open_connections(self) -> int:
        """How many connections go through now."""
        return len(self._pipes)

    def set(self, mood: Mood) -> None:
        """From now on."""
        self._network.run(self._set(mood))

    def reset(self) -> None:
        """Break every connection; new ones are taken."""
        self._network.run(self._each(Pipe.reset))

    def deafen(self) -> None:
        """Leave every connection half open; new ones are whole."""
        self._network.run(self._each(Pipe.deafen))

    def reset_deaf(self) -> None:
        """Break those that are half open."""
        self._network.run(self._each(lambda pipe: pipe.reset() if pipe.is_deaf else None))

    def close(self) -> None:
        """Take no more, break all."""
        self._network.run(self._close())
        until(lambda: not self._pipes, f"the proxy {self.name} is closed")

    async def _set(self, mood: Mood) -> None:
        if mood == "refuse":
            await self._close()
        elif self._server is None:
            await self._listen()
        self.mood = mood
        self._changed.set()
        self._changed = asyncio.Event()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port, reuse_address=True)

    async def _close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        await self._each(Pipe.reset)

    async def _each(self, act: Callable[[Pipe], None]) -> None:
        for pipe in list(self._pipes):
            act(pipe)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pipe = Pipe(writer)
        self._pipes.add(pipe)
        try:
            far_reader, pipe.far = await asyncio.open_connection("127.0.0.1", self._target_port)
            there = asyncio.create_task(self._flow(reader, pipe.far, lambda: False))
            back = asyncio.create_task(self._flow(far_reader, writer, lambda: pipe.is_deaf))
            await asyncio.gather(there, back)
        except OSError:
            pipe.reset()
        finally:
            for end in (writer, pipe.far):
                if end:
                    end.close()
            self._pipes.discard(pipe)

    async def _flow(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, is_lost: Callable[[], bool]
    ) -> None:
        """One direction, until its end, which is told to the other side."""
        while chunk := await source.read(CHUNK):
            await self._wait_for_passage()
            if not is_lost():
                sink.write(chunk)
                await sink.drain()
        if self.mood == "slow_close":
            await asyncio.sleep(SLOW_CLOSE_S)
        await self._wait_for_passage()
        sink.close()

    async def _wait_for_passage(self) -> None:
        if self.mood == "latency":
            await asyncio.sleep(LATENCY_S)
        while self.mood == "mute":
            await self._changed.wait()
