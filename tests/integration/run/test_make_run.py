"""`make run` as a person uses it: it gets ready, mends what dies, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.leftovers import leftovers
from deploy.settings import ROOT
from tests.e2e.web_person import WebPerson
from tests.redis_process import free_port
from tests.waiting import until

READY = re.compile(r"Switchboard is ready after ([\d.]+) s: (\S+)")
pytestmark = pytest.mark.timeout(300)


class Run:
    """One `make run` in a folder and on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "var"
        self.output = folder / "output"
        self.ports = {f"{room}_PORT": str(free_port()) for room in ("GATEWAY", "NLP", "FACE")}
        self.settings: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = {**base, **self.ports, "SWITCHBOARD_VAR": str(self.var), **self.settings}
        command = [sys.executable, "-m", "deploy.run", "--env-file", "/dev/null"]  # not the developer's own
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

    def text(self) -> str:
        return self.output.read_text("utf-8")

    def wait_ready(self) -> tuple[float, str]:
        """How long it says that it took, and its address."""

        def probe() -> re.Match[str] | None:
            assert self.process
            if self.process.poll() is not None:
                raise AssertionError(self.text())
            return READY.search(self.text())

        found = until(probe, "make run is ready", 120, 0.1)
        return float(found[1]), found[2]

    def pid_of(self, program: str) -> int:
        """The program's own process: the one that the supervisor started; 0 while there is none."""
        word = {"redis": "redis-server", "supervisor": "supervisor.supervisord"}.get(
            program, f"services.{program}"
        )
        for pid in leftovers(self.var):
            with suppress(FileNotFoundError):  # it ended meanwhile
                if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return pid
        return 0

    def kill(self, program: str) -> int:
        """SIGKILL to one program; its process id."""
        pid = until(lambda: self.pid_of(program), f"{program} runs")
        os.kill(pid, signal.SIGKILL)
        return pid

    def ended(self) -> int:
        """The exit code of a run that ends by itself."""
        assert self.process
        return self.process.wait(60)

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(90)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A stack that has run once before, as after the first day."""
    run = Run(tmp_path_factory.mktemp("run"))
    run.start()
    try:
        run.wait_ready()
        yield run
    finally:
        run.stop()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A stack that has never run."""
    run = Run(tmp_path)
    yield run
    run.stop()


def test_the_address_and_a_line_for_each_channel_are_printed(first: Run) -> None:
    lines = first.text().lower()
    assert f"localhost:{first.ports['GATEWAY_PORT']}" in lines
    for word in ("web", "telegram", "slack", "telegram_bot_token", "admin_token", "openai_api_key"):
        assert word in lines


def test_a_message_is_answered(first: Run) -> None:
    person = WebPerson(first.wait_ready()[1])
    assert person.wait_reply(person.say("hello"))["text"]


@pytest.mark.parametrize("program", ["gateway", "worker", "nlp", "face", "redis"])
def test_a_program_that_is_killed_comes_back(first: Run, program: str) -> None:
    before = first.kill(program)
    until(lambda: first.pid_of(program) not in (0, before), f"{program} runs again", 20)
    person = WebPerson(first.wait_ready()[1])
    assert person.wait_reply(person.say("hello"), timeout_s=60)["text"]


def test_a_second_run_in_the_same_folder_is_refused(first: Run, run: Run) -> None:
    run.var = first.var
    run.start()
    assert run.ended() == 1
    assert "running already" in run.text()


@pytest.mark.alone
def test_after_a_stop_nothing_runs_and_the_next_start_is_quick_and_remembers(run: Run) -> None:
    run.start()
    person = WebPerson(run.wait_ready()[1])
    person.wait_reply(person.say("hello"))
    said = person.entries()
    assert run.stop(signal.SIGINT) == 0
    assert leftovers(run.var) == []
    run.start()
    seconds, _ = run.wait_ready()
    assert person.entries() == said
    assert seconds < 10
    assert run.stop() == 0
    assert leftovers(run.var) == []


def test_a_run_that_is_killed_takes_everything_with_it(run: Run) -> None:
    run.start()
    run.wait_ready()
    run.stop(signal.SIGKILL)
    until(lambda: not leftovers(run.var), "every process has ended", 60)


def test_what_a_killed_supervisor_left_behind_is_ended(run: Run) -> None:
    run.start()
    run.wait_ready()
    run.kill("supervisor")
    assert run.process
    assert run.process.wait(60) == 1
    assert "the supervisor ended" in run.text()
    assert leftovers(run.var) == []


def test_what_nobody_was_left_to_stop_is_ended_by_the_next_start(run: Run) -> None:
    run.start()
    run.wait_ready()
    assert run.process
    run.process.send_signal(signal.SIGSTOP)  # it must not notice
    run.kill("supervisor")
    run.stop(signal.SIGKILL)
    assert run.pid_of("gateway")
    run.start()
    run.wait_ready()
    assert re.search(r"Ended \d+ processes that an earlier run had left behind", run.text())


def test_a_second_ctrl_c_ends_everything_at_once(run: Run) -> None:
    run.start()
    run.wait_ready()
    assert run.process
    run.process.send_signal(signal.SIGINT)
    until(lambda: "Stopping" in run.text(), "it stops")
    assert run.stop(signal.SIGINT) == 0
    assert leftovers(run.var) == []


def test_a_half_configured_channel_is_named_before_anything_starts(run: Run) -> None:
    run.settings["SLACK_BOT_TOKEN"] = "xoxb-TEST"
    run.start()
    assert run.ended() == 1
    assert "SLACK_SIGNING_SECRET" in run.text()
    assert not (run.var / "log" / "supervisord.log").exists()


def test_a_taken_port_is_named_with_its_setting(first: Run, run: Run) -> None:
    run.ports["NLP_PORT"] = first.ports["NLP_PORT"]
    run.start()
    assert run.ended() == 1
    assert "NLP_PORT" in run.text()


def test_a_redis_url_that_does_not_answer_is_told_without_its_password(run: Run) -> None:
    port = free_port()
    run.settings["REDIS_URL"] = f"redis://:hunter2@127.0.0.1:{port}/0"
    run.start()
    assert run.ended() == 1
    assert f"127.0.0.1:{port}" in run.text()
    assert "hunter2" not in run.text()


def test_a_room_that_keeps_failing_is_named_with_the_end_of_its_log(tmp_path: Path, run: Run) -> None:
    obstacle = tmp_path / "gallery"
    obstacle.write_text("a file where a folder has to be", "utf-8")
    run.settings["FACE_DATA_DIR"] = str(obstacle)
    run.start()
    assert run.ended() == 1
    assert re.search(r"does not stay up: face\. The end of its log:\n.+", run.text(), re.S)
    assert leftovers(run.var) == []
