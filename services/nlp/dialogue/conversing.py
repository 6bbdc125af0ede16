"""One message of a person, from hearing it to listening again."""

import logging
from collections.abc import AsyncGenerator, Callable
from typing import Any

from contracts.reply import Reply
from services.nlp.actions.base import ActionFailed, ActionRejected
from services.nlp.dialogue.deciding import Choice, Dialogue
from services.nlp.dialogue.events import (
    LISTEN,
    SESSION_START,
    action_executed,
    action_rejected,
    bot_uttered,
    user_uttered,
)
from services.nlp.dialogue.performing import extract_slots, is_expired, perform
from services.nlp.dialogue.stage import Outcome, Stage
from services.nlp.nlu.parse import Parse

log = logging.getLogger(__name__)

MAX_PREDICTIONS = 10
"""As many actions has a turn at most; Rasa's circuit breaker."""
FAILED = "utter_action_failed"


async def begin(stage: Stage) -> list[Reply]:
    """Begin a new session where the last one has expired, or none was there."""
    return await start_session(stage) if is_expired(stage.tracker) else []


async def start_session(stage: Stage) -> list[Reply]:
    """Begin a new session, whatever was before."""
    return await _run(stage, Choice(SESSION_START, "", 1.0))


async def hear(
    stage: Stage,
    parse: Parse,
    channel: str = "",
    message_id: str = "",
    metadata: dict[str, Any] | None = None,
) -> list[Reply]:
    """Note what the person said, and fill slots from it."""
    stage.tracker.update(user_uttered(parse, channel, message_id, metadata))
    try:
        outcome = await extract_slots(stage)
    except (ActionFailed, ActionRejected) as error:
        log.warning("nlp.slots.failed", extra={"reason": str(error)})
        return []
    return note(stage, outcome)


async def answer(
    stage: Stage,
    dialogue: Dialogue,
    first: Choice | None = None,
    done: Callable[[list[Reply]], None] = lambda _: None,
) -> AsyncGenerator[Reply, None]:
    """Perform what the policies choose until they choose to listen; what is said is noted and yielded.

    `first` is the first choice where it has been made already; `done` hears of each action and what it said.
    """
    if stage.tracker.is_silent:
        return
    for _ in range(MAX_PREDICTIONS):
        choice = first or dialogue.choose(stage.tracker)
        first = None
        replies = await _run(stage, choice)
        done(replies)
        for reply in replies:
            yield reply
        if choice.action == LISTEN or stage.tracker.is_silent:
            return
    log.warning("nlp.turn.cut", extra={"actions": MAX_PREDICTIONS})
    stage.tracker.update(action_executed(LISTEN))


async def _run(stage: Stage, choice: Choice) -> list[Reply]:
    stage.tracker.update(*choice.events)
    try:
        outcome = await perform(stage, choice.action)
    except ActionRejected:
        stage.tracker.update(action_rejected(choice.action))
        return []
    except ActionFailed as error:
        log.warning("nlp.action.failed", extra={"action": choice.action, "reason": str(error)})
        return _give_up(stage)
    executed = action_executed(choice.action, choice.policy, choice.confidence)
    stage.tracker.update({**executed, "hide_rule_turn": True} if choice.is_hidden else executed)
    return note(stage, outcome)


def _give_up(stage: Stage) -> list[Reply]:
    """Say that it did not work, and listen; the failed action has done nothing to the tracker."""
    reply = stage.respond(FAILED)  # never by a server: it may be what has failed
    return note(stage, Outcome([reply] if reply else [], [{"event": "followup", "name": LISTEN}]))


def note(stage: Stage, outcome: Outcome) -> list[Reply]:
    """Write what an action came to into the tracker; what it said."""
    for reply in outcome.replies:
        stage.tracker.update(bot_uttered(reply.text, _parts(reply)))
    stage.tracker.update(*outcome.events)
    return outcome.replies


def _parts(reply: Reply) -> dict[str, object]:
    parts = {
        "buttons": [button.model_dump(exclude_none=True) for button in reply.buttons],
        "image": reply.image,
        "custom": reply.custom,
    }
    return {name: value for name, value in parts.items() if value}
