"""How long a bot trains, and how much memory that takes: a process of its own for each."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.rows import Row

RASA = "Rasa 3.6"
_TRAIN = """
import json, resource, sys
from pathlib import Path
from benchmarks.peak_memory import peak_mb
from services.nlp.formats.loader import load_bot
from services.nlp.training.model import train
train(load_bot(Path(sys.argv[1])), "v")
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([used.ru_utime + used.ru_stime, peak_mb()]))
"""


def rows(bots: Path, repeats: int = 5) -> list[Row]:
    """CPU seconds and peak memory, imports included; medians."""
    found = []
    for name, what, cpu, memory, most_s, most_mb in (
        ("moodbot-2x", "a small bot", 42, 973, 3, 250),
        ("formbot-2x", "a form bot", 114, 1677, 6, 300),
    ):
        runs = [_run(bots / name) for _ in range(repeats)]
        seconds, peak = median(run[0] for run in runs), median(run[1] for run in runs)
        found.append(Row(f"train {what} ({name}), CPU", seconds, "s", cpu, RASA, most_s))
        found.append(Row(f"train {what} ({name}), peak memory", peak, "MB", memory, RASA, most_mb))
    return found


def _run(bot: Path) -> tuple[float, float]:
    arguments = [sys.executable, "-c", _TRAIN, str(bot)]
    out = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    seconds, peak = json.loads(out.splitlines()[-1])
    return seconds, peak
