"""Which intent a sentence has: word and character n-grams, and logistic regression over them."""

from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline

from services.nlp.formats.bot import Example
from services.nlp.nlu.tokens import tokenizer

STRENGTH = 10.0
"""Inverse regularization; large, for there are few examples an intent."""


@dataclass(frozen=True)
class IntentGuess:
    """An intent and how sure the classifier is, 0 to 1."""

    name: str
    confidence: float


class IntentClassifier:
    """Trained once, then only read; safe to share between threads."""

    def __init__(self, is_chinese: bool) -> None:
        self._is_chinese = is_chinese
        self._intents: list[str] = []
        self._known: frozenset[str] = frozenset()
        self._pipeline: Pipeline | None = None

    def fit(self, examples: list[Example]) -> None:
        """Learn from examples; with fewer than two intents there is nothing to choose between."""
        cut = tokenizer(self._is_chinese)
        texts = [" ".join(cut(example.text)) for example in examples]
        names = [example.intent for example in examples]
        self._known = frozenset(gram for text in texts for gram in self._grams(text))
        self._intents = sorted(set(names))
        if len(self._intents) < 2:
            return
        characters = (1, 3) if self._is_chinese else (2, 5)
        features = FeatureUnion(
            [
                ("words", TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\S+", sublinear_tf=True)),
                ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=characters, sublinear_tf=True)),
            ]
        )
        model = LogisticRegression(C=STRENGTH, max_iter=1000, class_weight="balanced")
        self._pipeline = Pipeline([("features", features), ("model", model)]).fit(texts, names)

    def rank(self, text: str) -> list[IntentGuess]:
        """All intents, likeliest first.

        Confidence is the probability, lowered by the share of letter groups never seen in training: a
        linear model is sure of itself about foreign text too.
        """
        words = tokenizer(self._is_chinese)(text)
        if not words or not self._intents:
            return []
        grams = self._grams(" ".join(words))
        familiar = sum(gram in self._known for gram in grams) / len(grams)
        trust = 0.2 + 0.8 * familiar
        if self._pipeline is None:
            return [IntentGuess(self._intents[0], familiar)]
        chances = self._pipeline.predict_proba([" ".join(words)])[0]
        order = np.argsort(-chances)
        names = self._pipeline.classes_
        return [IntentGuess(str(names[i]), float(chances[i]) * trust) for i in order]

    def _grams(self, text: str) -> list[str]:
        """Characters of a Chinese text; else groups of three letters, word ends included."""
        if self._is_chinese:
            return [character for character in text if not character.isspace()]
        padded = (f" {word} " for word in text.split())
        return [word[i : i + 3] for word in padded for i in range(len(word) - 2)]
