"""What the README tells a new user to do, done."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.face.room import TOKEN, FaceRoom
from tests.unit.face.photos import astronaut, astronaut_jpeg, encoded

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.S)


def commands_of(block: str) -> list[str]:
    """The block's lines, without what is said about them."""
    return [line.split("#")[0].strip() for line in block.splitlines() if line.strip()]


COMMANDS = [command for block in BLOCKS for command in commands_of(block)]


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
    making = block_with("mkdir bots/")
    assert [command.split()[-2:] for command in making[1:]] == [["validate", "mine"], ["train", "mine"]]
    for command in making:
        ran(command, checkout)
    assert (checkout / "var" / "models" / "mine" / "current").exists()


def test_a_gallery_is_built_and_asked_with_the_commands_of_the_readme(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "Eileen Collins.jpg").write_bytes(astronaut_jpeg())
    (tmp_path / "me.jpg").write_bytes(encoded(astronaut().resize((700, 700)), quality=80))
    room = FaceRoom(tmp_path)
    variables = {"INTERNAL_TOKEN": TOKEN, "FACE_URL": room.url, "FACE_DATA_DIR": str(tmp_path / "face")}
    building, asking = block_with("gallery build")
    try:
        room.start()
        assert "1 photo" in ran(building, tmp_path, **variables)
        assert "Eileen Collins" in ran(asking, tmp_path, **variables)
    finally:
        room.close()


def block_with(words: str) -> list[str]:
    """The commands of the block that has these words, but for those of make."""
    (block,) = [block for block in BLOCKS if words in block]
    return [command for command in commands_of(block) if "make " not in command]


def ran(command: str, folder: Path, **variables: str) -> str:
    """What a command says that ends well."""
    switchboard = f"{shlex.quote(sys.executable)} -m switchboard"
    process = subprocess.run(
        command.replace(".venv/bin/switchboard", switchboard),
        shell=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, f"{command}: {process.stderr}"
    return process.stdout
