"""`python -m benchmarks [PART …]`: runs the parts, or all, and writes table and figure.

What is measured replaces its rows in the table; FULL=1 measures also what takes very long.
"""

import os
import sys
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
    rooms_idle,
    running,
    streams,
    whole_turns,
)

FOLDER = Path(__file__).parent

PARTS: dict[str, running.Part] = {
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
    if unknown := set(sys.argv[1:]) - set(PARTS):
        sys.exit(f"No such part: {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}")
    running.run(sys.argv[1:], PARTS, FOLDER, full=running.is_full())
    sys.stdout.write((FOLDER / "results.md").read_text("utf-8"))


def _data(*names: str) -> Path:
    """A folder of the public bots, corpora and photos."""
    data = os.environ.get("SWITCHBOARD_TEST_DATA")
    if not data:
        sys.exit("Set SWITCHBOARD_TEST_DATA to the folder of the public bots, corpora and photos")
    return Path(data, *names)


if __name__ == "__main__":
    main()
