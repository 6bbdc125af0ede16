"""The memoization policies: what a story says at exactly this point."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.nlp.dialogue.policy import MEMORY_PRIORITY, Prediction, Situation
from services.nlp.dialogue.states import State, moments, visible
from services.nlp.formats.bot import Bot

Key = tuple[State, ...]


@dataclass(frozen=True)
class Conflict:
    """The same history, and different next actions."""

    history: Key
    actions: tuple[tuple[str, str], ...]
    """Action, and the story that says so."""


@dataclass
class MemoryPolicy:
    """Rasa's MemoizationPolicy and AugmentedMemoizationPolicy."""

    bot: Bot
    max_history: int | None = None
    """States that are looked at; None: all."""
    forgets: bool = True
    """Where nothing is found, forget what was first and look again."""
    scores_intent: bool = False
    """`use_nlu_confidence_as_score`."""
    table: dict[Key, str] = field(default_factory=dict)
    longest: int = 0
    """As many states has the longest key."""

    @property
    def name(self) -> str:
        """As Rasa calls it."""
        return "AugmentedMemoizationPolicy" if self.forgets else "MemoizationPolicy"

    def learn(self, paths: Iterable[tuple[str, Sequence[tuple[State, str]]]]) -> list[Conflict]:
        """Remember named paths of (state, action); what contradicts itself is forgotten and returned."""
        said: dict[Key, dict[str, str]] = {}
        for name, path in paths:
            states = [state for state, _ in path]
            for place, (_, action) in enumerate(path):
                said.setdefault(self._key(states[: place + 1]), {}).setdefault(action, name)
        self.table = {key: next(iter(actions)) for key, actions in said.items() if len(actions) == 1}
        self.longest = max(map(len, self.table), default=0) + 1
        return [Conflict(key, tuple(found.items())) for key, found in said.items() if len(found) > 1]

    def predict(self, situation: Situation) -> Prediction:
        """The remembered action with confidence 1."""
        action = self._recall(visible(list(situation.moments)))
        if action is None and self.forgets:
            action = self._recall_forgetting(situation)
        if action is None:
            return Prediction(self.name, MEMORY_PRIORITY)
        intent = situation.tracker.message.get("intent") or {}
        score = float(intent.get("confidence") or 1.0) if self.scores_intent else 1.0
        return Prediction(self.name, MEMORY_PRIORITY, {action: score})

    def _recall(self, states: Sequence[State]) -> str | None:
        return self.table.get(self._key(states))

    def _key(self, states: Sequence[State]) -> Key:
        return tuple(states if self.max_history is None else states[-self.max_history :])

    def _recall_forgetting(self, situation: Situation) -> str | None:
        """Begin the conversation at each later action in turn, slots and all forgotten before it."""
        events = list(situation.events)
        actions = [place for place, event in enumerate(events) if event["event"] == "action"]
        actions = actions[-self.longest :]  # more than any story tells cannot be found
        tried: Key = ()
        for place in actions:
            key = self._key(visible(moments(self.bot, events[place:])))
            if key != tried and (action := self.table.get(key)):
                return action
            tried = key
        return None
