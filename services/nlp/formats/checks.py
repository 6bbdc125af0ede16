"""Names that a bot uses and defines nowhere, and those that it defines and uses nowhere."""

from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

from services.nlp.formats.bot import FALLBACK_INTENT, REQUESTED_SLOT, Bot, Slot
from services.nlp.formats.responses import SLOT
from services.nlp.formats.story import ActionStep, AnyValue, LoopStep, OrStep, SlotStep, Step, Story, UserStep
from services.nlp.skills.names import SKILL_PREFIX

TWO_STAGE = "action_two_stage_fallback"
"""A default action that is a loop, as forms are."""
DEFAULT_ACTIONS = (
    "action_listen",
    "action_restart",
    "action_session_start",
    "action_default_fallback",
    "action_deactivate_loop",
    "action_deactivate_form",
    "action_revert_fallback_events",
    "action_default_ask_affirmation",
    "action_default_ask_rephrase",
    TWO_STAGE,
    "action_unlikely_intent",
    "action_back",
    "action_extract_slots",
)
DEFAULT_INTENTS = ("restart", "back", "session_start", FALLBACK_INTENT, "out_of_scope")
_PERSON = ("person", "name", "role", "percent", "percentile")
_MATCH = (*_PERSON, "likeness", "others", "faces_found", "number", "ordinal")
_ABOUT_A_MATCH = ("match", "same", "others", "several", "which", "small", "dark", "blurred")
_GIVEN = {
    "utter_ask_affirmation": ("intent",),
    "utter_face_other": _PERSON,
    **{f"utter_face_{kind}": _MATCH for kind in _ABOUT_A_MATCH},
}
"""What the room itself fills into responses, besides slots."""
_ALLOWED = "what the domain defines"


def known_actions(bot: Bot) -> set[str]:
    """Every name that a story may use for an action."""
    retrieval = {f"utter_{intent}" for intent in bot.retrieval_intents}
    return {*bot.actions, *bot.responses, *bot.forms, *DEFAULT_ACTIONS, *retrieval, *_skills(bot)}


def is_loop(bot: Bot, name: str) -> bool:
    """Whether the bot has a form of that name, or it is the default action that is a loop."""
    return name in bot.forms or name == TWO_STAGE


def _skills(bot: Bot) -> set[str]:
    return {f"{SKILL_PREFIX}{name}" for name in (*bot.skills, "help")}


def loose_ends(bot: Bot) -> list[str]:
    """What is used and defined nowhere: mistakes. Intents, entities and slots of that kind are warnings."""
    mistakes = []
    actions = known_actions(bot)
    for story in bot.stories:
        for step in _steps(story):
            if isinstance(step, ActionStep) and step.action and step.action not in actions:
                place = f"{story.file}:{step.line or story.line}"
                mistakes.append(f"{place}: action: {step.action!r} is nowhere; allowed: {_ALLOWED}")
            elif isinstance(step, LoopStep) and step.form and not is_loop(bot, step.form):
                place = f"{story.file}:{story.line}"
                mistakes.append(f"{place}: active_loop: {step.form!r} is no form; allowed: {_ALLOWED}")
    bot.warnings += dict.fromkeys(_undefined(bot))
    return list(dict.fromkeys(mistakes))


def unused(bot: Bot) -> list[str]:
    """What is defined and used nowhere, a sentence each."""
    steps = [step for story in bot.stories for step in _steps(story)]
    intents = {step.intent.split("/")[0] for step in steps if isinstance(step, UserStep)}
    intents |= {name for slot in bot.slots.values() for m in slot.mappings for name in m.intents}
    intents |= {name for name, intent in bot.intents.items() if intent.triggers}
    shown = {example.intent for example in bot.examples}
    found = [f"intent {name!r} is in no story and no rule" for name in bot.intents if name not in intents]
    found += [f"intent {name!r} has no examples" for name in bot.intents if name not in shown]
    said = _said(bot)
    for name in bot.responses:
        if name not in said:
            found.append(f"response {name!r} is in no story and no rule; a custom action may still say it")
    return found


_SPOKEN = ("utter_default", "utter_restart", "utter_ask_rephrase", "utter_help", "utter_start", "utter_greet")


def _said(bot: Bot) -> set[str]:
    """The responses that stories, rules, forms and the room say."""
    steps = [step for story in bot.stories for step in _steps(story)]
    names = {step.action for step in steps if isinstance(step, ActionStep)}
    names |= {f"utter_ask_{part}" for part in _asked(bot)} | {*_SPOKEN, *_GIVEN}
    names |= {intent.triggers for intent in bot.intents.values()}
    return {name for name in bot.responses if name in names or name.split("/")[0] in names}


def _asked(bot: Bot) -> set[str]:
    names = {slot for form in bot.forms.values() for slot in form.required_slots}
    return names | {f"{form.name}_{slot}" for form in bot.forms.values() for slot in form.required_slots}


def _undefined(bot: Bot) -> Iterator[str]:
    intents = {*bot.intents, *DEFAULT_INTENTS}
    for story in bot.stories:
        place = f"{story.file}:{story.line}: {'rule' if story.is_rule else 'story'} {story.name!r}"
        for step in _steps(story):
            if isinstance(step, UserStep):
                base = step.intent.split("/")[0]
                if base and bot.intents and base not in intents:
                    yield f"{place}: intent {base!r} is not in the domain"
                for entity in step.entities:
                    if entity.entity not in bot.entities:
                        yield f"{place}: entity {entity.entity!r} is not in the domain"
            elif isinstance(step, SlotStep) and step.slot not in bot.slots:
                yield f"{place}: slot {step.slot!r} is not in the domain"
            elif isinstance(step, SlotStep) and _needs_value(bot.slots[step.slot], step):
                yield f"{place}: slot {step.slot!r} is named without its value: say which is meant"
    if bot.intents:
        for name in sorted({example.intent for example in bot.examples} - intents):
            yield f"intent {name!r} has examples and is not in the domain"
    for form in bot.forms.values():
        for slot in form.required_slots:
            if slot not in bot.slots:
                yield f"form {form.name!r}: slot {slot!r} is not in the domain"
    yield from _unfilled(bot)


def _needs_value(slot: Slot, step: SlotStep) -> bool:
    """Of a text or a list a story may say only that it is there."""
    return step.value is AnyValue.ANY and slot.influences and slot.kind not in ("text", "list")


def _unfilled(bot: Bot) -> Iterator[str]:
    """What only a custom action says may be filled by it with any name."""
    for name in sorted(_said(bot) if _has_code(bot) else bot.responses):
        known = {*bot.slots, REQUESTED_SLOT, *_GIVEN.get(name, ())}
        for variation in bot.responses[name]:
            place = f"{variation.file}:{variation.line}: response {name!r}"
            for slot in _filled(astuple(variation)):
                if slot not in known:
                    yield f"{place}: slot {slot!r} is not in the domain"


def _has_code(bot: Bot) -> bool:
    known = {*bot.responses, *bot.forms, *DEFAULT_ACTIONS, *_skills(bot)}
    return any(name not in known for name in bot.actions) or any(f.is_coded for f in bot.forms.values())


def _filled(value: Any) -> Iterator[str]:
    """The names in braces of every text in it, however deep."""
    if isinstance(value, str):
        yield from filter(None, SLOT.findall(value))
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _filled(item)


def _steps(story: Story) -> Iterator[Step]:
    yield from story.condition
    for step in story.steps:
        if isinstance(step, OrStep):
            for alternative in step.alternatives:
                yield from alternative
        else:
            yield step
