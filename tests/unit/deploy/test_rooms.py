"""`make run` knows which room is not ready, and what it says of it."""

from pathlib import Path

import pytest

from deploy.rooms import load_rooms


def test_a_room_that_is_not_ready_is_named_with_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat = tmp_path / "heartbeat"
    monkeypatch.setenv("WORKER_HEARTBEAT_FILE", str(beat))
    rooms = load_rooms()
    assert rooms.lacks(["worker"]) == {"worker": "it has not begun to work"}
    beat.touch()
    assert rooms.lacks(["worker"]) == {}
