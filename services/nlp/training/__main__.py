"""Trains bots in a process of its own, so that the room's stays small: one JSON line for each."""

import json
import sys
from pathlib import Path

from services.nlp.errors import BotInvalid, BotUnknown
from services.nlp.training.shelf import Shelf


def main(bots: str, models: str, *names: str) -> None:
    """Train the named bots; the lines are {"bot", "mistakes", "problem"}, in the order of the names."""
    shelf = Shelf(Path(bots), Path(models))
    for name in names:
        sys.stdout.write(json.dumps({"bot": name, **_train(shelf, name)}) + "\n")
        sys.stdout.flush()


def _train(shelf: Shelf, name: str) -> dict[str, object]:
    try:
        shelf.train(name)
    except BotInvalid as error:
        return {"mistakes": error.mistakes}
    except BotUnknown:
        return {"problem": "missing"}
    except Exception as error:  # the outermost edge: one bot's trouble must not keep the others away
        return {"problem": type(error).__name__}
    return {}


if __name__ == "__main__":
    main(*sys.argv[1:])
