"""What the README tells a new user to do, done."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [
    line.split("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.S)
    for line in block.splitlines()
    if line.strip()
]


def test_the_first_two_commands_are_the_two_ways_to_start() -> None:
    assert COMMANDS[:2] == ["make run", "docker compose up"]


def test_every_make_target_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = set(re.findall(r"\bmake ([a-z-]+)", " ".join(COMMANDS)))
    assert named >= {"run", "test", "check"}
    assert named <= targets


def test_every_link_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    assert links
    assert [link for link in links if not (ROOT / link.split("#")[0]).exists()] == []


def test_every_setting_that_is_named_is_one() -> None:
    known = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", README))
    assert named
    assert named <= known


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The project's bots in a place where a test may add one."""
    shutil.copytree(ROOT / "bots", tmp_path / "bots")
    return tmp_path


def test_a_bot_is_made_with_the_commands_of_the_readme(checkout: Path) -> None:
    first = next(number for number, command in enumerate(COMMANDS) if command.startswith("mkdir bots/"))
    making = [command for command in COMMANDS[first:] if "make " not in command]
    assert [command.split()[-2:] for command in making[1:]] == [["validate", "mine"], ["train", "mine"]]
    switchboard = f"{shlex.quote(sys.executable)} -m switchboard"
    for command in making:
        ran = subprocess.run(
            command.replace(".venv/bin/switchboard", switchboard),
            shell=True,
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert ran.returncode == 0, f"{command}: {ran.stderr}"
    assert (checkout / "var" / "models" / "mine" / "current").exists()
