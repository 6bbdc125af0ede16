"""A bot as plain data, whatever format it was written in."""

from dataclasses import dataclass, field
from typing import Any, Literal

FALLBACK_INTENT = "nlu_fallback"
SlotType = Literal["text", "bool", "categorical", "float", "list", "any"]


@dataclass(frozen=True)
class Example:
    """One sentence that shows an intent."""

    intent: str
    text: str


@dataclass(frozen=True)
class SlotMapping:
    """Where a slot's value comes from after each message of the person."""

    kind: Literal["from_entity", "from_intent", "from_text", "custom"]
    entity: str = ""
    intents: tuple[str, ...] = ()
    not_intents: tuple[str, ...] = ()
    value: Any = None


@dataclass(frozen=True)
class Slot:
    """One thing that a bot remembers."""

    name: str
    type: SlotType
    initial_value: Any = None
    mappings: tuple[SlotMapping, ...] = ()


@dataclass(frozen=True)
class Variation:
    """One way to say a response."""

    text: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    """Title and payload."""
    image: str | None = None
    custom: dict[str, Any] | None = None
    channel: str = ""
    conditions: tuple[tuple[str, Any], ...] = ()
    """Slot and value, all of which must hold."""


@dataclass(frozen=True)
class Rule:
    """After this intent, and while its conditions hold, do these actions."""

    name: str
    intent: str
    actions: tuple[str, ...]
    entities: tuple[str, ...] = ()
    slots: tuple[tuple[str, Any], ...] = ()
    """Conditions: slot and value."""
    at_start: bool = False
    listens: bool = True


@dataclass(frozen=True)
class Lookup:
    """Words that are an entity wherever they stand."""

    entity: str
    words: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Understanding:
    """What config.yml says of parsing."""

    threshold: float = 0.3
    ambiguity: float = 0.1


@dataclass
class Bot:
    """Everything that a folder says."""

    name: str
    language: str = "en"
    engines: tuple[str, ...] = ("dialogue",)
    intents: set[str] = field(default_factory=set)
    entities: set[str] = field(default_factory=set)
    slots: dict[str, Slot] = field(default_factory=dict)
    responses: dict[str, tuple[Variation, ...]] = field(default_factory=dict)
    actions: set[str] = field(default_factory=set)
    examples: list[Example] = field(default_factory=list)
    synonyms: dict[str, str] = field(default_factory=dict)
    lookups: list[Lookup] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    understanding: Understanding = Understanding()
    system_prompt: str = ""
    """What the language model is told first."""
    warnings: list[str] = field(default_factory=list)

    @property
    def is_chinese(self) -> bool:
        """Whether its sentences are cut into words by jieba."""
        return self.language.lower().startswith("zh")
