"""Models on disk: trained once, swapped by every replica, damaged ones left alone."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.builders import message
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.waiting import until

BOT = "rules:\n  - rule: a\n    steps: [{intent: nlu_fallback}, {action: utter_a}]\n"
Start = Callable[[], NlpRoom]


@pytest.fixture
def bots(tmp_path: Path) -> Path:
    """A folder with one small bot."""
    folder = tmp_path / "bots"
    (folder / "small").mkdir(parents=True)
    _write(folder, "one")
    return folder


@pytest.fixture
def start(tmp_path: Path, bots: Path, redis_process: RedisProcess) -> Iterator[Start]:
    """Starts replicas that share bots and models."""
    rooms: list[NlpRoom] = []

    def start() -> NlpRoom:
        room = NlpRoom(tmp_path, redis_process.url, NLP_BOTS_DIR=str(bots), NLP_BOT="small")
        rooms.append(room)
        room.start()
        return room

    yield start
    for room in rooms:
        room.stop()


def _write(bots: Path, text: str) -> None:
    responses = f'responses:\n  utter_a: [{{text: "{text}"}}]\n'
    (bots / "small" / "bot.yml").write_text(responses + BOT, "utf-8")


def _train(tmp_path: Path, bots: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "switchboard", "train", "small"],
        env={"NLP_BOTS_DIR": str(bots), "NLP_MODELS_DIR": str(tmp_path / "models"), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _says(room: NlpRoom, text: str) -> bool:
    return room.says(message("hello")) == [text]


def test_every_replica_takes_up_what_is_trained_and_answers_all_the_while(
    start: Start, tmp_path: Path, bots: Path
) -> None:
    replicas = [start(), start()]
    assert all(_says(room, "one") for room in replicas)
    _write(bots, "two")
    assert all(_says(room, "one") for room in replicas), "nothing changes before it is trained"
    assert _train(tmp_path, bots).returncode == 0
    for room in replicas:
        until(lambda room=room: _says(room, "two"), "the replica has swapped", timeout_s=15)  # type: ignore[misc]


def test_processes_that_train_at_once_all_succeed_and_leave_one_version(tmp_path: Path, bots: Path) -> None:
    arguments = [sys.executable, "-m", "switchboard", "train", "small"]
    environment = {"NLP_BOTS_DIR": str(bots), "NLP_MODELS_DIR": str(tmp_path / "models"), "PATH": "/usr/bin"}
    processes = [subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    left = {path.name for path in (tmp_path / "models" / "small").iterdir()}
    version = (tmp_path / "models" / "small" / "current").read_text("utf-8")
    assert left == {"current", ".lock", f"{version}.model"}


def test_mistakes_are_printed_with_their_line_and_no_stack_trace(tmp_path: Path, bots: Path) -> None:
    (bots / "small" / "config.yml").write_text("engines: [magic]\n", "utf-8")
    answer = _train(tmp_path, bots)
    assert answer.returncode == 1
    assert "config.yml:1: the engine 'magic'" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_bot_that_is_broken_at_the_start_answers_as_trained_last_and_is_taken_up_when_mended(
    start: Start, tmp_path: Path, bots: Path
) -> None:
    assert _train(tmp_path, bots).returncode == 0
    config = bots / "small" / "config.yml"
    config.write_text("engines: [magic]\n", "utf-8")
    room = start()
    assert _says(room, "one")
    assert room.client.get("/bots").json()["broken"]["small"]
    config.unlink()
    _write(bots, "two")
    assert _train(tmp_path, bots).returncode == 0
    until(lambda: _says(room, "two"), "the mended bot answers", timeout_s=15)
    assert room.client.get("/bots").json()["broken"] == {}


def test_a_damaged_model_is_logged_and_the_one_in_memory_goes_on(
    start: Start, tmp_path: Path, bots: Path
) -> None:
    room = start()
    models = tmp_path / "models" / "small"
    version = (models / "current").read_text("utf-8")
    content = (models / f"{version}.model").read_bytes()
    (models / "damaged.model").write_bytes(content[:-100])
    (models / "current").write_text("damaged", "utf-8")
    until(lambda: room.logged("nlp.model.damaged"), "the damaged model is noticed", timeout_s=15)
    assert _says(room, "one")
    _write(bots, "two")
    assert _train(tmp_path, bots).returncode == 0
    until(lambda: _says(room, "two"), "the next good one is taken up", timeout_s=15)
