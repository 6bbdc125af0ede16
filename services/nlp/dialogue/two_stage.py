"""The two-stage fallback: "did you mean …?", then "please rephrase", then once more, then give up."""

from collections.abc import Awaitable, Callable

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import LISTEN, action_executed, active_loop, utterance_reverted
from services.nlp.dialogue.stage import Outcome, Stage
from services.nlp.formats.bot import FALLBACK_INTENT
from services.nlp.formats.checks import TWO_STAGE

_AFFIRM = "action_default_ask_affirmation"
_REPHRASE = "action_default_ask_rephrase"
_DENIED = "out_of_scope"

Perform = Callable[[Stage, str], Awaitable[Outcome]]


async def two_stage_fallback(stage: Stage, perform: Perform) -> Outcome:
    """A loop of its own: it runs until something is understood or the person has said no twice."""
    if stage.tracker.loop_name != TWO_STAGE:
        asked = await perform(stage, _AFFIRM)
        return Outcome(asked.replies, [active_loop(TWO_STAGE), *asked.events])
    heard = _intents_since_begun(stage.tracker.events)
    forgotten = [utterance_reverted() for _ in range(len(heard) + 1)]
    if heard[-1] not in (FALLBACK_INTENT, _DENIED):  # what was meant takes the place of all that came before
        return Outcome(events=[*forgotten, action_executed(LISTEN), _last_message(stage)])
    if heard == [_DENIED]:
        return await perform(stage, _REPHRASE)
    if heard == [_DENIED, FALLBACK_INTENT]:
        return await perform(stage, _AFFIRM)
    given_up = await perform(stage, "action_default_fallback")
    return Outcome(given_up.replies, forgotten)


def _intents_since_begun(events: list[TrackerEvent]) -> list[str]:
    """What each message since the first question was taken for."""
    found: list[str] = []
    for event in reversed(events):
        if event["event"] == "active_loop" and event.get("name") == TWO_STAGE:
            break
        if event["event"] == "user":
            parse = event.get("parse_data") or {}
            found.insert(0, str((parse.get("intent") or {}).get("name")))
    return found


def _last_message(stage: Stage) -> TrackerEvent:
    return next(event for event in reversed(stage.tracker.events) if event["event"] == "user")
