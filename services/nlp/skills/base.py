"""What a skill is: one capability, behind a bot's action, a model's tool and a command alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from contracts.reply import Reply
from contracts.turn import CallResult, TurnNeed
from foundation.words import Language


class SkillProblem(Exception):
    """What was asked for cannot be had; `key` names the catalogue's sentence that says so."""

    def __init__(self, key: str, **places: object) -> None:
        super().__init__(key)
        self.key = key
        self.places = places


class ArgumentMissing(SkillProblem):
    """An argument is wanted first; the sentence asks for it, and what the person says next may be it."""

    def __init__(self, argument: str, key: str, **places: object) -> None:
        super().__init__(key, **places)
        self.argument = argument


@dataclass(frozen=True)
class Asked:
    """One call of a skill."""

    args: Mapping[str, Any]
    """As `Skill.parameters` describes them; a command's text is under its first name."""
    language: Language
    """What the person reads."""
    now: datetime
    """With the person's time zone, where it is known; else UTC."""
    results: Mapping[str, CallResult] = field(default_factory=dict)
    """By call_id: what the worker did for a `need` of this skill."""

    def text(self, name: str) -> str:
        """The argument as a text on one line; "" where it is not there."""
        value = self.args.get(name)
        return "" if value is None else " ".join(str(value).split())


class NeedsFirst(Exception):
    """Ends the turn's stream: nothing is committed, and the worker posts it again with the result."""

    def __init__(self, need: TurnNeed) -> None:
        super().__init__(need.kind)
        self.need = need


@dataclass(frozen=True)
class Choice:
    """One entry of a list that the person may choose from."""

    title: str
    args: Mapping[str, Any]
    """What the skill is called with when this is chosen."""


@dataclass(frozen=True)
class Answer:
    """What a skill found."""

    reply: Reply
    """In the person's language, with the source of its facts where it has one."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for a language model: JSON, short, without decoration."""
    choices: tuple[Choice, ...] = ()
    """Shown below the reply's text, numbered and a page at a time; what the person says next may choose
    one. The reply's own text does not list them."""


def reads_sentences(skill: "Skill") -> bool:
    """Whether its first argument may be a whole message, such as 誰是李白: it takes out what it wants.

    A skill says so with an attribute of this name, True.
    """
    return getattr(skill, "reads_sentences", False) is True


def is_ready(skill: "Skill") -> bool:
    """Whether it has what it needs, such as a key: one that has not is in no help and no model's tool.

    A skill says that it has not with an attribute of this name, False.
    """
    return getattr(skill, "is_ready", True) is not False


class Skill(Protocol):
    """One file of `services/nlp/skills`, or of a bot's own folder `skills`."""

    @property
    def name(self) -> str:
        """Its command without the slash, its tool's name, and `skill_{name}` as an action."""
        ...

    @property
    def description(self) -> str:
        """One English sentence for a language model: when to use it."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """JSON Schema of its arguments: an object; its first property takes a command's text."""
        ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """The only hosts that it may ask, without a port; empty for one that stays at home."""
        ...

    async def run(self, asked: Asked) -> Answer | TurnNeed:
        """The answer, or what only the worker can do first. Raises SkillProblem."""
        ...
