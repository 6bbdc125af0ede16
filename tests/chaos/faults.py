"""Faults: how each begins and how it ends; a fault has ended when what it hit is ready again."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Event as Pause

from tests.chaos import findings, volumes
from tests.chaos.clock import JUMP_S
from tests.chaos.history import Span
from tests.chaos.keeper import Keeper
from tests.chaos.log import RunLog
from tests.chaos.overlay import path_of
from tests.chaos.plan import Fault, Plan
from tests.chaos.proxy import Mood
from tests.chaos.world import WORKERS, World
from tests.waiting import until

ROOMS = ("gateway", "nlp", "face", *WORKERS)
FAKES = ("telegram", "slack", "model")
ROLLED = ("nlp", "face", *WORKERS, "gateway")
"""Who reads Events stands before who writes them."""
CALLED = ("redis", "nlp", *FAKES)
FLOODED = 3
"""One place in so many is closed by its platform's 429."""
READY_S = 180
DRAIN_S = 40
Breaking = Callable[["Faults", str, float], Iterator[None]]


class Faults:
    """Brings a plan's faults about, one after the other; blocks, so run it in a thread of its own."""

    def __init__(self, world: World, keeper: Keeper, log: RunLog) -> None:
        self.world = world
        self.keeper = keeper
        self.spans: list[Span] = []
        self._log = log

    def run(self, plan: Plan, began_at: float, over: Pause) -> None:
        """All of them, each at its time or as soon as the one before has ended, while the plan lasts."""
        for fault in plan.faults:
            late = time.monotonic() - began_at > plan.seconds
            if late or over.wait(max(0.0, began_at + fault.at_s - time.monotonic())):
                return
            self._break(fault)

    def replace(self, room: str, variables: Mapping[str, str | None]) -> None:
        """End the room with patience and start it with other variables (None: without it)."""
        with self.keeper.held(room):
            process = self.keeper.process(room)
            process.terminate()
            process.wait(40)
            kept = self.world.stack[room].environment
            changed = {**kept, **variables}
            self.world.stack[room].environment = {k: v for k, v in changed.items() if v is not None}
            self.world.stack[room].start()
            until(partial(self.keeper.is_ready, room), f"{room} is ready", READY_S, 0.05)

    def is_without_newer_soon(self) -> bool:
        """Whether no inbox holds an Event that only the next version knows, before long."""
        with findings.open_redis(self.world.stack.redis.port) as client:
            try:
                return until(
                    lambda: not any(findings.newer(client)), "newer Events are answered", DRAIN_S, 0.2
                )
            except TimeoutError:
                return False

    def _break(self, fault: Fault) -> None:
        began_at = time.monotonic()
        self._log.write("fault.began", kind=fault.kind, target=fault.target, span_s=round(fault.span_s, 2))
        with contextmanager(BREAKING[fault.kind])(self, fault.target, fault.span_s):
            Pause().wait(fault.span_s)
        self.keeper.wait_ready(READY_S)
        self.spans.append(Span(fault.kind, fault.target, began_at, time.monotonic()))
        self._log.write("fault.ended", kind=fault.kind, target=fault.target)


def kill(faults: Faults, name: str, span_s: float) -> Iterator[None]:
    """SIGKILL, and nobody starts it again for a while: until it listens, its connections are refused."""
    ways = faults.world.ways.to(name)
    with faults.keeper.held(name):
        faults.keeper.process(name).send_signal(signal.SIGKILL)
        faults.keeper.process(name).wait()
        for proxy in ways:
            proxy.set("refuse")
        yield
    faults.keeper.wait_answers(name, READY_S)
    for proxy in ways:
        proxy.set("fine")


def stop(faults: Faults, name: str, span_s: float) -> Iterator[None]:
    """SIGSTOP, then SIGCONT: it goes on as if nothing had been."""
    process = faults.keeper.process(name)
    process.send_signal(signal.SIGSTOP)
    yield
    process.send_signal(signal.SIGCONT)


def restart(faults: Faults, name: str, span_s: float) -> Iterator[None]:
    """SIGTERM, as a deploy does, and a new process at once."""
    with faults.keeper.held(name):
        faults.keeper.process(name).terminate()
        faults.keeper.process(name).wait(40)
    yield


def reset(faults: Faults, called: str, span_s: float) -> Iterator[None]:
    """Every connection breaks; new ones are taken."""
    for proxy in faults.world.ways.to(called):
        proxy.reset()
    yield


