"""Faults: how each begins and how it ends; a fault has ended when what it hit is ready again."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Pause

from tests.chaos.history import Span
from tests.chaos.keeper import Keeper
from tests.chaos.log import RunLog
from tests.chaos.plan import Fault
from tests.chaos.world import WORKERS, World

ROOMS = ("gateway", "nlp", *WORKERS)
READY_S = 60
Breaking = Callable[["Faults", str], Iterator[None]]


class Faults:
    """Brings a plan's faults about, one after the other; blocks, so run it in a thread of its own."""

    def __init__(self, world: World, keeper: Keeper, log: RunLog) -> None:
        self.world = world
        self.keeper = keeper
        self.spans: list[Span] = []
        self._log = log

    def run(self, faults: tuple[Fault, ...], began_at: float, over: Pause) -> None:
        """All of them, each at its time or as soon as the one before has ended."""
        for fault in faults:
            if over.wait(max(0.0, began_at + fault.at_s - time.monotonic())):
                return
            self._break(fault)

    def _break(self, fault: Fault) -> None:
        began_at = time.monotonic()
        self._log.write("fault.began", kind=fault.kind, target=fault.target, span_s=round(fault.span_s, 2))
        with contextmanager(BREAKING[fault.kind])(self, fault.target):
            Pause().wait(fault.span_s)
        self.keeper.wait_ready(READY_S)
        self.spans.append(Span(fault.kind, fault.target, began_at, time.monotonic()))
        self._log.write("fault.ended", kind=fault.kind, target=fault.target)


def kill(faults: Faults, room: str) -> Iterator[None]:
    """SIGKILL, and nobody starts it again for a while."""
    with faults.keeper.held(room):
        faults.world.stack[room].kill()
        yield


def stop(faults: Faults, room: str) -> Iterator[None]:
    """SIGSTOP, then SIGCONT: it goes on as if nothing had been."""
    process = faults.world.stack[room].process
    assert process
    process.send_signal(signal.SIGSTOP)
    yield
    process.send_signal(signal.SIGCONT)


def restart(faults: Faults, room: str) -> Iterator[None]:
    """SIGTERM, as a deploy does, and a new process at once."""
    with faults.keeper.held(room):
        faults.world.stack[room].terminate()
        faults.world.stack[room].wait()
    yield


BREAKING: dict[str, Breaking] = {"kill": kill, "stop": stop, "restart": restart}


def menu() -> list[tuple[str, str]]:
    """Every (kind, target) that a plan may draw."""
    return [(kind, room) for kind in ("kill", "stop", "restart") for room in ROOMS]
