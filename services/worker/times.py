"""How long an attempt at a turn took, stage by stage; kept small in its record for `switchboard trace`."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from contracts.event import Event

FAILURES = 3
"""So many failed attempts are told, the newest."""


def now_ms() -> int:
    """Unix milliseconds."""
    return int(time.time() * 1000)


class Stopwatch:
    """Adds up the time that is spent inside its blocks, in seconds."""

    __slots__ = ("_begun", "seconds")

    def __init__(self) -> None:
        self.seconds = 0.0
        self._begun = 0.0

    def __enter__(self) -> None:
        self._begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._begun


@dataclass
class Times:
    """One attempt's times. Points are Unix milliseconds; 0 where it did not come so far."""

    leased: int = field(default_factory=now_ms)
    woken: int = 0
    first: int = 0
    """When something of the answer was shown first."""
    sent: int = 0
    """When the last whole reply was shown."""
    nlp: Stopwatch = field(default_factory=Stopwatch)
    face: Stopwatch = field(default_factory=Stopwatch)
    """What nlp needed: the photo's fetching and the face room."""
    delivery: Stopwatch = field(default_factory=Stopwatch)
    failures: tuple[tuple[int, int, str], ...] = ()
    """Attempt, Unix milliseconds and error of those before that failed, oldest first."""

    def stages(self) -> dict[str, float]:
        """Stage -> seconds, without those that did not happen."""
        spent = {"nlp": self.nlp, "face": self.face, "delivery": self.delivery}
        return {name: watch.seconds for name, watch in spent.items() if watch.seconds}

    def told(self, event: Event) -> str:
        """JSON: `accepted`, and points as milliseconds after it; stages in milliseconds. Under 250 bytes."""
        points = {"woken": self.woken, "leased": self.leased, "first": self.first, "sent": self.sent}
        told: dict[str, Any] = {"accepted": event.at}
        # a conversation that ran already when the Event came was not woken by it
        for name, at in points.items():
            if at and (name != "woken" or at >= event.at):
                told[name] = at - event.at
        told["over"] = now_ms() - event.at
        told["ms"] = {name: round(1000 * seconds) for name, seconds in self.stages().items()}
        if self.failures:
            told["failed"] = [(n, at - event.at, code) for n, at, code in self.failures[-FAILURES:]]
        return json.dumps(told, separators=(",", ":"))
