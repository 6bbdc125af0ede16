"""Building a gallery from a server of photos on this machine: people a second, ten jitters a face."""

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from benchmarks.rows import Row
from tests.fakes.wikimedia_server import WikimediaServer

PEOPLE = 200
SIZE = (800, 1000)
_FACE = 450


def rows(faces: Path) -> list[Row]:
    """`faces` holds the labelled photos in `johns`."""
    portraits = _portraits(faces / "johns")
    with TemporaryDirectory() as name:
        rate = _rate(Path(name), portraits)
    what = f"people built from a local source, photos of {SIZE[0]} x {SIZE[1]}, jitters 10"
    return [Row(what, rate, "people/s", None, "", 7, is_more_better=True)]


def _rate(folder: Path, portraits: list[bytes]) -> float:
    """What the command says at its end, typed as people type it; loading the models is not counted."""
    server = WikimediaServer()
    for number in range(PEOPLE):
        server.photos[f"{number}.jpg"] = portraits[number % len(portraits)]
    server.start()
    try:
        said = _build(folder, [server.photo_url(f"{number}.jpg") for number in range(PEOPLE)])
    finally:
        server.stop()
    if f"{PEOPLE} of {PEOPLE} people are in gallery" not in said:
        raise AssertionError(f"not everybody was kept: {said}")
    return float(re.findall(r"([\d.]+) a second", said)[-1])


def _build(folder: Path, addresses: list[str]) -> str:
    with (folder / "people.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "photo"])
        writer.writerows([f"Person {number}", address] for number, address in enumerate(addresses))
    # The same faces under many names are meant here, and blown up from small crops: kept all the same.
    limits = ["--duplicate", "0", "--min-sharpness", "0"]
    command = ["-m", "switchboard", "gallery", "build", str(folder / "people.csv"), *limits]
    return subprocess.run(
        [sys.executable, *command],
        env=os.environ | {"FACE_DATA_DIR": str(folder / "face"), "SECRETS_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _portraits(johns: Path) -> list[bytes]:
    """The labelled crops of 150 pixels as photos of a usual size, the face a third of the height."""
    found = []
    for path in sorted(johns.glob("*/*.jpg")):
        photo = Image.new("RGB", SIZE, (110, 120, 130))
        face = Image.open(path).convert("RGB").resize((_FACE, _FACE), Image.Resampling.BICUBIC)
        photo.paste(face, ((SIZE[0] - _FACE) // 2, 150))
        file = io.BytesIO()
        photo.save(file, "JPEG", quality=90)
        found.append(file.getvalue())
    return found