def half_open(faults: Faults, called: str, span_s: float) -> Iterator[None]:
    """On the connections that there are, what is asked goes out and no answer ever comes back."""
    for proxy in faults.world.ways.to(called):
        proxy.deafen()
    yield
    for proxy in faults.world.ways.to(called):
        proxy.reset_deaf()


def in_mood(faults: Faults, called: str, mood: Mood) -> Iterator[None]:
    """All ways to one that is called, and then as before."""
    for proxy in faults.world.ways.to(called):
        proxy.set(mood)
    yield
    for proxy in faults.world.ways.to(called):
        proxy.set("fine")


def latency(faults: Faults, called: str, span_s: float) -> Iterator[None]:
    """Every piece comes late."""
    yield from in_mood(faults, called, "latency")


def mute(faults: Faults, called: str, span_s: float) -> Iterator[None]:
    """Nothing passes, until it passes again."""
    yield from in_mood(faults, called, "mute")


def down(faults: Faults, called: str, span_s: float) -> Iterator[None]:
    """Connections break and none is taken, as when the one that is called is killed."""
    yield from in_mood(faults, called, "refuse")


def slow_close(faults: Faults, called: str, span_s: float) -> Iterator[None]:
    """The end of a connection is told late; then all of them end."""
    yield from in_mood(faults, called, "slow_close")


def flood(faults: Faults, platform: str, span_s: float) -> Iterator[None]:
    """The platform answers 429 in some places, with the time to wait."""
    record = (faults.world.telegram if platform == "telegram" else faults.world.slack).record
    for number, place in enumerate(sorted({place for place, _ in list(record.shown_at)})):
        if number % FLOODED == 0:
            record.refuse(place, span_s)
    yield


def full(faults: Faults, name: str, span_s: float) -> Iterator[None]:
    """Redis is filled up to its maxmemory, and emptied again."""
    names = volumes.fill_redis(faults.world.stack.redis.port)
    yield
    volumes.empty_redis(faults.world.stack.redis.port, names)


def disk(faults: Faults, name: str, span_s: float) -> Iterator[None]:
    """Redis's disk is full: it ends, and ends again, until there is space."""
    filler = volumes.fill_disk(faults.world.stack.redis.folder)
    yield
    filler.unlink()


def clock(faults: Faults, who: str, span_s: float) -> Iterator[None]:
    """Clocks are an hour ahead or behind, and then right again."""
    names, _, direction = who.partition(" ")
    clocks = faults.world.clocks
    jumping = clocks.values() if names == "all" else [clocks[names]]
    for one in jumping:
        one.set(JUMP_S if direction == "ahead" else -JUMP_S)
    yield
    for one in jumping:
        one.set(0)


def deploy(faults: Faults, order: str, span_s: float) -> Iterator[None]:
    """One room after another becomes one of the next version; then back, who writes newer Events first."""
    newer = path_of(faults.world.overlay)
    for room in ROLLED if order == "readers first" else reversed(ROLLED):
        faults.replace(room, newer)
    yield
    for room in reversed(ROLLED):
        faults.replace(room, dict.fromkeys(newer))
        if room == "gateway" and not faults.is_without_newer_soon():
            return  # rooms of this version would leave those Events alone: the newer ones stay


BREAKING: dict[str, Breaking] = {
    "kill": kill,
    "stop": stop,
    "restart": restart,
    "reset": reset,
    "half_open": half_open,
    "latency": latency,
    "mute": mute,
    "down": down,
    "slow_close": slow_close,
    "flood": flood,
    "full": full,
    "disk": disk,
    "clock": clock,
    "deploy": deploy,
}


def menu(
    has_volume: bool, has_clocks: bool, kinds: frozenset[str] = frozenset(BREAKING)
) -> list[tuple[str, str]]:
    """Every (kind, target) of these kinds that a plan may draw.

    A full disk only where it is a disk of the run's own, clocks only where a C compiler is.
    """
    found = [(kind, name) for kind in ("kill", "stop", "restart") for name in (*ROOMS, "redis")]
    for kind in ("reset", "half_open", "latency", "mute"):
        found += [(kind, name) for name in (*CALLED, "gateway")]
    found += [("down", name) for name in FAKES]
    found += [("slow_close", name) for name in ("nlp", "gateway", "redis")]
    found += [("flood", "telegram"), ("flood", "slack"), ("full", "redis")]
    found += [("disk", "redis")] if has_volume else []
    clocks = [f"{who} {way}" for who in ("all", "redis", "worker1", "gateway") for way in ("ahead", "behind")]
    found += [("clock", who) for who in clocks] if has_clocks else []
    found += [("deploy", order) for order in ("readers first", "writers first")]
    return [(kind, name) for kind, name in found if kind in kinds]
