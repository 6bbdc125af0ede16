"""A room counts as healthy only while it works."""

import os
import time
from pathlib import Path

import pytest

from foundation.healthy import HEARTBEAT_MAX_AGE_S, main


def test_a_fresh_heartbeat_is_healthy(tmp_path: Path) -> None:
    beat = tmp_path / "heartbeat"
    beat.touch()
    assert main(str(beat)) == 0


def test_an_old_or_missing_heartbeat_is_not_and_it_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beat = tmp_path / "heartbeat"
    assert main(str(beat)) == 1
    assert capsys.readouterr().out == "no sweep over due conversations in 15 s\n"
    beat.touch()
    then = time.time() - HEARTBEAT_MAX_AGE_S - 1
    os.utime(beat, (then, then))
    assert main(str(beat)) == 1
