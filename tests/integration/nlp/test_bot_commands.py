"""`switchboard test` and `switchboard bot`: what they print, write, and end with."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

BOT = """
version: "3.1"
intents: [greet, order, bye]
entities: [dish]
slots: {dish: {type: text, mappings: [{type: from_entity, entity: dish}]}}
responses:
  utter_greet: [{text: hello}]
  utter_order: [{text: "{dish}"}]
  utter_bye: [{text: bye}]
nlu:
  - intent: greet
    examples: [hello there, good morning, hi you, hello again, good evening, hi there]
  - intent: order
    examples: |
      - a [pizza](dish) please
      - bring me [soup](dish)
      - a [soup](dish) please
      - bring me [pizza](dish)
  - {intent: bye, examples: [goodbye, see you later, goodbye then, see you soon]}
rules:
  - {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
  - {rule: order, steps: [{intent: order}, {action: utter_order}]}
stories:
  - {story: ends, steps: [{intent: bye}, {action: utter_bye}]}
"""
RIGHT = """
stories:
  - story: right
    steps:
      - {user: good morning, intent: greet}
      - {action: utter_greet}
      - {user: "bring me [pizza](dish)", intent: order}
      - {action: utter_order}
"""
WRONG = """
stories:
  - story: wrong
    steps: [{user: good morning, intent: greet}, {action: utter_bye}]
"""


@pytest.fixture
def bots(tmp_path: Path) -> Path:
    (tmp_path / "bots" / "small" / "tests").mkdir(parents=True)
    (tmp_path / "bots" / "small" / "bot.yml").write_text(BOT, "utf-8")
    (tmp_path / "bots" / "small" / "tests" / "test_stories.yml").write_text(RIGHT, "utf-8")
    return tmp_path / "bots"


def _run(bots: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {"NLP_BOTS_DIR": str(bots), "NLP_MODELS_DIR": str(bots.parent / "models"), "COLUMNS": "200"}
    command = [sys.executable, "-m", "switchboard", *arguments]
    environment = os.environ | variables
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)


def _shown(bots: Path, *arguments: str) -> str:
    """What a person at a terminal is shown, all of it one after the other."""
    ours, theirs = pty.openpty()
    variables = {"NLP_BOTS_DIR": str(bots), "NLP_MODELS_DIR": str(bots.parent / "models"), "TERM": "xterm"}
    command = [sys.executable, "-m", "switchboard", *arguments]
    with subprocess.Popen(command, env=os.environ | variables, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # how Linux says that nobody writes any more
            while part := os.read(ours, 65536):
                shown += part
        assert process.wait(60) == 0
    os.close(ours)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_stories_that_pass_end_with_status_0_and_reports(bots: Path, tmp_path: Path) -> None:
    ended = _run(bots, "test", "small", "--json", str(tmp_path / "out"), "--folds", "2")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "stories: 1 of 1; actions: 4 of 4" in ended.stdout
    out = tmp_path / "out"
    figures = json.loads((out / "intent_report.json").read_text("utf-8"))
    assert figures["weighted avg"]["support"] == 14
    for name in ("intent_confusion_matrix", "intent_histogram", "story_confusion_matrix"):
        assert (out / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((out / "story_report.json").read_text("utf-8"))["failed"] == []
    assert not (out / "failed_test_stories.yml").exists()


def test_a_story_that_fails_is_shown_step_by_step_and_ends_with_status_1(bots: Path, tmp_path: Path) -> None:
    stories = tmp_path / "wrong.yml"
    stories.write_text(WRONG, "utf-8")
    out = tmp_path / "out"
    ended = _run(bots, "test", "small", "--stories", str(stories), "--json", str(out), "--folds", "2")
    assert ended.returncode == 1
    assert "- utter_bye" in ended.stdout
    assert "+ utter_greet" in ended.stdout
    assert "utter_bye" in (out / "failed_test_stories.yml").read_text("utf-8")


def test_held_out_sentences_are_scored_and_too_few_right_fail(bots: Path, tmp_path: Path) -> None:
    held_out = tmp_path / "nlu.yml"
    held_out.write_text("nlu:\n  - {intent: greet, examples: [good morning to you, goodbye]}\n", "utf-8")
    scored = _run(bots, "test", "small", "--nlu", str(held_out))
    assert "accuracy 0.500 over 2 sentences" in scored.stdout
    assert scored.returncode == 0
    assert _run(bots, "test", "small", "--nlu", str(held_out), "--min-accuracy", "0.9").returncode == 1


def test_each_entity_is_scored_for_itself(bots: Path, tmp_path: Path) -> None:
    held_out = tmp_path / "nlu.yml"
    held_out.write_text(
        "nlu:\n  - intent: order\n    examples: ['a [pizza](dish) please', 'bring me [soup](dish)']\n"
        "  - {intent: greet, examples: ['good [morning](day)']}\n",
        "utf-8",
    )
    out = tmp_path / "out"
    scored = _run(bots, "test", "small", "--nlu", str(held_out), "--json", str(out))
    figures = json.loads((out / "entity_report.json").read_text("utf-8"))
    assert figures["dish"] == {"precision": 1.0, "recall": 1.0, "f1-score": 1.0, "support": 2}
    assert figures["day"]["support"] == 1
    assert figures["micro avg"]["recall"] == pytest.approx(2 / 3)
    rows = [re.findall(r"[\w.]+", line) for line in scored.stdout.splitlines()]
    assert ["dish", "1.00", "1.00", "1.00", "2"] in rows
    assert ["day", "0.00", "0.00", "0.00", "1"] in rows


def test_a_file_that_is_not_there_is_told(bots: Path) -> None:
    ended = _run(bots, "test", "small", "--nlu", "nowhere.yml")
    assert (ended.returncode, ended.stderr) == (1, "nowhere.yml: no such file\n")


def test_contradictions_are_found_and_both_sides_named(bots: Path) -> None:
    (bots / "small" / "more.yml").write_text(
        """
rules:
  - {rule: greet otherwise, steps: [{intent: greet}, {action: utter_bye}]}
  - {rule: two at once, steps: [{intent: bye}, {action: utter_bye}, {intent: order}, {action: utter_order}]}
stories:
  - {story: ends otherwise, steps: [{intent: bye}, {action: utter_greet}]}
""",
        "utf-8",
    )
    ended = _run(bots, "bot", "validate", "small")
    assert ended.returncode == 1
    assert "rules 'greet' and 'greet otherwise' contradict one another" in ended.stdout
    assert "rule 'two at once' (more.yml:4) has more than one message" in ended.stdout
    assert "utter_bye (story 'ends'), utter_greet (story 'ends otherwise')" in ended.stdout


def test_what_is_unused_is_a_warning_and_fails_only_on_request(bots: Path) -> None:
    (bots / "small" / "more.yml").write_text(
        "intents: [idle]\nresponses: {utter_never: [{text: '{nobody}'}]}\n", "utf-8"
    )
    ended = _run(bots, "bot", "validate", "small")
    assert ended.returncode == 0
    assert "intent 'idle' is in no story and no rule" in ended.stdout
    assert "response 'utter_never' is in no story" in ended.stdout
    assert "more.yml:2: response 'utter_never': slot 'nobody' is not in the domain" in ended.stdout
    assert _run(bots, "bot", "validate", "small", "--fail-on-warnings").returncode == 1


def test_a_markdown_bot_is_converted_with_its_code_and_tests(bots: Path, tmp_path: Path) -> None:
    old = bots / "old"
    (old / "data").mkdir(parents=True)
    (old / "tests").mkdir()
    (old / "domain.yml").write_text(
        "intents: [hi]\ntemplates: {utter_hi: [{text: hi}]}\nactions: [utter_hi]\n", "utf-8"
    )
    (old / "data" / "nlu.md").write_text("## intent:hi\n- hello\n- hi there\n", "utf-8")
    (old / "data" / "stories.md").write_text("## one\n* hi\n  - utter_hi\n", "utf-8")
    (old / "tests" / "test_stories.yml").write_text(RIGHT.replace("greet", "hi"), "utf-8")
    (old / "actions.py").write_text("# nothing yet\n", "utf-8")
    ended = _run(bots, "bot", "convert", "old", str(bots / "new"))
    assert ended.returncode == 0, ended.stderr
    assert (bots / "new" / "actions.py").is_file()
    assert (bots / "new" / "tests" / "test_stories.yml").is_file()
    assert "intent: hi" in (bots / "new" / "data" / "stories.yml").read_text("utf-8")
    assert _run(bots, "bot", "validate", "new").returncode == 0
    assert _run(bots, "bot", "convert", "old", str(bots / "new")).returncode == 1, "it is not overwritten"


def test_the_stories_are_drawn(bots: Path, tmp_path: Path) -> None:
    out = tmp_path / "graph.svg"
    assert _run(bots, "bot", "graph", "small", "--out", str(out)).returncode == 0
    text = "".join(ElementTree.parse(out).getroot().itertext())
    assert "utter_bye" in text
    assert "order" in text


def test_training_says_what_was_learned(bots: Path) -> None:
    ended = _run(bots, "train", "small")
    assert "3 intents from 14 examples" in ended.stdout
    assert "1 entities from 4 mentions" in ended.stdout
    assert "is current" in ended.stdout
    assert "nothing has changed" in _run(bots, "train", "small").stdout


def test_a_terminal_is_shown_how_far_training_is_and_a_file_the_lines_alone(
    bots: Path, tmp_path: Path
) -> None:
    lines = _run(bots, "train", "small").stdout
    shutil.rmtree(tmp_path / "models")
    shown = _shown(bots, "train", "small")
    assert list(dict.fromkeys(re.findall(r"━ +(\d+%)", shown))) == ["0%", "33%", "67%", "100%"]
    assert set(lines.splitlines()) < set(shown.splitlines())
    assert len(lines.splitlines()) == 4
    assert "%" not in lines


ACTIONS = """
import urllib.request
from rasa_sdk import Action
from rasa_sdk.events import SlotSet


class Bye(Action):
    def name(self):
        return "action_bye"

    def run(self, dispatcher, tracker, domain):
        with urllib.request.urlopen("ADDRESS/weather", timeout=3) as answer:
            said = answer.read().decode()
        dispatcher.utter_message(text=said)
        return [SlotSet("dish", said)]
"""
LIVE = """
stories:
  - story: live
    steps:
      - {user: goodbye, intent: bye}
      - {action: action_bye}
      - {slot_was_set: [{dish: sunny}]}
"""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """Says that it is sunny."""

    class Sunny(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"sunny")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Sunny) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield httpd
        httpd.shutdown()


def test_actions_are_run_for_real_and_their_http_comes_from_the_record(
    bots: Path, server: ThreadingHTTPServer
) -> None:
    small = bots / "small"
    bot = BOT.replace("slots:", "actions: [action_bye]\nslots:")
    (small / "bot.yml").write_text(bot.replace("{action: utter_bye}", "{action: action_bye}"), "utf-8")
    (small / "tests" / "test_stories.yml").write_text(LIVE, "utf-8")
    address = f"http://127.0.0.1:{server.server_port}"
    (small / "actions.py").write_text(ACTIONS.replace("ADDRESS", address), "utf-8")
    arguments = ("test", "small", "--folds", "2", "--run-actions")
    assert _run(bots, *arguments).returncode == 1, "nothing is recorded yet, and nothing goes out"
    assert _run(bots, *arguments, "--record").returncode == 0
    assert (small / "tests" / "http" / "live.yml").is_file()
    server.shutdown()
    server.server_close()
    replayed = _run(bots, *arguments)
    assert replayed.returncode == 0, replayed.stdout
    assert "stories: 1 of 1; actions: 1 of 1" in replayed.stdout
