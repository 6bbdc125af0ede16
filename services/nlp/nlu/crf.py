"""Entities by a linear-chain CRF: what a word is, by itself, its neighbours, patterns and lookup tables."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.nlp.formats.bot import Example
from services.nlp.nlu.parse import Entity
from services.nlp.nlu.tokens import Token

OUT = "O"
_ITERATIONS = 80
_PENALTIES = {"c1": 0.1, "c2": 0.1}
Marks = Sequence[Sequence[str]]
"""For each token, the names of patterns and tables that it is part of, and other marks."""


@dataclass
class EntityTagger:
    """Trained once; threads take turns at it."""

    content: bytes = b""
    """crfsuite's own model file; empty: finds nothing."""
    _tagger: Any = field(default=None, repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False)

    def find(self, text: str, tokens: Sequence[Token], marks: Marks) -> list[Entity]:
        """Entities with their places in the text, and how likely their first word's tag is."""
        if not self.content or not tokens:
            return []
        rows = features(tokens, marks)
        with self._lock:
            tagger = self._opened()
            tags = tagger.tag(rows)
            chances = [tagger.marginal(tag, place) for place, tag in enumerate(tags)]
        return _entities(text, tokens, tags, chances)

    def __getstate__(self) -> dict[str, bytes]:
        return {"content": self.content}

    def __setstate__(self, state: dict[str, bytes]) -> None:
        self.__init__(state["content"])  # type: ignore[misc]  # a lock cannot be pickled

    def _opened(self) -> Any:
        if self._tagger is None:
            import pycrfsuite

            self._tagger = pycrfsuite.Tagger()
            self._tagger.open_inmemory(self.content)
        return self._tagger


def train_tagger(
    examples: Sequence[Example], sentences: Sequence[Sequence[Token]], marks: Sequence[Marks], path: str
) -> EntityTagger:
    """Learn from the examples' mentions; `path` is a scratch file that crfsuite writes its model to."""
    if not any(example.mentions for example in examples):
        return EntityTagger()
    import pycrfsuite

    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({**_PENALTIES, "max_iterations": _ITERATIONS, "feature.possible_transitions": True})
    for example, tokens, named in zip(examples, sentences, marks, strict=True):
        if tokens:
            trainer.append(features(tokens, named), tags_of(example, tokens))
    trainer.train(path)
    with open(path, "rb") as file:
        return EntityTagger(file.read())


def tags_of(example: Example, tokens: Sequence[Token]) -> list[str]:
    """B- at an entity's first word and I- at the others; a word that is half inside counts as inside."""
    tags = [OUT] * len(tokens)
    for mention in example.mentions:
        name = "\t".join((mention.entity, mention.role, mention.group))
        inside = [i for i, t in enumerate(tokens) if t.start < mention.end and t.end > mention.start]
        for place in inside:
            tags[place] = f"{'B' if place == inside[0] else 'I'}-{name}"
    return tags


def features(tokens: Sequence[Token], marks: Marks) -> list[list[str]]:
    """One list of facts a token: itself, and its two neighbours on each side."""
    own = [_facts(token, named) for token, named in zip(tokens, marks, strict=True)]
    words = ["<", *(token.text for token in tokens), ">"]
    rows = []
    for place in range(len(tokens)):
        row = ["bias", *own[place]]
        for distance in (-2, -1, 1, 2):
            other = place + distance
            if 0 <= other < len(tokens):
                row += [f"{distance}:{fact}" for fact in own[other]]
            else:
                row.append(f"{distance}:end")
        row.append(f"pair-={words[place]}|{words[place + 1]}")
        row.append(f"pair+={words[place + 1]}|{words[place + 2]}")
        rows.append(row)
    return rows


def _facts(token: Token, named: Sequence[str]) -> list[str]:
    word = token.text
    found = [f"w={word}", f"shape={_shape(word)}", *named]
    if len(word) > 1:
        found += [f"pre={word[:2]}", f"pre3={word[:3]}", f"suf={word[-2:]}", f"suf3={word[-3:]}"]
    return found


def _shape(word: str) -> str:
    if word.isdigit():
        return f"d{min(len(word), 5)}"
    if any(character.isdigit() for character in word):
        return "mixed"
    return "han" if word[0] >= "\u3400" else "word"


def _entities(
    text: str, tokens: Sequence[Token], tags: Sequence[str], chances: Sequence[float]
) -> list[Entity]:
    found: list[Entity] = []
    start: int | None = None
    for place, tag in enumerate([*tags, OUT]):
        goes_on = start is not None and tag == f"I-{tags[start][2:]}"
        if start is not None and not goes_on:
            found.append(_entity(text, tokens[start], tokens[place - 1], tags[start][2:], chances[start]))
            start = None
        if tag != OUT and start is None and not goes_on:
            start = place
    return found


def _entity(text: str, first: Token, last: Token, name: str, chance: float) -> Entity:
    entity, role, group = name.split("\t")
    value = text[first.start : last.end]
    return Entity(entity, value, first.start, last.end, chance, "CRFEntityExtractor", role, group)
