"""The rule policy: what to do next, by the rules alone."""

from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import Bot, Rule

LISTEN = "action_listen"
_BUILT_IN = {"restart": "action_restart", "session_start": "action_session_start"}


def is_built_in(intent: str) -> bool:
    """Whether an intent is answered without any rule."""
    return intent in _BUILT_IN


def next_action(bot: Bot, tracker: Tracker) -> str | None:
    """The next action after what was run since the person spoke; None where no rule says."""
    built_in = _BUILT_IN.get(tracker.intent)
    if built_in:
        return LISTEN if built_in in tracker.actions else built_in
    fitting = [rule for rule in bot.rules if _fits(rule, tracker)]
    if not fitting:
        return None
    rule = max(fitting, key=_weight)
    done = len(tracker.actions)
    return rule.actions[done] if done < len(rule.actions) else LISTEN


def _fits(rule: Rule, tracker: Tracker) -> bool:
    return (
        rule.intent == tracker.intent
        and rule.actions[: len(tracker.actions)] == tuple(tracker.actions)
        and set(rule.entities) <= set(tracker.entities)
        and all(_holds(tracker, name, value) for name, value in rule.slots)
        and not (rule.at_start and tracker.turns > 1)
    )


def _holds(tracker: Tracker, name: str, value: object) -> bool:
    actual = tracker.slots.get(name)
    if value is True and not isinstance(actual, bool):
        return actual is not None
    return bool(actual == value)


def _weight(rule: Rule) -> tuple[int, int, bool, int]:
    """The more a rule asks for, the more it counts; of equals, the one that does more."""
    return len(rule.slots), len(rule.entities), rule.at_start, len(rule.actions)
