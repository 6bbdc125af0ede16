"""The learned policy: where no memory fits, the likeliest action by what the last states have in common."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.nlp.dialogue.policy import LEARNED_PRIORITY, Prediction, Situation
from services.nlp.dialogue.states import State, visible
from services.nlp.formats.bot import FALLBACK_INTENT

NAME = "TEDPolicy"
STRENGTH = 10.0
"""Inverse regularization."""
_NOT_UNDERSTOOD = f"0 intent={FALLBACK_INTENT}"


@dataclass
class LearnedPolicy:
    """Multinomial logistic regression over the facts of the last states; in place of TED and Keras."""

    max_history: int = 5
    actions: tuple[str, ...] = ()
    columns: dict[str, int] = field(default_factory=dict)
    weights: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """(facts + 1, actions); the last row is the bias."""

    def learn(self, paths: Iterable[Sequence[tuple[State, str]]]) -> None:
        """Learn from paths of (state, action); one action only is no choice, and nothing is learned."""
        rows: dict[tuple[str, ...], str] = {}
        samples: list[tuple[tuple[str, ...], str]] = []
        for path in paths:
            states = [state for state, _ in path]
            for place, (_, action) in enumerate(path):
                facts = tuple(sorted(self._facts(states[: place + 1])))
                if rows.get(facts) != action:
                    rows[facts] = action
                    samples.append((facts, action))
        self.actions = tuple(sorted({action for _, action in samples}))
        self.columns = {
            fact: place for place, fact in enumerate(sorted({f for fs, _ in samples for f in fs}))
        }
        self.weights = _fit(samples, self.columns, self.actions)

    def predict(self, situation: Situation) -> Prediction:
        """A score for each action that was learned; they sum to 1.

        None for a message that was not understood, where no story tells of such: what came before it would
        be answered once more.
        """
        facts = self._facts(visible(list(situation.moments)))
        if len(self.actions) < 2 or (_NOT_UNDERSTOOD in facts and _NOT_UNDERSTOOD not in self.columns):
            return Prediction(NAME, LEARNED_PRIORITY)
        rows = [self.columns[fact] for fact in facts if fact in self.columns]
        scores = self.weights[rows].sum(axis=0) + self.weights[-1]
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        return Prediction(NAME, LEARNED_PRIORITY, dict(zip(self.actions, map(float, chances), strict=True)))

    def _facts(self, states: Sequence[State]) -> set[str]:
        """What is true of the last states, each fact with how long ago it was."""
        found: set[str] = set()
        for age, state in enumerate(reversed(states[-self.max_history :])):
            found.update(f"{age} {fact}" for fact in _facts_of(state))
            found.update(f"before {fact}" for fact in _facts_of(state) if age)
        return found


def _facts_of(state: State) -> Iterator[str]:
    yield f"action={state.action}"
    if state.intent:
        yield f"intent={state.intent}"
        yield f"intent={state.intent} action={state.action}"
    if state.text:
        yield f"text={state.text}"
    if state.loop:
        yield f"loop={state.loop} action={state.action}"
        yield f"loop={state.loop}"
    for entity in state.entities:
        yield f"entity={entity}"
    for name, values in state.slots:
        yield f"slot={name} {values}"


def _fit(
    samples: Sequence[tuple[tuple[str, ...], str]], columns: dict[str, int], actions: tuple[str, ...]
) -> NDArray[np.float32]:
    if len(actions) < 2:
        return np.zeros((len(columns) + 1, len(actions)), np.float32)
    from scipy.sparse import csr_matrix  # only who learns pays for these
    from sklearn.linear_model import LogisticRegression

    rows = [place for place, (facts, _) in enumerate(samples) for _ in facts]
    places = [columns[fact] for facts, _ in samples for fact in facts]
    shape = (len(samples), len(columns))
    features = csr_matrix((np.ones(len(rows), np.float32), (rows, places)), shape=shape)
    model = LogisticRegression(C=STRENGTH, max_iter=300)
    model.fit(features, [action for _, action in samples])
    weights = np.vstack([model.coef_.T, model.intercept_]).astype(np.float32)
    if len(actions) == 2:  # one column stands for both
        weights = np.hstack([-weights / 2, weights / 2])
    return np.ascontiguousarray(weights)
