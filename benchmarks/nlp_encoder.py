"""What the optional sentence encoder brings and costs, in a process of its own for each corpus."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.rows import Row
from deploy.test_setup import encoder

RASA = "Rasa 3.6, DIET"
_BASELINES = {"chatbot": 0.972, "askubuntu": 0.917, "webapps": 0.831}
"""Rasa's intent accuracy on the English corpora."""
_TRAIN = """
import json, sys, time
from pathlib import Path
sys.path.append(sys.argv[1])
from benchmarks.peak_memory import peak_mb
from services.nlp.formats.bot import Component
from services.nlp.nlu.understanding import train_understanding
from tests.corpora import corpus, score
folder, name = Path(sys.argv[2]), sys.argv[3]
bot = corpus(folder, name, "train")
if sys.argv[4:]:
    bot.pipeline = tuple(Component(name) for name in sys.argv[4:])
mind = train_understanding(bot)
assert not bot.warnings, bot.warnings
examples = corpus(folder, name, "test").examples
times = []
for example in examples:
    begun = time.process_time()
    mind.parse(example.text)
    times.append(1000 * (time.process_time() - begun))
print(json.dumps([score(mind, examples).accuracy, sorted(times)[len(times) // 2], peak_mb()]))
"""
_PIPELINE = ("WhitespaceTokenizer", "SentenceEncoderFeaturizer", "LogisticRegressionClassifier")


def rows(corpora: Path) -> list[Row]:
    """Accuracy beside Rasa's; a sentence's time and the process's memory beside the default pipeline's."""
    found, costs, plain = [], [], []
    for name, rasa in _BASELINES.items():
        accuracy, *cost = _run(corpora, name, *_PIPELINE)
        found.append(Row(f"intent accuracy with the encoder, {name}", accuracy, "", rasa, RASA, rasa, True))
        costs.append(cost)
        plain.append(_run(corpora, name)[1:])
    for place, (what, unit) in enumerate((("time of a sentence, CPU p50", "ms"), ("peak memory", "MB"))):
        here, there = (median(run[place] for run in runs) for runs in (costs, plain))
        found.append(Row(f"with the encoder, {what}", here, unit, there, "default pipeline"))
    return found


def _run(corpora: Path, name: str, *pipeline: str) -> list[float]:
    """Accuracy, ms a sentence, peak memory in MB, the training's included."""
    arguments = [sys.executable, "-c", _TRAIN, str(encoder()), str(corpora), name, *pipeline]
    out = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    figures: list[float] = json.loads(out.splitlines()[-1])
    return figures
