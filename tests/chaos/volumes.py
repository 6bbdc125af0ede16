"""What can be full: Redis's memory, and the disk that its files are on."""

import os
import shutil
import subprocess
from pathlib import Path

import redis

VOLUME_MB = 256
PIECE = 512 * 1024
FILLER = "chaos:filler"
FILLER_TTL_S = 120


def can_mount() -> bool:
    """Whether this process may have a disk of its own."""
    return os.geteuid() == 0 and shutil.which("mount") is not None


def mount(folder: Path) -> bool:
    """A small disk in memory at the folder; False where that is refused, as in most containers."""
    options = ["-t", "tmpfs", "-o", f"size={VOLUME_MB}m", "tmpfs", str(folder)]
    return can_mount() and subprocess.run(["mount", *options], capture_output=True).returncode == 0


def unmount(folder: Path) -> None:
    """Give it back; what was on it is gone."""
    subprocess.run(["umount", str(folder)], check=True)


def fill_disk(folder: Path) -> Path:
    """A file that leaves no byte free; gives its path."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for piece in (PIECE, 4096, 1):
            try:
                while file.write(bytes(piece)):
                    pass
            except OSError:
                continue
    return filler


def fill_redis(port: int) -> list[str]:
    """Keys until Redis takes no more; gives their names."""
    names: list[str] = []
    with redis.Redis(port=port, socket_timeout=10) as client:
        for piece in (PIECE, 10_000, 100):
            try:
                while True:
                    names.append(f"{FILLER}:{len(names)}")
                    client.set(names[-1], bytes(piece), ex=FILLER_TTL_S)
            except redis.exceptions.OutOfMemoryError:
                continue
    return names


def empty_redis(port: int, names: list[str]) -> None:
    """Take them out again."""
    with redis.Redis(port=port, socket_timeout=10) as client:
        client.unlink(*names)
