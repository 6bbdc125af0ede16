"""A bounded pool of threads for foreign code, which may hang: they never keep the room from ending."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")
_Job = tuple[Future[Any], Callable[[], Any]]


class Threads:
    """At most `limit` threads, begun when they are wanted. Python's own pool would wait for them at exit."""

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._begun = 0
        self._free = 0

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """What the work will return: it must not raise. A future cancelled before its turn is never begun."""
        future: Future[T] = Future()
        with self._lock:
            if self._free:
                self._free -= 1
            elif self._begun < self._limit:
                self._begun += 1
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
            self._jobs.put((future, work))
        return future

    def close(self) -> None:
        """Let the threads end, each behind its present job."""
        for _ in range(self._begun):
            self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, work = job
            if future.set_running_or_notify_cancel():
                future.set_result(work())
            with self._lock:
                # A job that waits will be taken by this thread: it is free only where none does.
                if self._jobs.empty():
                    self._free += 1
