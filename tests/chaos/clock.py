"""Clocks that jump: libfaketime reads from a file how far a process's clock is ahead."""

import os
import shutil
from glob import glob
from pathlib import Path

from deploy.test_setup import install

LIBRARY = "/usr/lib/*/faketime/libfaketime.so.1"
JUMP_S = 3600


def library() -> str:
    """Where libfaketime is, installed where this process may; empty where there is none."""
    found = glob(LIBRARY)
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        install(["faketime"])
        found = glob(LIBRARY)
    return found[0] if found else ""


class Clock:
    """One process's clock; the monotonic one stays as it is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    def set(self, ahead_s: int) -> None:
        """From now on, for the process as it runs."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{ahead_s:+d}\n")
        draft.replace(self._file)

    def environment(self, preload: str) -> dict[str, str]:
        """What its process needs."""
        return {
            "LD_PRELOAD": preload,
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
