"""What goes wrong on the command line is told in a sentence, and never by a traceback."""

import importlib.util
import json
import sys
from types import ModuleType

import pytest
import redis
import typer

from switchboard.__main__ import main
from switchboard.asked_redis import asked_redis
from switchboard.trace import steps


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that cannot be run says."""
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    assert end.value.code not in (0, None)
    said = capsys.readouterr().err
    return said if isinstance(end.value.code, int) else f"{said}{end.value.code}"


def test_a_command_of_another_room_is_told_with_the_room_that_has_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)  # an image without them
    assert "docker compose exec nlp switchboard usage" in refused(capsys, "usage")
    assert "docker compose exec worker switchboard trace" in refused(capsys, "trace", "e1")
    assert "there is no command `tran`" in refused(capsys, "tran")


def test_a_file_that_cannot_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = ModuleType("switchboard.nlp")

    def app(arguments: list[str], prog_name: str) -> None:
        raise OSError(30, "Read-only file system", "mine.svg")

    module.app = app  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    assert refused(capsys, "bot", "graph", "mine") == "mine.svg: Read-only file system"


def test_a_redis_that_does_not_answer_is_told_without_its_password(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(typer.Exit) as end, asked_redis("redis://:hunter2@10.0.0.9:6390/0"):
        raise redis.ConnectionError("of a client")
    said = capsys.readouterr().err
    assert end.value.exit_code == 1
    assert "10.0.0.9:6390" in said
    assert "REDIS_URL" in said
    assert "hunter2" not in said


def test_a_message_was_accepted_before_what_came_in_the_same_millisecond() -> None:
    times = json.dumps({"accepted": 1000, "leased": 0})
    assert steps({"first_at": "1000", "times": times})[0].what == "accepted"
