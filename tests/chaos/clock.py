"""Clocks that jump: a preloaded library of ours adds to a process's clock what a file says."""

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")
JUMP_S = 3600


def make_library(folder: Path) -> Path | None:
    """The library, made in the folder; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        return None
    made = folder / "clock.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(made), str(SOURCE)], check=True)
    return made


class Clock:
    """One process's wall clock; the monotonic one stays as it is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._file.write_bytes(bytes(8))

    def set(self, ahead_s: int) -> None:
        """From now on, for the process as it runs."""
        with self._file.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", ahead_s))

    def environment(self, library: Path) -> dict[str, str]:
        """What its process needs."""
        return {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(self._file)}
