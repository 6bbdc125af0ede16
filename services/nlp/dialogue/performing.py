"""Performs an action by its name: a response, a form, one of Rasa's own, or the bot's own code."""

from collections.abc import Awaitable, Callable

from contracts.reply import Button, Reply
from foundation.words import say
from services.nlp.actions.base import ActionFailed, TrackerEvent
from services.nlp.dialogue.events import (
    LISTEN,
    SESSION_START,
    action_executed,
    active_loop,
    restarted,
    session_started,
    slot_set,
    utterance_reverted,
)
from services.nlp.dialogue.forms import FormRun
from services.nlp.dialogue.slots import custom_actions, fill_slots
from services.nlp.dialogue.stage import Outcome, Stage
from services.nlp.dialogue.tracker import Tracker
from services.nlp.dialogue.two_stage import two_stage_fallback
from services.nlp.formats.bot import FALLBACK_INTENT, REQUESTED_SLOT, Form
from services.nlp.skills.names import OF_SKILLS, SKILL_PREFIX

GREETING = "utter_session_start"
"""Said at the beginning of a session where the domain has it."""
VALIDATE_MAPPINGS = "action_validate_slot_mappings"


async def perform(stage: Stage, name: str) -> Outcome:
    """What the action says and does to the tracker, its own execution left out.

    Raises ActionRejected, or ActionFailed where it cannot be run.
    """
    if form := stage.bot.forms.get(name):
        return await _run_form(stage, form)
    if stage.skills and stage.has_skill(name):
        return await stage.skills.act(name, stage.tracker)
    if stage.has_action(name):
        return await stage.run(name)
    if default := _DEFAULTS.get(name):
        return await default(stage)
    if name.startswith("utter_"):
        return Outcome(await stage.say(name))
    if name in stage.bot.actions or name.startswith(SKILL_PREFIX):
        raise _no_code(name)
    return Outcome([Reply(text=name)])  # an end-to-end story's own words


async def extract_slots(stage: Stage) -> Outcome:
    """After each message: fill slots by their mappings, then let the bot's own code look at them."""
    outcome = Outcome(events=fill_slots(stage.tracker))
    for name in custom_actions(stage.tracker):
        if stage.has_action(name):
            ran = await stage.run(name)
            outcome.replies.extend(ran.replies)
            outcome.events.extend(ran.events)
    if stage.has_action(VALIDATE_MAPPINGS):  # where nothing was filled, too: it may extract slots itself
        shown = stage.tracker.copy()
        shown.update(*outcome.events)
        ran = await stage.run(VALIDATE_MAPPINGS, shown)
        checked = {event["name"] for event in ran.events if event["event"] == "slot"}
        kept = [e for e in outcome.events if e["event"] != "slot" or e["name"] not in checked]
        return Outcome([*outcome.replies, *ran.replies], [*kept, *ran.events])
    return outcome


def is_expired(tracker: Tracker) -> bool:
    """Whether a new session begins with the next message."""
    heard = tracker.last_heard_at
    if not tracker.events or heard is None:
        return not tracker.events
    minutes = tracker.bot.session.expires_after_min
    return minutes > 0 and tracker.now() - heard > minutes * 60


async def _run_form(stage: Stage, form: Form) -> Outcome:
    """By its slots, or those that its validation names; else it is all code: a FormAction of Rasa 1."""
    if not form.is_coded or stage.has_action(f"validate_{form.name}"):
        return await FormRun(stage, form).run()
    if stage.runner is None or not stage.runner.has(form.name):
        raise _no_code(form.name)
    return await stage.run(form.name)


def _no_code(name: str) -> ActionFailed:
    return ActionFailed(f"{name} has no code: there is neither an actions.py with it nor an action server")


async def _listen(stage: Stage) -> Outcome:
    return Outcome()


async def _restart(stage: Stage) -> Outcome:
    return Outcome(await stage.say("utter_restart"), [restarted()])


async def _session_start(stage: Stage) -> Outcome:
    events: list[TrackerEvent] = [session_started()]
    if stage.bot.session.carries_slots_over:
        events += [slot_set(n, v) for n, v in stage.tracker.changed_slots().items() if _stays(n)]
    # not one of Rasa's names: a server that words the bot's responses need not know it
    said = await stage.say(GREETING) if GREETING in stage.bot.responses else []
    return Outcome(said, [*events, action_executed(LISTEN)])


def _stays(slot: str) -> bool:
    return slot not in (REQUESTED_SLOT, *OF_SKILLS)


async def _skill_help(stage: Stage) -> Outcome:
    return Outcome(await stage.say_help())


async def _default_fallback(stage: Stage) -> Outcome:
    return Outcome(await stage.say("utter_default"), [utterance_reverted()])


async def _deactivate_loop(stage: Stage) -> Outcome:
    return Outcome(events=[active_loop(None), slot_set(REQUESTED_SLOT, None)])


async def _back(stage: Stage) -> Outcome:
    return Outcome(await stage.say("utter_back"), [utterance_reverted(), utterance_reverted()])


async def _revert_fallback(stage: Stage) -> Outcome:
    return Outcome(events=[utterance_reverted()])


async def _ask_affirmation(stage: Stage) -> Outcome:
    ranking = stage.tracker.message.get("intent_ranking") or []
    guess = next((g["name"] for g in ranking if g["name"] != FALLBACK_INTENT), stage.tracker.intent)
    replies = await stage.say("utter_ask_affirmation", {"intent": guess})
    yes, no = (
        Button(title=say(answer, stage.language), payload=payload)
        for answer, payload in (("yes", f"/{guess}"), ("no", "/out_of_scope"))
    )
    return Outcome([reply.model_copy(update={"buttons": (yes, no)}) for reply in replies])


async def _ask_rephrase(stage: Stage) -> Outcome:
    return Outcome(await stage.say("utter_ask_rephrase"))


async def _two_stage(stage: Stage) -> Outcome:
    return await two_stage_fallback(stage, perform)


_DEFAULTS: dict[str, Callable[[Stage], Awaitable[Outcome]]] = {
    LISTEN: _listen,
    "action_restart": _restart,
    SESSION_START: _session_start,
    "action_default_fallback": _default_fallback,
    "action_deactivate_loop": _deactivate_loop,
    "action_deactivate_form": _deactivate_loop,
    "action_revert_fallback_events": _revert_fallback,
    "action_default_ask_affirmation": _ask_affirmation,
    "action_default_ask_rephrase": _ask_rephrase,
    "action_two_stage_fallback": _two_stage,
    "action_unlikely_intent": _listen,
    "action_extract_slots": extract_slots,
    "action_back": _back,
    "skill_help": _skill_help,
}
