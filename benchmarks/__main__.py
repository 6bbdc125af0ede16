"""`python -m benchmarks [PART …]`: runs the parts, or all, and writes table and figure.

Parts that are named replace their rows in the table and leave the others as they are.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    backlog,
    face_build,
    face_photos,
    face_search,
    face_serving,
    gateway_accept,
    known_conversations,
    more_workers,
    nlp_accuracy,
    nlp_encoder,
    nlp_serving,
    nlp_skills,
    nlp_training,
    plots,
    rooms_idle,
    rows,
    streams,
    whole_turns,
)

FOLDER = Path(__file__).parent

PARTS: dict[str, Callable[[], list[rows.Row]]] = {
    "gateway_accept": gateway_accept.rows,
    "rooms_idle": rooms_idle.rows,
    "nlp_training": lambda: nlp_training.rows(_data("nlu", "bots")),
    "nlp_serving": lambda: nlp_serving.rows(_data("nlu", "bots")),
    "nlp_skills": nlp_skills.rows,
    "streams": streams.rows,
    "whole_turns": whole_turns.rows,
    "more_workers": more_workers.rows,
    "backlog": backlog.rows,
    "known_conversations": known_conversations.rows,
    "nlp_accuracy": lambda: nlp_accuracy.rows(_data("nlu", "corpora")),
    "nlp_encoder": lambda: nlp_encoder.rows(_data("nlu", "corpora")),
    "face_photos": lambda: face_photos.rows(_data("faces")),
    "face_serving": lambda: face_serving.rows(_data("faces")),
    "face_search": face_search.rows,
    "face_build": lambda: face_build.rows(_data("faces")),
}


def main() -> None:
    """Run what the command line names."""
    names = sys.argv[1:] or list(PARTS)
    if unknown := set(names) - set(PARTS):
        sys.exit(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}")
    old = rows.read(FOLDER)
    new: list[rows.Measured] = []
    for name in names:
        new += _run(name)
        _write(rows.merged(old, new))  # what is measured is kept, whatever becomes of the next part
    if not sys.argv[1:]:
        _write(new)  # rows that nothing measures any more go
    sys.stdout.write((FOLDER / "results.md").read_text("utf-8"))


def _write(measured: Sequence[rows.Measured]) -> None:
    rows.write(measured, FOLDER)
    plots.draw([one.row for one in measured], FOLDER / "results.png")


def _run(name: str) -> list[rows.Measured]:
    print(f"{name} …", file=sys.stderr, flush=True)
    begun = time.monotonic()
    found = [rows.Measured(row, rows.today()) for row in PARTS[name]()]
    print(f"{name}: {len(found)} rows in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return found


def _data(*names: str) -> Path:
    """A folder of the public bots, corpora and photos."""
    data = os.environ.get("SWITCHBOARD_TEST_DATA")
    if not data:
        sys.exit("Set SWITCHBOARD_TEST_DATA to the folder of the public bots, corpora and photos")
    return Path(data, *names)


if __name__ == "__main__":
    main()
