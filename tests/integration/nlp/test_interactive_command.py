"""`switchboard interactive` from its first question to the bot's changed files."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from services.nlp.formats.loader import load_bot
from services.nlp.formats.story import ActionStep, UserStep
from tests.unit.nlp.folders import load

DOMAIN = """version: "3.1"
intents: [greet, bye]
responses:
  utter_greet: [{text: Hello!}]
  utter_bye: [{text: See you}]
actions: [action_gone]
"""
NLU = """version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hello
      - hi
  - intent: bye
    examples: |
      - goodbye
      - see you later
"""
STORIES = """version: "3.1"
stories:
  - story: hello
    steps: [{intent: greet}, {action: utter_greet}]
  - story: bye
    steps: [{intent: bye}, {action: utter_bye}]
"""
PATIENCE_S = 60


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """A bot's folder below bots/."""
    folder = tmp_path / "bots" / "small"
    folder.mkdir(parents=True)
    load(folder, domain=DOMAIN, nlu=NLU, stories=STORIES)
    return folder


def _command(bot: Path, *options: str) -> tuple[list[str], dict[str, str]]:
    places = {"NLP_BOTS_DIR": str(bot.parent), "NLP_MODELS_DIR": str(bot.parent.parent / "models")}
    command = [sys.executable, "-m", "switchboard", "interactive", bot.name, *options]
    return command, {**os.environ, **places, "COLUMNS": "120", "TERM": "dumb"}


def _taught(bot: Path, *answers: str) -> str:
    """What the command says to these answers, one a line."""
    command, env = _command(bot, "--no-page")
    lines = "".join(f"{answer}\n" for answer in answers)
    run = subprocess.run(command, env=env, input=lines, capture_output=True, text=True, timeout=PATIENCE_S)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_confirmed_conversation_is_kept_in_the_bot_s_files(bot: Path) -> None:
    said = _taught(bot, "hello there", "y", "y", "y", ":quit", "y")
    found = load_bot(bot)
    assert "Bot: Hello!" in said
    assert found.stories[-1].name == "interactive_story_1"
    assert [type(step) for step in found.stories[-1].steps] == [UserStep, ActionStep]
    assert ("greet", "hello there") in [(example.intent, example.text) for example in found.examples]
    assert (bot / "stories.yml").read_text("utf-8").startswith(STORIES)


def test_intent_and_action_are_corrected_by_number_or_by_a_new_name(bot: Path) -> None:
    correct = [
        "hello friend",
        "i",
        "praise",
        "y",
        "n",
        "utter_praise",
        "Thank you",
        "y",
        "n",
        "action_listen",
    ]
    said = _taught(bot, *correct, "y", ":quit", "y")
    found = load_bot(bot)
    story = found.stories[-1]
    assert "Bot: Thank you" in said
    assert [getattr(step, "intent", "") or getattr(step, "action", "") for step in story.steps] == [
        "praise",
        "utter_praise",
    ]
    assert "praise" in found.intents
    assert found.responses["utter_praise"][0].text == "Thank you"


def test_a_failing_action_is_shown_and_skipped(bot: Path) -> None:
    failing = ["hello", "y", "n", "action_gone", "y", "s", "n", "action_listen", "y"]
    said = _taught(bot, *failing, ":quit", "y")
    assert "action_gone failed" in said
    assert "action_gone" in (bot / "stories.yml").read_text("utf-8")


def test_one_goes_on_after_exporting(bot: Path) -> None:
    turn = ["hello", "y", "y", "y"]
    _taught(bot, *turn, ":export", *turn, ":quit", "y")
    assert [story.name for story in load_bot(bot).stories[-2:]] == [
        "interactive_story_1",
        "interactive_story_2",
    ]


def test_nothing_is_kept_of_what_is_undone_or_declined(bot: Path) -> None:
    turn = ["hello you", "y", "y", "y"]
    _taught(bot, *turn, ":undo", ":quit")
    _taught(bot, *turn, ":quit", "n")
    _taught(bot, *turn)  # the pipe ends
    assert (bot / "stories.yml").read_text("utf-8") == STORIES
    assert (bot / "nlu.yml").read_text("utf-8") == NLU


def test_a_bot_with_mistakes_is_refused(bot: Path) -> None:
    (bot / "stories.yml").write_text("stories:\n- story: x\n  steps: [{action: utter_no}]\n", "utf-8")
    command, env = _command(bot, "--no-page")
    run = subprocess.run(command, env=env, input="", capture_output=True, text=True, timeout=PATIENCE_S)
    assert run.returncode == 1
    assert "utter_no" in run.stderr


class _Terminal:
    """The command on a terminal of its own."""

    def __init__(self, bot: Path) -> None:
        command, env = _command(bot, "--port", "0")
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            command, env=env, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self._seen = ""

    def wait_for(self, text: str) -> str:
        """All that was shown since the last time, up to this text."""
        end = time.monotonic() + PATIENCE_S
        while text not in self._seen:
            assert time.monotonic() < end, f"{text!r} did not come: {self._seen}"
            if select.select([self._ours], [], [], 0.5)[0]:
                self._seen += os.read(self._ours, 65536).decode("utf-8", "replace")
        shown, self._seen = self._seen.split(text, 1)
        return shown

    def say(self, text: str) -> None:
        os.write(self._ours, f"{text}\n".encode())

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)


def test_ctrl_c_asks_and_the_page_shows_the_graph_meanwhile(bot: Path) -> None:
    terminal = _Terminal(bot)
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+/", terminal.wait_for(":undo"))
        assert address
        terminal.wait_for("You: ")
        terminal.say("hello")
        terminal.wait_for("Right?")
        terminal.say("y")
        terminal.wait_for("Right?")
        with httpx.stream("GET", f"{address[0]}events", timeout=10) as stream:
            state = next(line for line in stream.iter_lines() if line.startswith("data:"))
        assert "now" in state
        assert "utter_greet" in state
        terminal.say("y")
        terminal.wait_for("Right?")
        terminal.interrupt()
        terminal.wait_for("[d]iscard")
        terminal.say("q")
        terminal.wait_for("kept in")
        assert terminal.process.wait(PATIENCE_S) == 0
    finally:
        terminal.close()
    assert load_bot(bot).stories[-1].name == "interactive_story_1"
