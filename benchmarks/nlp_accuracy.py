"""How well public corpora are understood: trained on their training part, scored on their test part."""

import time
from pathlib import Path

from benchmarks.rows import Row
from services.nlp.nlu.understanding import train_understanding
from tests.corpora import corpus, score

RASA = "Rasa 3.6, DIET"
_BASELINES = {
    "chatbot": (0.972, 0.783, 0.945),
    "askubuntu": (0.917, 0.791, 0.820),
    "webapps": (0.831, 0.510, 0.660),
    "cais": (0.948, 0.787, 0.867),
}
"""Rasa's intent accuracy and entity F1, and the entity F1 to reach."""
_SLACK = {"webapps": 0.08}


def rows(corpora: Path) -> list[Row]:
    """Two figures a corpus, the training's CPU time, and the sum."""
    found = []
    total = 0.0
    for name, (intents, entities, goal) in _BASELINES.items():
        begun = time.process_time()
        mind = train_understanding(corpus(corpora, name, "train"))
        spent = time.process_time() - begun
        reached = score(mind, corpus(corpora, name, "test").examples)
        total += reached.accuracy
        least = round(intents - _SLACK.get(name, 0.03), 3)
        found += [
            Row(f"intent accuracy, {name}", reached.accuracy, "", intents, RASA, least, is_more_better=True),
            Row(f"entity F1, {name}", reached.entity_f1, "", entities, RASA, goal, is_more_better=True),
            Row(f"training, {name}, CPU", spent, "s"),
        ]
    best = sum(baseline[0] for baseline in _BASELINES.values())
    return [*found, Row("intent accuracy, sum", total, "", best, RASA, round(best, 3), is_more_better=True)]
