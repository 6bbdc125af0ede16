"""Building a gallery from a server of photos on this machine: people a second, ten jitters a face."""

import csv
import io
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from benchmarks.rows import Row
from tests.fakes.wikimedia_server import WikimediaServer

PEOPLE = 150
SIZE = (800, 1000)
_FACE = 450


def rows(faces: Path) -> list[Row]:
    """`faces` holds the labelled photos in `johns`."""
    portraits = _portraits(faces / "johns")
    with TemporaryDirectory() as name:
        folder = Path(name)
        few = _seconds(folder / "few", portraits, 1)
        many = _seconds(folder / "many", portraits, PEOPLE)
    what = f"people built from a local source, photos of {SIZE[0]} x {SIZE[1]}, jitters 10"
    started = f"with {few:.1f} s of starting"
    return [
        Row(what, (PEOPLE - 1) / (many - few), "people/s", None, "", 7, is_more_better=True),
        Row(f"the same for {PEOPLE} people, {started}", PEOPLE / many, "people/s"),
    ]


def _seconds(folder: Path, portraits: list[bytes], people: int) -> float:
    """How long the command takes, as people type it."""
    folder.mkdir()
    server = WikimediaServer()
    for number in range(people):
        server.photos[f"{number}.jpg"] = portraits[number % len(portraits)]
    server.start()
    try:
        with (folder / "people.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["name", "photo"])
            writer.writerows([f"Person {n}", server.photo_url(f"{n}.jpg")] for n in range(people))
        # The same faces under many names are meant here, and blown up from small crops: kept all the same.
        limits = ["--duplicate", "0", "--min-sharpness", "0"]
        command = ["-m", "switchboard", "gallery", "build", str(folder / "people.csv"), *limits]
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *command],
            env=os.environ | {"FACE_DATA_DIR": str(folder / "face"), "SECRETS_DIR": str(folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - begun
    finally:
        server.stop()
    kept = f"{people} of {people} people are in gallery"
    if kept not in done.stdout:
        raise AssertionError(f"not everybody was kept: {done.stdout}")
    return seconds


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
