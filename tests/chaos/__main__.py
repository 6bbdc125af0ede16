"""`make chaos`: CHAOS_MINUTES (10), CHAOS_SEED (a new one), CHAOS_FAULTS (all kinds), CHAOS_FOLDER."""

import json
import logging
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.chaos.faults import BREAKING
from tests.chaos.history import History
from tests.chaos.oracle import violations
from tests.chaos.run import run

MOST_TOLD = 30


def main() -> int:
    """The exit code: 0 where every promise was kept."""
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    minutes = float(os.environ.get("CHAOS_MINUTES") or 10)
    kinds = frozenset(os.environ.get("CHAOS_FAULTS", "").replace(",", " ").split() or BREAKING)
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-", dir=os.environ.get("CHAOS_FOLDER")))
    logging.disable()  # the stand-ins' tracebacks about callers that left
    say(f"seed {seed}, {minutes:g} minutes")
    try:
        history = run(seed, minutes * 60, folder, kinds)
    except BaseException:
        say(f"the run broke off: CHAOS_SEED={seed} CHAOS_MINUTES={minutes:g} make chaos; see {folder}")
        raise
    broken = violations(history)
    say(told(history))
    for fault in history.left_out:
        say(f"LEFT OUT {fault}")
    for sentence in broken[:MOST_TOLD]:
        say(f"BROKEN {sentence}")
    if broken:
        (folder / "history.json").write_text(json.dumps(asdict(history)), "utf-8")
        say(f"{len(broken)} in all; again: CHAOS_SEED={seed} CHAOS_MINUTES={minutes:g} make chaos")
        say(f"the log of faults and events, and those of the rooms: {folder}")
    else:
        shutil.rmtree(folder)
    say(f"chaos: {int(not broken)} passed, {int(bool(broken))} failed")
    return int(bool(broken))


def told(history: History) -> str:
    """The run in a line."""
    accepted = sum(asked.acked_at is not None for asked in history.asked)
    kinds = sorted({span.kind for span in history.spans})
    longest_s = max((span.ended_at - span.began_at for span in history.stalls), default=0.0)
    return (
        f"{accepted} events accepted, {len(history.shown)} messages shown, {_wishes(history)}, "
        f"{len(history.spans)} faults ({', '.join(kinds)}); "
        f"stood still {len(history.stalls)} times, at most {longest_s:.2f} s"
    )


def _wishes(history: History) -> str:
    taken = Counter(wish.want for wish in history.wishes if wish.is_taken)
    return f"{taken['stop']} answers stopped, {taken['delete']} deleted, {taken['rate']} rated"


def say(line: str) -> None:
    """To whoever runs it."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
