"""A linear classifier over weighted groups: trained by scikit-learn, served by numpy alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.nlp.nlu.ngrams import Grams

Floats = NDArray[np.float32]
STRENGTH = 1.0
"""LinearSVC's C."""
_FOLDS = 5
_SEED = 0


@dataclass
class Block:
    """One kind of features: TF-IDF, rows of unit length, times its weight."""

    weight: float = 1.0
    columns: dict[str, int] = field(default_factory=dict)
    idf: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    def learn(self, documents: Sequence[Grams]) -> None:
        """Which groups there are, and how rare each is."""
        seen: dict[str, int] = {}
        for grams in documents:
            for gram in grams:
                seen[gram] = seen.get(gram, 0) + 1
        self.columns = {gram: place for place, gram in enumerate(sorted(seen))}
        counts = np.array([seen[gram] for gram in self.columns], np.float64)
        self.idf = (np.log((1 + len(documents)) / (1 + counts)) + 1).astype(np.float32)

    def row(self, grams: Grams) -> tuple[list[int], Floats]:
        """Columns and values of one sentence; groups that training has not shown are left out."""
        known = [(self.columns[gram], count) for gram, count in grams.items() if gram in self.columns]
        places = [place for place, _ in known]
        counts = np.array([1 + math.log(count) for _, count in known], np.float32)
        values = counts * self.idf[places]
        norm = float(np.sqrt((values * values).sum()))
        return places, values * np.float32(self.weight / norm if norm else 0.0)


@dataclass
class LinearModel:
    """Scores labels; read-only once it is trained."""

    labels: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    weights: tuple[Floats, ...] = ()
    """One matrix a block: (columns, labels)."""
    dense: Floats | None = None
    """(width, labels): of a dense vector that comes with each sentence."""
    bias: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    sharpness: float = 1.0
    """What margins are multiplied with before they become probabilities."""

    def chances(self, documents: Sequence[Grams], vector: Floats | None = None) -> Floats:
        """A probability for each label, given one sentence's groups by block."""
        scores = self.bias.copy()
        for block, weights, grams in zip(self.blocks, self.weights, documents, strict=True):
            places, values = block.row(grams)
            if places:
                scores += values @ weights[places]
        if vector is not None and self.dense is not None:
            scores += vector @ self.dense
        return softmax(scores * self.sharpness)


def softmax(scores: Floats) -> Floats:
    """Probabilities that sum to 1."""
    powers = np.exp(scores - scores.max())
    chances: Floats = (powers / powers.sum()).astype(np.float32)
    return chances


def train_linear(
    documents: Sequence[Sequence[Grams]],
    labels: Sequence[str],
    weights: Sequence[float],
    vectors: Floats | None = None,
) -> LinearModel:
    """Learn labels from sentences; documents[i] has one Grams a block, vectors one dense row a sentence.

    With one label only, it is always right.
    """
    names = tuple(sorted(set(labels)))
    blocks = tuple(Block(weight) for weight in weights)
    for place, block in enumerate(blocks):
        block.learn([document[place] for document in documents])
    if len(names) < 2:
        empty = tuple(np.zeros((len(block.columns), len(names)), np.float32) for block in blocks)
        return LinearModel(names, blocks, empty, None, np.zeros(len(names), np.float32))
    features = _matrix(documents, blocks, vectors)
    targets = np.array([names.index(label) for label in labels])
    coefficients, bias = _fit(features, targets, len(names))
    sharpness = _sharpness(features, targets, len(names))
    parts, start = [], 0
    for block in blocks:
        parts.append(np.ascontiguousarray(coefficients[start : start + len(block.columns)]))
        start += len(block.columns)
    dense = np.ascontiguousarray(coefficients[start:]) if vectors is not None else None
    return LinearModel(names, blocks, tuple(parts), dense, bias, sharpness)


def _matrix(documents: Sequence[Sequence[Grams]], blocks: Sequence[Block], vectors: Floats | None) -> object:
    from scipy import sparse  # only who learns pays for these

    parts = []
    for place, block in enumerate(blocks):
        rows = [block.row(document[place]) for document in documents]
        starts = np.cumsum([0, *(len(places) for places, _ in rows)])
        columns = [column for places, _ in rows for column in places]
        values = np.concatenate([values for _, values in rows]) if rows else np.zeros(0, np.float32)
        parts.append(sparse.csr_matrix((values, columns, starts), shape=(len(rows), len(block.columns))))
    if vectors is not None:
        parts.append(sparse.csr_matrix(vectors))
    return sparse.hstack(parts, format="csr")


def _fit(features: object, targets: NDArray[np.int64], size: int) -> tuple[Floats, Floats]:
    """Weights (columns, labels) and bias (labels); a label that is not among the targets scores lowest."""
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=STRENGTH, random_state=_SEED, tol=1e-3, dual=True, max_iter=5000)
    model.fit(features, targets)
    weights = np.zeros((model.coef_.shape[1], size), np.float32)
    bias = np.full(size, -2.0, np.float32)
    if len(model.classes_) == 2:  # one column stands for both
        first, second = model.classes_
        weights[:, first], weights[:, second] = -model.coef_[0], model.coef_[0]
        bias[first], bias[second] = -model.intercept_[0], model.intercept_[0]
    else:
        weights[:, model.classes_] = model.coef_.T
        bias[model.classes_] = model.intercept_
    return weights, bias


def _sharpness(features: object, targets: NDArray[np.int64], size: int) -> float:
    """How far margins may be trusted: the temperature that fits sentences left out of training best."""
    folds = min(_FOLDS, len(targets))
    order = np.random.default_rng(_SEED).permutation(len(targets))
    margins = np.zeros((len(targets), size), np.float32)
    for fold in range(folds):
        left_out = order[fold::folds]
        kept = np.setdiff1d(order, left_out)
        if len(set(targets[kept])) < 2:
            return 4.0
        weights, bias = _fit(features[kept], targets[kept], size)  # type: ignore[index]
        margins[left_out] = features[left_out] @ weights + bias  # type: ignore[index]
    choices = np.geomspace(1.0, 12.0, 24)
    losses = [_loss(margins * choice, targets) for choice in choices]
    return float(choices[int(np.argmin(losses))])


def _loss(scores: Floats, targets: NDArray[np.int64]) -> float:
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(targets)), targets].mean())
