"""What a message wants of the bot's skills, before any engine is asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.event import ButtonPressed, CommandGiven, Event, MessageSent
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import LISTEN, slot_set
from services.nlp.dialogue.performing import is_expired
from services.nlp.dialogue.tracker import Tracker
from services.nlp.formats.bot import FALLBACK_INTENT
from services.nlp.nlu.parse import Parse
from services.nlp.nlu.script import simplified
from services.nlp.skills.base import Skill
from services.nlp.skills.names import OF_SKILLS, QUESTION, SKILL_PREFIX
from services.nlp.skills.selection import PRESSED, Picked, Selection, kept, picked, pressed

HELP = "help"
SURE = 0.8
"""A message that the bot understands as surely as this is no answer to a skill's question."""
ANSWER_CHARS = 80
_COMMAND = re.compile(r"/(?P<name>[a-z0-9_]+)(?:@\S+)?(?:\s+(?P<text>.*))?", re.DOTALL | re.IGNORECASE)
_ENTRY = re.compile(r"^\s*(?:\*\*)?[0-9]{1,2}[.)、]", re.MULTILINE)
_FIRST_WORD = re.compile(r"(?P<name>[a-z0-9_]+)(?:\s+(?P<text>.*))?", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Wish:
    """A skill to call, a page to show, a remark about the list, or help."""

    skill: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    is_chosen: bool = False
    selection: Selection | None = None
    """The list, where it is about one."""
    picked: Picked | None = None
    said: str = ""
    """What the person said in words, where the Event has a button's payload."""

    def parse(self, parse: Parse) -> Parse:
        """The message as the tracker notes it: no intent of the bot's, and no entities to fill slots."""
        return Parse(self.said or parse.text, FALLBACK_INTENT, 1.0)


def wish_of(event: Event, parse: Parse, tracker: Tracker, skills: Mapping[str, Skill]) -> Wish | None:
    """What the message wants; None where it is for the engines.

    A question that a skill has asked is answered now, or forgotten.
    """
    if not skills:
        return None
    question = tracker.slots.get(QUESTION)
    if question:
        tracker.update(slot_set(QUESTION, None))
    if command := _command(event, parse, tracker, skills):
        return command
    selection = None if is_expired(tracker) else kept(tracker.slots)
    if selection and selection.skill not in skills:
        selection = None
    if selection:
        selection = replace(selection, is_behind=_last_action(tracker) == f"{SKILL_PREFIX}{selection.skill}")
    if isinstance(event, ButtonPressed) and event.payload.startswith(PRESSED):
        return _about(pressed(selection, event.payload), selection, event.title or "…")
    if not isinstance(event, MessageSent) or event.photo or tracker.loop or is_expired(tracker):
        return None
    if question and (answer := _answer_to(question, event.text, parse, skills)):
        return answer
    is_sure = parse.is_understood and parse.confidence >= SURE
    found = picked(selection, event.text, is_sure) if selection and not _waits_itself(tracker) else None
    return _about(found, selection, event.text) if found else None


def _waits_itself(tracker: Tracker) -> bool:
    """Whether what was said last is no skill's and asks or lists something: a number is about that then."""
    since = tracker.since_heard()
    if any(_is_of_skills(event) for event in since):
        return False
    said = next((str(event.get("text") or "") for event in reversed(since) if event["event"] == "bot"), "")
    lost = {simplified(response.text) for response in tracker.bot.responses.get("utter_default", ())}
    is_asking = said.rstrip().endswith(("?", "？")) or len(_ENTRY.findall(said)) > 1
    return simplified(said) not in lost and is_asking


def _is_of_skills(event: TrackerEvent) -> bool:
    if event["event"] == "action":
        return str(event["name"]).startswith(SKILL_PREFIX)
    return event["event"] == "slot" and event["name"] in OF_SKILLS


def _last_action(tracker: Tracker) -> str:
    """What was run last but listening: the skill itself behind a choice, else the turning of a page."""
    names = (event["name"] for event in reversed(tracker.events) if event["event"] == "action")
    return next((str(name) for name in names if name != LISTEN), "")


def _command(event: Event, parse: Parse, tracker: Tracker, skills: Mapping[str, Skill]) -> Wish | None:
    if isinstance(event, CommandGiven):
        name, text = event.name, event.text
    elif isinstance(event, MessageSent) and (match := _written(event, parse, tracker)):
        name, text = match["name"].lower(), match["text"] or ""
    else:
        return None
    if name == HELP and HELP not in tracker.bot.intents:
        return Wish(HELP, said=f"/{HELP}")
    if name not in skills:
        return None
    first = next(iter(skills[name].parameters["properties"]), None)
    args = {first: text.strip()} if first and text.strip() else {}
    return Wish(name, args, said=f"/{name} {text}".strip())


def _written(event: MessageSent, parse: Parse, tracker: Tracker) -> re.Match[str] | None:
    """Slack hands over what stands behind its one slash command as a message like any other: a short one
    that begins with a skill's name, or is nothing but "help", is a command there, unless it answers a form,
    or the bot itself knows what is meant and about what.
    """
    text = event.text.strip()
    if event.photo:
        return None
    if match := _COMMAND.fullmatch(text):
        return match
    if tracker.channel != "slack" or len(text) > ANSWER_CHARS or text.endswith(("?", "？")):
        return None
    match = _FIRST_WORD.fullmatch(text)
    if match and match["name"].lower() == HELP:
        return match if match["text"] is None else None
    is_known = parse.is_understood and parse.confidence >= SURE and bool(parse.entities)
    return None if tracker.loop or is_known else match


def _answer_to(question: Any, text: str, parse: Parse, skills: Mapping[str, Skill]) -> Wish | None:
    name, argument = question["skill"], question["argument"]
    told = next((entity.value for entity in parse.entities if entity.entity == argument), None)
    is_other = parse.is_understood and parse.confidence >= SURE and told is None
    if name not in skills or is_other or not text.strip() or len(text) > ANSWER_CHARS:
        return None
    return Wish(name, {**question["args"], argument: told or text.strip()}, said=text)


def _about(found: Picked, selection: Selection | None, said: str) -> Wish:
    if selection is None or found.place is None:
        return Wish(selection=selection, picked=found, said=said)
    chosen = selection.choices[found.place]
    return Wish(selection.skill, chosen.args, True, selection, found, said)
