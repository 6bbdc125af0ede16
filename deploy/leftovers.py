"""Finds and ends what a run of ours left behind, however the run came to its end."""

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

MARK = "SWITCHBOARD_RUN"
"""Every process of a run inherits this variable; its value is the run's var folder."""


def leftovers(var: Path, proc: Path = Path("/proc")) -> list[int]:
    """The processes that carry the mark of this folder. None where there is no /proc."""
    mark = f"{MARK}={var}".encode()
    found = []
    for entry in proc.glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or belongs to somebody else
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]


def end_leftovers(var: Path, patience_s: float = 30) -> int:
    """End them, kindly at first; how many there were."""
    found = leftovers(var)
    if found and not _gone(var, signal.SIGTERM, patience_s):
        _gone(var, signal.SIGKILL, 5)
    return len(found)


def _gone(var: Path, sign: signal.Signals, patience_s: float) -> bool:
    told: set[int] = set()
    deadline = time.monotonic() + patience_s
    while left := leftovers(var):
        for pid in set(left) - told:  # once each: a second SIGTERM would cut a warm stop short
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
        told.update(left)
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.1)
    return True
