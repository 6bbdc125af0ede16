"""Processes that do slow, risky work, one question at a time each, and are replaced when they die.

Not concurrent.futures: there, one dead process breaks the pool for everybody's photo, and a stuck
one cannot be killed.
"""

import asyncio
import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar, cast

from foundation.http import Fault
from services.face.errors import Busy, NotReady, PhotoFailed, PhotoTimedOut

log = logging.getLogger(__name__)

Q = TypeVar("Q")
A = TypeVar("A")

_START_S = 60.0
_WATCH_S = 1.0


class Pool(Generic[Q, A]):
    """Answers questions in `processes` processes; at most `queue` questions wait for one.

    `make_work` runs once in each process, loads what is needed, and gives the function that
    answers. It and the questions must be picklable.
    """

    def __init__(
        self, make_work: Callable[[], Callable[[Q], A]], processes: int, queue: int, limit_s: float
    ) -> None:
        self._lanes = [_Lane(make_work, limit_s) for _ in range(processes)]
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="lane")
        self._idle: asyncio.Queue[_Lane] = asyncio.Queue()
        self._queue = queue
        self._returns: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self.waiting = 0
        """How many questions wait for a process now."""

    @property
    def replaced(self) -> int:
        """How many processes were started after the first ones."""
        return sum(max(0, lane.starts - 1) for lane in self._lanes)

    def ready(self) -> bool:
        """Whether a process is there that has its models."""
        return any(lane.warm and lane.alive() for lane in self._lanes)

    def pids(self) -> list[int]:
        """The ids of the living processes."""
        return [lane.pid for lane in self._lanes if lane.pid is not None]

    async def start(self) -> None:
        """Start every process and wait until each is warm. Raises NotReady."""
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self._threads, lane.start) for lane in self._lanes))
        for lane in self._lanes:
            self._idle.put_nowait(lane)
        self._watch = asyncio.create_task(self._revive_idle())

    async def ask(self, question: Q) -> A:
        """The answer. Raises Busy, PhotoTimedOut, PhotoFailed, NotReady, and what the work raised."""
        if self._idle.empty() and self.waiting >= self._queue:
            raise Busy
        self.waiting += 1
        try:
            lane = await self._idle.get()
        finally:
            self.waiting -= 1
        asked = asyncio.get_running_loop().run_in_executor(self._threads, lane.ask, question)
        asked.add_done_callback(lambda _: self._give_back(lane))
        # Shielded: when the caller goes away, the thread still holds the lane until it is done.
        return cast(A, await asyncio.shield(asked))

    async def close(self) -> None:
        """End every process. A question that is still being answered fails."""
        if self._watch:
            self._watch.cancel()
        await asyncio.gather(*(asyncio.to_thread(lane.stop) for lane in self._lanes))
        await asyncio.gather(*self._returns)
        self._threads.shutdown(wait=False)

    async def _revive_idle(self) -> None:
        # Without this, a room whose last process died idle would stay unready until somebody asks.
        while True:
            await asyncio.sleep(_WATCH_S)
            for _ in range(self._idle.qsize()):
                lane = self._idle.get_nowait()
                if lane.alive():
                    self._idle.put_nowait(lane)
                else:
                    self._give_back(lane)

    def _give_back(self, lane: "_Lane") -> None:
        task = asyncio.get_running_loop().create_task(self._revive(lane))
        self._returns.add(task)
        task.add_done_callback(self._returns.discard)

    async def _revive(self, lane: "_Lane") -> None:
        try:
            if not lane.alive() and not lane.stopped:
                await asyncio.get_running_loop().run_in_executor(self._threads, lane.start)
        except NotReady:
            log.error("face.process.not_started", exc_info=True)  # the next question tries again
        finally:
            self._idle.put_nowait(lane)


class _Died(Exception):
    """The process ended before it answered."""

    def __init__(self, exitcode: int | None) -> None:
        super().__init__()
        self.exitcode = exitcode


class _Lane:
    """One process and the pipe to it. Its methods block: call them from a thread."""

    def __init__(self, make_work: Callable[[], Callable[[Any], Any]], limit_s: float) -> None:
        self._make_work = make_work
        self._limit_s = limit_s
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self.stopped = False
        self.starts = 0
        self.warm = False

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process and process.is_alive() else None

    def alive(self) -> bool:
        return self.pid is not None

    def start(self) -> None:
        if self.stopped:
            raise NotReady
        spawning = multiprocessing.get_context("spawn")
        ours, theirs = spawning.Pipe()
        process = spawning.Process(target=_serve, args=(theirs, self._make_work), daemon=True)
        process.start()
        theirs.close()  # so that the pipe ends when the process does
        self._process, self._pipe = process, ours
        self.starts += 1
        self.warm = False
        try:
            with self._limit(_START_S) as pipe:
                pipe.recv()
            self.warm = True
        except (_Died, PhotoTimedOut) as error:
            raise NotReady("the process ended, or hung, while it loaded its models") from error
        log.info("face.process.started", extra={"pid": process.pid})

    def ask(self, question: Any) -> Any:
        for _ in range(2):  # a process may die of another cause than its photo: one more try
            if not self.alive():
                self.start()
            try:
                return self._exchange(question)
            except _Died as death:
                log.error("face.process.died", extra={"exitcode": death.exitcode})
        raise PhotoFailed

    def stop(self) -> None:
        """For good. The process keeps nothing, so it is simply killed."""
        self.stopped = True
        if process := self._process:
            process.kill()
            process.join()

    def _exchange(self, question: Any) -> Any:
        with self._limit(self._limit_s) as pipe:
            pipe.send(question)  # may block too: a stopped process reads nothing
            answer = pipe.recv()
        if isinstance(answer, Fault):
            raise answer
        return answer

    @contextmanager
    def _limit(self, limit_s: float) -> Iterator[Connection]:
        """Talk to the process, which is killed when the time is over. Raises _Died, PhotoTimedOut."""
        process, pipe = self._process, self._pipe
        assert process
        assert pipe
        expired = threading.Event()
        timer = threading.Timer(limit_s, self._expire, [process, expired])
        timer.start()
        try:
            yield pipe
        except (EOFError, OSError) as error:
            # Forgotten first: while another thread waits for its end, it may still pass for alive.
            self._process = self._pipe = None
            process.kill()
            process.join()
            pipe.close()
            if not expired.is_set():
                raise _Died(process.exitcode) from error
            log.error("face.process.killed", extra={"limit_s": limit_s})
            raise PhotoTimedOut(f"longer than {limit_s:g} s") from error
        finally:
            timer.cancel()

    @staticmethod
    def _expire(process: BaseProcess, expired: threading.Event) -> None:
        expired.set()
        process.kill()


def _serve(pipe: Connection, make_work: Callable[[], Callable[[Any], Any]]) -> None:
    """What a process does, until its pipe ends with its parent."""
    for signum in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group: the parent decides
        signal.signal(signum, signal.SIG_IGN)
    work = make_work()
    pipe.send(None)
    while True:
        try:
            question = pipe.recv()
        except EOFError:
            return
        pipe.send(_answer(work, question))


def _answer(work: Callable[[Any], Any], question: Any) -> Any:
    try:
        return work(question)
    except Fault as fault:
        return fault
    except Exception:  # the outermost edge of this process: a defect must not end it
        log.exception("face.photo.failed")
        return PhotoFailed()
