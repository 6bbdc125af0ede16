"""A clock that jumps while its process runs."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chaos.clock import JUMP_S, Clock, make_library

TELL = """
import sys, time
for _ in sys.stdin:
    print(time.time(), time.clock_gettime(time.CLOCK_REALTIME), time.monotonic(), flush=True)
"""


def test_the_wall_clock_jumps_and_the_monotonic_one_goes_on(tmp_path: Path) -> None:
    library = make_library(tmp_path)
    if library is None:
        pytest.skip("no C compiler")
    clock = Clock(tmp_path / "clock")
    environment = {**os.environ, **clock.environment(library)}
    command = [sys.executable, "-c", TELL]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin
        assert process.stdout
        for ahead_s in (0, JUMP_S, -JUMP_S, 0):
            clock.set(ahead_s)
            process.stdin.write("\n")
            wall, also, monotonic = map(float, process.stdout.readline().split())
            assert abs(wall - time.time() - ahead_s) < 10
            assert abs(also - time.time() - ahead_s) < 10
            assert abs(monotonic - time.monotonic()) < 10
        process.stdin.close()
