"""Which action comes next: every policy scores, the highest wins, equals go by priority."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.courses import courses, glued, loose_checkpoints
from services.nlp.dialogue.events import LISTEN
from services.nlp.dialogue.learned import LearnedPolicy
from services.nlp.dialogue.memory import Conflict, MemoryPolicy
from services.nlp.dialogue.policy import Policy, Prediction, Situation
from services.nlp.dialogue.rule_policy import RulePolicy
from services.nlp.dialogue.states import Moment, State, moments
from services.nlp.dialogue.tracker import Tracker, applied
from services.nlp.formats.bot import Bot, Component
from services.nlp.formats.checks import known_actions

_RULES = ("RulePolicy", "MappingPolicy", "FormPolicy", "FallbackPolicy", "TwoStageFallbackPolicy")
_MEMORIES = ("MemoizationPolicy", "AugmentedMemoizationPolicy")
_LEARNED = ("TEDPolicy", "KerasPolicy", "EmbeddingPolicy", "SklearnPolicy", "IntentTEDPolicy")
_SEED = 0
GLUED = 5
"""As many glued courses for each story."""


@dataclass(frozen=True)
class Choice:
    """The action that comes next, and why."""

    action: str
    policy: str
    confidence: float
    events: tuple[TrackerEvent, ...] = ()
    """To be noted before the action is run."""
    is_hidden: bool = False
    is_fallback: bool = False
    """No policy was sure enough."""
    ranking: tuple[tuple[str, float], ...] = ()


@dataclass
class Dialogue:
    """A bot's policies, trained; read-only, so threads may share it."""

    bot: Bot
    rules: RulePolicy
    others: list[Policy] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)

    def choose(self, tracker: Tracker) -> Choice:
        """What comes next."""
        if tracker.followup and tracker.followup in known_actions(self.bot):
            return Choice(tracker.followup, "FollowupAction", 1.0)
        rejected = _rejected(tracker)
        situation = Situation(tracker)
        predictions = [self.rules.predict(situation)]
        if predictions[0].best(rejected)[1] < 1:  # else no other can win: it has the highest priority
            predictions += [policy.predict(situation) for policy in self.others]
        best = max(predictions, key=lambda p: (p.best(rejected)[1], p.priority))
        action, score = best.best(rejected)
        return Choice(
            action=action or LISTEN,
            policy=best.policy,
            confidence=score,
            events=tuple(event for prediction in predictions for event in prediction.events),
            is_hidden=best.is_hidden,
            is_fallback=self._is_fallback(best, action, score),
            ranking=_ranking(predictions, rejected),
        )

    def _is_fallback(self, best: Prediction, action: str, score: float) -> bool:
        is_core = action == self.rules.fallback_action and score < 1
        return best.policy == "RulePolicy" and is_core


def train_dialogue(bot: Bot, notice: Callable[[str], None] = lambda line: None) -> Dialogue:
    """Learn the bot's rules and stories."""
    told = courses(bot)
    listed = {component.name: component for component in bot.policies}
    rules = _rule_policy(bot, listed)
    rules.learn([story for story in bot.stories if story.is_rule], told)
    paths = [(course.name, _path(bot, moments(bot, applied(course.events)))) for course in told]
    dialogue = Dialogue(bot, rules)
    for component in _chosen(bot):
        if component.name in _MEMORIES:
            memory = _memory(bot, component)
            dialogue.conflicts += memory.learn(paths)
            dialogue.others.append(memory)
        elif component.name in _LEARNED and told:
            learned = LearnedPolicy(max_history=int(component.options.get("max_history") or 5))
            more = glued(told, GLUED, Random(_SEED))
            learned.learn([*(p for _, p in paths), *(_path(bot, moments(bot, c.events)) for c in more)])
            dialogue.others.append(learned)
    for line in loose_checkpoints(bot):
        notice(line)
    notice(f"{len(told)} courses of stories, {len(rules.entries)} decisions of rules")
    return dialogue


def _chosen(bot: Bot) -> list[Component]:
    """The policies that the bot asks for, without unknown ones; the default where it names none."""
    if not bot.policies:
        return [Component("AugmentedMemoizationPolicy"), Component("TEDPolicy", {"max_history": 5})]
    chosen = []
    for component in bot.policies:
        if component.name in _LEARNED and component.name != "TEDPolicy":
            bot.warnings.append(f"policies: {component.name} is run as TEDPolicy's linear stand-in")
        elif component.name not in (*_RULES, *_MEMORIES, *_LEARNED):
            bot.warnings.append(f"policies: {component.name} is left out; stories and rules decide")
            continue
        chosen.append(component)
    return chosen


def _rule_policy(bot: Bot, listed: dict[str, Component]) -> RulePolicy:
    options = {key: value for name in _RULES if name in listed for key, value in listed[name].options.items()}
    threshold = options.get("core_fallback_threshold", options.get("core_threshold", 0.3))
    action = options.get("core_fallback_action_name", options.get("fallback_action_name"))
    falls_back = {"RulePolicy", "FallbackPolicy", "TwoStageFallbackPolicy"} & listed.keys() or not listed
    return RulePolicy(
        bot,
        fallback_action=str(action or "action_default_fallback"),
        fallback_threshold=float(threshold),
        has_fallback=bool(falls_back) and options.get("enable_fallback_prediction", True) is not False,
    )


def _memory(bot: Bot, component: Component) -> MemoryPolicy:
    limit = component.options.get("max_history", 5 if bot.format_version == "1" else None)
    return MemoryPolicy(
        bot,
        max_history=None if limit is None else int(limit),
        forgets=component.name == "AugmentedMemoizationPolicy",
        scores_intent=bool(component.options.get("use_nlu_confidence_as_score")),
    )


def _path(bot: Bot, found: list[Moment]) -> list[tuple[State, str]]:
    return [(moment.state, moment.action) for moment in found if moment.action]


def _rejected(tracker: Tracker) -> str:
    """The action that has just refused to run; "" where none has."""
    last = tracker.events[-1] if tracker.events else {}
    return str(last["name"]) if last.get("event") == "action_execution_rejected" else ""


def _ranking(predictions: list[Prediction], rejected: str) -> tuple[tuple[str, float], ...]:
    scores: dict[str, float] = {}
    for prediction in predictions:
        for name, score in prediction.scores.items():
            if name != rejected:
                scores[name] = max(score, scores.get(name, 0.0))
    return tuple(sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[:10])
