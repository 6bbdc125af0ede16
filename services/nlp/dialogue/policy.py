"""What a policy is: it says which action comes next, and how sure it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.states import Moment, moments
from services.nlp.dialogue.tracker import Tracker, applied
from services.nlp.formats.checks import TWO_STAGE

RULE_PRIORITY = 4
MEMORY_PRIORITY = 3
LEARNED_PRIORITY = 1


@dataclass(frozen=True)
class Prediction:
    """Actions and their scores, 0 to 1; an action that is not there has 0."""

    policy: str
    priority: int
    scores: Mapping[str, float] = field(default_factory=dict)
    events: tuple[TrackerEvent, ...] = ()
    """What the tracker has to know when this prediction wins."""
    is_hidden: bool = False
    """From a rule that is in no story: learned policies do not see the turn."""

    def best(self, without: str = "") -> tuple[str, float]:
        """The likeliest action that is not `without`, and its score; ("", 0.0) where there is none."""
        left = {name: score for name, score in self.scores.items() if name != without}
        if not left:
            return "", 0.0
        name = max(sorted(left), key=lambda action: left[action])
        return name, left[name]


class Situation:
    """Everything that a policy may look at; worked out when it is first looked at."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker

    @cached_property
    def events(self) -> Sequence[TrackerEvent]:
        """Those that count: without what was reverted, and without a form's happy path."""
        return applied(self.tracker.events, (*self.tracker.bot.forms, TWO_STAGE))

    @cached_property
    def moments(self) -> Sequence[Moment]:
        """One before each action among the events, and the present one."""
        return moments(self.tracker.bot, self.events)


class Policy(Protocol):
    """Read-only once it is made; threads share it."""

    def predict(self, situation: Situation) -> Prediction:
        """An empty prediction where the policy has nothing to say."""
        ...
