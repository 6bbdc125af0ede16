"""Reads the public corpora: one JSON object a line, with text, intent and entities."""

import json
from dataclasses import dataclass
from pathlib import Path

from services.nlp.formats.bot import FALLBACK_INTENT, Bot, Example, Mention
from services.nlp.nlu.understanding import Understanding


@dataclass(frozen=True)
class Score:
    """How well a corpus's test part is understood."""

    accuracy: float
    entity_f1: float
    """Micro, over exact start, end and entity."""


def corpus(folder: Path, name: str, part: str) -> Bot:
    """The sentences as the examples of a bot."""
    bot = Bot(name, language="zh" if name == "cais" else "en")
    for line in (folder / f"{name}.{part}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        text, found = row["text"], row["entities"]
        mentions = [Mention(e["start"], e["end"], e["entity"], text[e["start"] : e["end"]]) for e in found]
        bot.examples.append(Example(row["intent"], text, tuple(mentions)))
        bot.entities |= {e["entity"]: () for e in found}
    return bot


def score(mind: Understanding, examples: list[Example]) -> Score:
    """Against examples that it was not trained on; a fallback counts as its best guess."""
    right = hits = found = wanted = 0
    for example in examples:
        parse = mind.parse(example.text)
        guesses = [guess.name for guess in parse.ranking if guess.name != FALLBACK_INTENT]
        right += guesses[:1] == [example.intent]
        mine = {(e.start, e.end, e.entity) for e in parse.entities}
        told = {(m.start, m.end, m.entity) for m in example.mentions}
        hits, found, wanted = hits + len(mine & told), found + len(mine), wanted + len(told)
    return Score(right / len(examples), 2 * hits / max(1, found + wanted))
