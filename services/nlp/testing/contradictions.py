"""Where a bot's rules and stories say different things."""

from collections.abc import Iterator

from services.nlp.dialogue.courses import courses
from services.nlp.dialogue.deciding import Dialogue
from services.nlp.dialogue.memory import Conflict
from services.nlp.dialogue.rule_policy import RulePolicy, rule_decisions
from services.nlp.dialogue.states import State, moments
from services.nlp.dialogue.tracker import applied
from services.nlp.formats.bot import Bot
from services.nlp.formats.checks import TWO_STAGE
from services.nlp.formats.story import UserStep

_SHOWN = 3
"""As many of the last states of a history are told."""


def contradictions(bot: Bot, dialogue: Dialogue) -> list[str]:
    """A sentence for each: rules against rules, stories against stories, stories against rules."""
    found = [*_rules_with_two_messages(bot), *_contradicting_rules(bot)]
    found += map(_conflict, _unique(dialogue.conflicts))
    found += _stories_against_rules(bot, dialogue.rules)
    return list(dict.fromkeys(found))


def _rules_with_two_messages(bot: Bot) -> Iterator[str]:
    """Rasa refuses them: what a person says next is for policies to judge."""
    for story in bot.stories:
        if story.is_rule and any(
            sum(isinstance(step, UserStep) for step in steps) > 1 for steps in story.expanded()
        ):
            yield f"rule {story.name!r} ({story.file}:{story.line}) has more than one message of the person"


def _contradicting_rules(bot: Bot) -> Iterator[str]:
    said: dict[tuple[State, ...], tuple[str, str]] = {}
    for rule in bot.stories:
        for states, action in rule_decisions(bot, rule) if rule.is_rule else ():
            other, name = said.setdefault(states, (action, rule.name))
            if other != action:
                yield (
                    f"rules {name!r} and {rule.name!r} contradict one another after {_told(states)}: "
                    f"{other} or {action}"
                )


def _stories_against_rules(bot: Bot, rules: RulePolicy) -> Iterator[str]:
    for course in courses(bot):
        found = moments(bot, applied(course.events, (*bot.forms, TWO_STAGE)))
        states = [moment.state for moment in found]
        for place, moment in enumerate(found):
            entry = rules.fitting(states[: place + 1]) if moment.action and not moment.state.loop else None
            if entry and entry.action != moment.action:
                yield (
                    f"story {course.name!r} does {moment.action} after {_told(states[: place + 1])}, "
                    f"where rule {entry.rule!r} says {entry.action}"
                )


def _conflict(conflict: Conflict) -> str:
    ways = ", ".join(f"{action} (story {story!r})" for action, story in conflict.actions)
    return f"stories conflict after {_told(conflict.history)}: {ways}"


def _unique(conflicts: list[Conflict]) -> list[Conflict]:
    return list(dict.fromkeys(conflicts))


def _told(states: tuple[State, ...] | list[State]) -> str:
    """The last states, in words."""
    return ", then ".join(map(_state, states[-_SHOWN:])) or "the beginning"


def _state(state: State) -> str:
    if state.action == "action_listen" and state.intent:
        entities = f" with {', '.join(state.entities)}" if state.entities else ""
        return f"the person's {state.intent}{entities}"
    return state.action or "the beginning"
