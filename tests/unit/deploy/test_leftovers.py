"""What an earlier run left behind is found by its mark, and ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from deploy.leftovers import MARK, end_leftovers, leftovers
from tests.waiting import until

OBEDIENT = "print('up', flush=True); import signal; signal.pause()"
STUBBORN = f"import signal; signal.signal({int(signal.SIGTERM)}, signal.SIG_IGN); {OBEDIENT}"


def start(var: Path, code: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, MARK: str(var)}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"up\n"
    return process


def test_a_marked_process_is_found_and_ended(tmp_path: Path) -> None:
    with start(tmp_path, OBEDIENT) as process:
        assert leftovers(tmp_path) == [process.pid]
        assert end_leftovers(tmp_path) == 1
        assert process.wait() == -signal.SIGTERM


def test_one_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    with start(tmp_path, STUBBORN) as process:
        end_leftovers(tmp_path, patience_s=0.2)
        assert process.wait() == -signal.SIGKILL


def test_the_processes_of_another_folder_are_left_alone(tmp_path: Path) -> None:
    with start(tmp_path / "other", OBEDIENT) as process:
        assert end_leftovers(tmp_path) == 0
        assert process.poll() is None
        process.terminate()


def test_nothing_is_left_where_nothing_ran(tmp_path: Path) -> None:
    assert until(lambda: end_leftovers(tmp_path) == 0, "no process", timeout_s=1)
