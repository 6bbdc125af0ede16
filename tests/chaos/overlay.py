"""The next version's contracts: Events are one version newer, and each model has a field more."""

import re
import shutil
from pathlib import Path

import contracts

ROOT = Path(__file__).resolve().parents[2]
MODEL = re.compile(
    r'^class \w+\((?:BaseModel|_Entry|Fact)\):\n    """.*?"""\n(\n    model_config = .*?\n)?', re.M | re.S
)
ADDED = '\n    added_by_the_next_version: str = "unknown to this one"\n'
STRICT = ("account.py",)
"""What a person writes; a field that is not known is a mistake there."""


def make_overlay(folder: Path) -> Path:
    """A folder to stand before the project on a room's path."""
    made = folder / "contracts"
    shutil.copytree(Path(contracts.__file__).parent, made, ignore=shutil.ignore_patterns("__pycache__"))
    for file in made.glob("*.py"):
        if file.name not in STRICT:
            file.write_text(next_version(file.read_text("utf-8"), file.name), "utf-8")
    return folder


def next_version(source: str, name: str) -> str:
    """The text of a contract as it may stand there after the next deploy."""
    source = MODEL.sub(lambda found: found[0] + ADDED, source)
    if name in ("event.py", "control.py"):
        newest = max(map(int, re.findall(r"Literal\[1, (\d)\]", source)))
        source = source.replace(f"Literal[1, {newest}]", f"Literal[1, {newest}, {newest + 1}]")
        source = re.sub(r"(    v: Literal\[.*?\]) = \d", rf"\1 = {newest + 1}", source)
        source = re.sub(r"EVENT_VERSION: .* = \d", f"EVENT_VERSION = {newest + 1}", source)
    return source


def path_of(overlay: Path) -> dict[str, str]:
    """What a room's environment needs to find the overlay before the project."""
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": f"{overlay}:{ROOT}"}
