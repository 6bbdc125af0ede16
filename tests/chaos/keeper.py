"""Keeps every process of the product running, as supervisor or Docker would: what ends is started again."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from tests.chaos.log import RunLog
from tests.e2e.stack import Stack
from tests.waiting import until

LOOK_S = 0.2


class Keeper:
    """Looks after the rooms and Redis in a thread of its own."""

    def __init__(self, stack: Stack, log: RunLog) -> None:
        self._stack = stack
        self._log = log
        self._held: set[str] = set()
        self._over = threading.Event()
        self._lock = threading.RLock()
        self._thread = threading.Thread(target=self._keep, name="keeper")

    def start(self) -> None:
        """From now on."""
        self._thread.start()

    def stop(self) -> None:
        """Leave everything as it is."""
        self._over.set()
        if self._thread.ident:
            self._thread.join()

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """This one may be down for a while."""
        with self._lock:
            self._held.add(name)
        yield
        with self._lock:
            self._held.discard(name)

    def wait_ready(self, timeout_s: float) -> None:
        """Until everything runs and says that it is ready."""
        for name in ("redis", *self._stack.rooms):
            self.wait_answers(name, timeout_s)

    def wait_answers(self, name: str, timeout_s: float) -> None:
        """Until this one runs and says that it is ready."""
        until(partial(self.is_ready, name), f"{name} is ready again", timeout_s, 0.05)

    def is_ready(self, name: str) -> bool:
        """Whether it runs and says so."""
        with self._lock:
            if self.process(name).poll() is not None:
                return False
            return self._stack.redis.answers() if name == "redis" else self._stack[name].is_ready()

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """The one that runs now, or ran last."""
        process = self._stack.redis.process if name == "redis" else self._stack[name].process
        assert process
        return process

    def pids(self, names: tuple[str, ...]) -> dict[str, int]:
        """The ids of their processes as they run now, by name."""
        return {name: self.process(name).pid for name in names}

    def _keep(self) -> None:
        while not self._over.wait(LOOK_S):
            for name in ("redis", *self._stack.rooms):
                with self._lock:
                    if name not in self._held and (code := self.process(name).poll()) is not None:
                        self._start(name, code)

    def _start(self, name: str, code: int) -> None:
        self._log.write("process.started", name=name, ended_with=code)
        if name == "redis":
            self._stack.redis.launch()
        else:
            self._stack[name].start()
