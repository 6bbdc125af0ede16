"""What each room costs while nobody writes: start to ready, memory, and what its image holds."""

import json
import re
import subprocess
import tempfile
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from statistics import median

import psutil

from benchmarks.rows import Row
from tests.e2e.stack import Room, Stack
from tests.waiting import until

ROUNDS = 5
SETTLED_S = 3
LIMIT_MB = {"gateway": 120, "worker": 120}
IMAGE_MB = {"gateway": 150, "worker": 150}
ROOMS = ("gateway", "worker", "nlp", "face")
BASE = "python:3.11-slim-bookworm"
ROOT = Path(__file__).parent.parent
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==", re.MULTILINE)


def rows() -> list[Row]:
    """The stack as `make run` starts it, with an empty `.env`; its bots are trained before."""
    with tempfile.TemporaryDirectory() as name, Stack(Path(name)) as stack:
        found = [row for room in ROOMS for row in _room_rows(room, stack[_process_name(room)])]
    return found + [_image_row(room) for room in ROOMS]


def _process_name(room: str) -> str:
    return "worker1" if room == "worker" else room


def _room_rows(name: str, room: Room) -> list[Row]:
    seconds = median(_start_s(room) for _ in range(ROUNDS))
    time.sleep(SETTLED_S)
    return [
        Row(f"start to ready: {name}", seconds, "s"),
        Row(
            f"memory when idle, with its processes: {name}",
            _memory_mb(room),
            "MB",
            None,
            "",
            LIMIT_MB.get(name),
        ),
    ]


def _start_s(room: Room) -> float:
    room.terminate()
    room.wait()
    begun = time.perf_counter()
    room.start()
    until(room.is_ready, f"{room.name} is ready", 60, 0.02)
    return time.perf_counter() - begun


def _memory_mb(room: Room) -> float:
    """Resident; what processes share counts once."""
    assert room.process
    first = psutil.Process(room.process.pid)
    others = first.children(recursive=True)
    return float(first.memory_info().rss + sum(other.memory_full_info().uss for other in others)) / 2**20


def _image_row(room: str) -> Row:
    """The image above its base where an engine has both, else what its Dockerfile copies and installs."""
    sizes = [_image_bytes(name) for name in (f"switchboard-{room}", BASE)]
    if None not in sizes:
        above = float(sizes[0] or 0) - float(sizes[1] or 0)
        return Row(f"image above its base: {room}", above / 1e6, "MB", None, "", IMAGE_MB.get(room))
    name = f"packages and code of the image (no container engine here): {room}"
    return Row(name, (_packages_bytes(room) + _code_bytes(room)) / 1e6, "MB", None, "", IMAGE_MB.get(room))


def _image_bytes(name: str) -> int | None:
    try:
        found = subprocess.run(["docker", "image", "inspect", name], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return int(json.loads(found.stdout)[0]["Size"])


def _packages_bytes(room: str) -> int:
    """Of the room's lock, as installed here, compiled files included; and pip, which each venv has."""
    names = {*_PINNED.findall((ROOT / "requirements" / f"{room}.txt").read_text("utf-8")), "pip"}
    return sum(_installed_bytes(name) for name in names)


def _installed_bytes(name: str) -> int:
    try:
        files = distribution(name).files or []
    except PackageNotFoundError:
        return 0  # not for this machine
    paths = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in paths if path.exists())


def _code_bytes(room: str) -> int:
    folders = [ROOT / "contracts", ROOT / "foundation", ROOT / "services" / room]
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())
