"""The most memory that a process has had."""

import subprocess
import sys

from benchmarks.peak_memory import peak_mb

_MB = 2**20
_TELL = "from benchmarks.peak_memory import peak_mb; print(peak_mb())"


def test_a_peak_is_of_the_program_itself_and_not_of_who_started_it() -> None:
    large = b"\1" * (100 * _MB)
    assert peak_mb() > len(large) / _MB
    told = subprocess.run([sys.executable, "-c", _TELL], check=True, capture_output=True, text=True).stdout
    assert float(told) < len(large) / _MB
