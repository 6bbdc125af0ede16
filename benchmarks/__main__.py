"""Runs every row and writes the table."""

import os
import sys
from pathlib import Path

from benchmarks import nlp_accuracy, nlp_serving, nlp_training, rows

FOLDER = Path(__file__).parent


def main() -> None:
    """Needs the public bots and corpora: SWITCHBOARD_TEST_DATA names their folder."""
    data = os.environ.get("SWITCHBOARD_TEST_DATA")
    if not data:
        sys.exit("Set SWITCHBOARD_TEST_DATA to the folder of the public bots and corpora")
    bots, corpora = Path(data) / "nlu" / "bots", Path(data) / "nlu" / "corpora"
    found = [*nlp_training.rows(bots), *nlp_serving.rows(bots), *nlp_accuracy.rows(corpora)]
    rows.write(found, FOLDER)
    sys.stdout.write((FOLDER / "results.md").read_text("utf-8"))


if __name__ == "__main__":
    main()
