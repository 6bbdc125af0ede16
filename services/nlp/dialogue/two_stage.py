"""The two-stage fallback: "did you mean …?", then "please rephrase", then once more, then give up."""

from collections.abc import Awaitable, Callable

from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import (
    active_loop,
    names_of,
    user_uttered,
    utterance_reverted,
)
from services.nlp.dialogue.stage import Outcome, Stage
from services.nlp.formats.bot import FALLBACK_INTENT
from services.nlp.nlu.parse import Parse

NAME = "action_two_stage_fallback"
_AFFIRM = "action_default_ask_affirmation"
_REPHRASE = "action_default_ask_rephrase"
_DENIED = "out_of_scope"

Perform = Callable[[Stage, str], Awaitable[Outcome]]


async def two_stage_fallback(stage: Stage, perform: Perform) -> Outcome:
    """A loop of its own: it runs until something is understood or the person has said no twice."""
    tracker = stage.tracker
    if tracker.loop_name != NAME:
        asked = await perform(stage, _AFFIRM)
        return Outcome(asked.replies, [active_loop(NAME), *asked.events, _asked(_AFFIRM)])
    questions = [n for n in names_of(_since_begun(tracker.events)) if n in (_AFFIRM, _REPHRASE)]
    intent = tracker.intent
    if intent not in (FALLBACK_INTENT, _DENIED):
        return Outcome(events=[active_loop(None), *_understood(stage, intent)])
    if questions and questions[-1] == _REPHRASE and intent == FALLBACK_INTENT:
        return await _ask(stage, perform, _AFFIRM)
    if intent == _DENIED and _REPHRASE not in questions:
        return await _ask(stage, perform, _REPHRASE)
    given_up = await perform(stage, "action_default_fallback")
    return Outcome(given_up.replies, [active_loop(None), *given_up.events])


async def _ask(stage: Stage, perform: Perform, question: str) -> Outcome:
    asked = await perform(stage, question)
    return Outcome(asked.replies, [*asked.events, _asked(question)])


def _asked(question: str) -> TrackerEvent:
    return {"event": "action", "name": question, "policy": NAME, "confidence": 1.0}


def _since_begun(events: list[TrackerEvent]) -> list[TrackerEvent]:
    starts = [p for p, e in enumerate(events) if e["event"] == "active_loop" and e.get("name") == NAME]
    return events[starts[-1] :] if starts else []


def _understood(stage: Stage, intent: str) -> list[TrackerEvent]:
    """The misunderstood message and its questions do not count; what was meant comes in their place."""
    tracker = stage.tracker
    heard = [event for event in _since_begun(tracker.events) if event["event"] == "user"]
    said = Parse(str(tracker.message.get("text") or ""), intent, 1.0)
    meant = {**user_uttered(said, tracker.channel), "parse_data": tracker.message}
    return [
        *(utterance_reverted() for _ in range(len(heard) + 1)),
        {"event": "action", "name": "action_listen"},
        meant,
    ]
