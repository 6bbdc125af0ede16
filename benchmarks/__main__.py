"""Runs every row and writes the table."""

import os
import sys
from pathlib import Path

from benchmarks import (
    face_build,
    face_photos,
    face_search,
    face_serving,
    nlp_accuracy,
    nlp_encoder,
    nlp_serving,
    nlp_skills,
    nlp_training,
    rows,
    streams,
)

FOLDER = Path(__file__).parent


def main() -> None:
    """Needs the public bots, corpora and photos: SWITCHBOARD_TEST_DATA names their folder."""
    data = os.environ.get("SWITCHBOARD_TEST_DATA")
    if not data:
        sys.exit("Set SWITCHBOARD_TEST_DATA to the folder of the public bots, corpora and photos")
    bots, corpora = Path(data) / "nlu" / "bots", Path(data) / "nlu" / "corpora"
    faces = Path(data) / "faces"
    found = [
        *nlp_training.rows(bots),
        *nlp_serving.rows(bots),
        *nlp_skills.rows(),
        *streams.rows(),
        *nlp_accuracy.rows(corpora),
        *nlp_encoder.rows(corpora),
        *face_photos.rows(faces),
        *face_serving.rows(faces),
        *face_search.rows(),
        *face_build.rows(faces),
    ]
    rows.write(found, FOLDER)
    sys.stdout.write((FOLDER / "results.md").read_text("utf-8"))


if __name__ == "__main__":
    main()
