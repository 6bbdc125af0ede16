"""The list that is open in a conversation: kept in the tracker, shown a page at a time, chosen from."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contracts.reply import Button, Reply
from foundation.words import Language, say
from services.nlp.actions.base import TrackerEvent
from services.nlp.dialogue.events import slot_set
from services.nlp.skills.base import Choice
from services.nlp.skills.choosing import BACK, MORE, place_of, titled, turning
from services.nlp.skills.markdown import escaped
from services.nlp.skills.names import LIST, SHOWN

PAGE = 5
MAX_CHOICES = 50
MAX_BYTES = 6_000
"""Of a list as the tracker keeps it; longer ones lose their end."""
TITLE_CHARS = 120
BUTTON_CHARS = 40
PRESSED = "/skill_choice"
"""What a button's payload begins with; then come the list's mark and a number, more or back."""


@dataclass(frozen=True)
class Selection:
    """An open list."""

    skill: str
    head: str
    """What stands above the entries, in Markdown."""
    choices: tuple[Choice, ...]
    page: int = 0
    is_behind: bool = False
    """Something chosen from it is shown: back leads to the page, not to the one before."""

    @property
    def mark(self) -> str:
        """Tells this list from others: a button of an older one must not choose from this one."""
        text = json.dumps([self.skill, [choice.title for choice in self.choices]], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:6]

    @property
    def pages(self) -> int:
        """How many there are."""
        return -(-len(self.choices) // PAGE)

    def reply(self, language: Language) -> Reply:
        """The page's entries, numbered, with a button each, and more or back where there are any."""
        first = self.page * PAGE
        shown = list(enumerate(self.choices[first : first + PAGE], first + 1))
        lines = "\n".join(f"{number}. {escaped(choice.title)}" for number, choice in shown)
        hint = say("skill_list_hint_more" if self.page + 1 < self.pages else "skill_list_hint", language)
        buttons = [self._button(f"{n}. {_short(choice.title)}", n) for n, choice in shown]
        if self.page + 1 < self.pages:
            buttons.append(self._button(say("skill_list_more", language), MORE))
        if self.page:
            buttons.append(self._button(say("skill_list_back", language), BACK))
        text = "\n\n".join(filter(None, (self.head, lines, hint)))
        return Reply(text=text, buttons=tuple(buttons))

    def events(self) -> list[TrackerEvent]:
        """What keeps it in the tracker."""
        rows = [{"title": choice.title, "args": dict(choice.args)} for choice in self.choices]
        kept = {"skill": self.skill, "head": self.head, "choices": rows}
        return [slot_set(LIST, kept), slot_set(SHOWN, self.page)]

    def _button(self, title: str, what: int | str) -> Button:
        return Button(title=title, payload=f"{PRESSED} {self.mark} {what}")


@dataclass(frozen=True)
class Picked:
    """What a message chooses: a place from 0, or a page, or neither, and then `key` says why."""

    place: int | None = None
    page: int | None = None
    key: str = ""


def opened(skill: str, head: str, choices: Iterable[Choice]) -> Selection:
    """A new list, within its bounds."""
    kept: list[Choice] = []
    size = len(head.encode())
    for choice in choices:
        title = " ".join(choice.title.split())
        title = title if len(title) <= TITLE_CHARS else f"{title[: TITLE_CHARS - 1]}…"
        size += len(json.dumps([title, dict(choice.args)], ensure_ascii=False).encode()) + 24
        if len(kept) == MAX_CHOICES or size > MAX_BYTES:
            break
        kept.append(Choice(title, dict(choice.args)))
    return Selection(skill, head, tuple(kept))


def kept(slots: Mapping[str, Any]) -> Selection | None:
    """The list that these slots hold; None where none is open."""
    found, page = slots.get(LIST), slots.get(SHOWN)
    if not isinstance(found, dict):
        return None
    try:
        choices = tuple(Choice(str(row["title"]), dict(row["args"])) for row in found["choices"])
        selection = Selection(str(found["skill"]), str(found["head"]), choices)
    except (KeyError, TypeError, ValueError):
        return None
    if isinstance(page, int) and 0 <= page < selection.pages:
        return replace(selection, page=page)
    return selection if choices else None


def closed(slots: Mapping[str, Any]) -> list[TrackerEvent]:
    """What takes the open list out of the tracker; nothing where none is open."""
    return [slot_set(name, None) for name in (LIST, SHOWN) if slots.get(name) is not None]


def picked(selection: Selection, text: str, is_sure: bool) -> Picked | None:
    """What a message chooses; None where it is about something else.

    `is_sure`: the bot understands it as something of its own, so that a part of a title is not enough.
    """
    if turn := turning(text):
        return _turned(selection, turn)
    if place := place_of(text):
        return _placed(selection, place)
    titles = [choice.title for choice in selection.choices]
    found = titled(text, titles, is_loose=not is_sure)
    if found is None or (is_sure and len(text.strip()) * 2 < len(titles[found])):
        return None
    return Picked(place=found)


def pressed(selection: Selection | None, payload: str) -> Picked:
    """What a button chooses that begins with PRESSED."""
    _, _, rest = payload.partition(f"{PRESSED} ")
    mark, _, what = rest.partition(" ")
    if selection is None or mark != selection.mark:
        return Picked(key="skill_list_gone")
    if what in (MORE, BACK):
        return _turned(selection, what)
    return _placed(selection, int(what)) if what.isdecimal() else Picked(key="skill_list_gone")


def _turned(selection: Selection, turn: str) -> Picked:
    step = 1 if turn == MORE else 0 if selection.is_behind else -1
    page = selection.page + step
    if page >= selection.pages:
        return Picked(key="skill_list_end")
    return Picked(page=max(page, 0))


def _placed(selection: Selection, place: int) -> Picked:
    last = len(selection.choices)
    place = last + 1 + place if place < 0 else place
    return Picked(place=place - 1) if 1 <= place <= last else Picked(key="skill_list_range")


def _short(title: str) -> str:
    return title if len(title) <= BUTTON_CHARS else f"{title[: BUTTON_CHARS - 1]}…"
