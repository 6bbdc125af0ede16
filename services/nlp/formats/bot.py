"""A bot as plain data, whatever format it was written in."""

from dataclasses import dataclass, field
from typing import Any, Literal

from services.nlp.formats.story import Story

FALLBACK_INTENT = "nlu_fallback"
REQUESTED_SLOT = "requested_slot"
SlotKind = Literal["text", "bool", "categorical", "float", "list", "any"]
MappingKind = Literal["from_entity", "from_intent", "from_text", "from_trigger_intent", "custom"]


@dataclass(frozen=True)
class Mention:
    """An entity as an example's author marked it; text[start:end] is what stands in the sentence."""

    start: int
    end: int
    entity: str
    value: str
    role: str = ""
    group: str = ""


@dataclass(frozen=True)
class Example:
    """One sentence that shows an intent. `text` is what a person would write, without any marks."""

    intent: str
    text: str
    mentions: tuple[Mention, ...] = ()
    response_key: str = ""
    """Of a retrieval intent `faq/ask_name`: "ask_name"."""


@dataclass(frozen=True)
class Pattern:
    """A regular expression: a feature for intents and entities, and an entity where its name is one."""

    name: str
    pattern: str


@dataclass(frozen=True)
class Lookup:
    """A list of words, likewise."""

    name: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Component:
    """One step of `pipeline:` or `policies:`, by Rasa's name, with its options as written."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MappingCondition:
    """Where a mapping counts: in this form (None: in no form), and while this slot is asked for ("": any)."""

    active_loop: str | None
    requested_slot: str = ""


@dataclass(frozen=True)
class SlotMapping:
    """Where a slot's value comes from after each message of the person."""

    kind: MappingKind
    entity: str = ""
    role: str = ""
    group: str = ""
    intents: tuple[str, ...] = ()
    not_intents: tuple[str, ...] = ()
    value: Any = None
    action: str = ""
    """Of a custom mapping: what sets the slot; "" is action_validate_slot_mappings or a form's validation."""
    conditions: tuple[MappingCondition, ...] = ()
    """One of these must hold; none given: always."""


@dataclass(frozen=True)
class Slot:
    """One thing that a bot remembers."""

    name: str
    kind: SlotKind
    initial_value: Any = None
    influences: bool = True
    """Whether policies look at it."""
    values: tuple[str, ...] = ()
    """Of a categorical slot, lower case."""
    min_value: float = 0.0
    max_value: float = 1.0
    mappings: tuple[SlotMapping, ...] = ()
    path: str = ""
    """Of a custom type: the dotted name of its Python class, for display; it is treated as `kind`."""


@dataclass(frozen=True)
class Form:
    """Slots to be asked for one after the other."""

    name: str
    required_slots: tuple[str, ...] = ()
    ignored_intents: tuple[str, ...] = ()
    is_coded: bool = False
    """Rasa 1.x: the slots, their order and their mappings are in a FormAction of the bot's actions.py."""


@dataclass(frozen=True)
class ButtonTemplate:
    """A choice below a response, slots not filled in yet."""

    title: str
    payload: str
    url: str = ""
    """A page to open instead."""


@dataclass(frozen=True)
class SlotCondition:
    """A slot that must have this value for a variation to count."""

    name: str
    value: Any


@dataclass(frozen=True)
class Variation:
    """One way to say a response, slots not filled in yet."""

    text: str = ""
    buttons: tuple[ButtonTemplate, ...] = ()
    """Buttons and quick replies."""
    image: str = ""
    attachment: Any = None
    elements: tuple[dict[str, Any], ...] = ()
    custom: dict[str, Any] | None = None
    channel: str = ""
    conditions: tuple[SlotCondition, ...] = ()
    """All of them must hold."""
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Intent:
    """What a person may want, and which entities count with it for the policies."""

    name: str
    used_entities: tuple[str, ...] | None = None
    """Names that policies look at; None is all."""
    ignored_entities: tuple[str, ...] = ()
    triggers: str = ""
    """Rasa 1.x: the action that always answers it."""


@dataclass(frozen=True)
class SessionConfig:
    """When a conversation begins anew."""

    expires_after_min: float = 60
    """Since the person last spoke; 0: never."""
    carries_slots_over: bool = True


@dataclass(frozen=True)
class Endpoint:
    """A service that endpoints.yml names: `kind` action_endpoint, nlg or tracker_store."""

    kind: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Bot:
    """Everything that a folder says."""

    name: str
    language: str = "en"
    engines: tuple[str, ...] = ("dialogue",)
    skills: tuple[str, ...] = ()
    """What it can do besides talking, by the names of its skills."""
    pipeline: tuple[Component, ...] = ()
    """Empty: the default for the language."""
    policies: tuple[Component, ...] = ()
    """Empty: the default."""
    intents: dict[str, Intent] = field(default_factory=dict)
    """Retrieval intents by their first part: `faq` for `faq/ask_name`."""
    entities: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Name -> its roles and groups."""
    slots: dict[str, Slot] = field(default_factory=dict)
    responses: dict[str, tuple[Variation, ...]] = field(default_factory=dict)
    """By name; retrieval ones as `utter_faq/ask_name`."""
    actions: tuple[str, ...] = ()
    """As the domain lists them, responses included where it does."""
    forms: dict[str, Form] = field(default_factory=dict)
    session: SessionConfig = SessionConfig()
    examples: list[Example] = field(default_factory=list)
    synonyms: dict[str, str] = field(default_factory=dict)
    """Lower case -> the value to use."""
    patterns: list[Pattern] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    """Rules are stories with `is_rule`."""
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    dictionaries: tuple[str, ...] = ()
    """Words for jieba: the lines of the user dictionaries that config.yml names, "word freq tag"."""
    model_below: float = 0.0
    """What the dialogue engine is less sure of goes to the language model, where that is the next engine."""
    system_prompt: str = ""
    """What the language model is told first."""
    format_version: str = "3"
    """The oldest Rasa format among its files: "1", "2" or "3"."""
    warnings: list[str] = field(default_factory=list)

    @property
    def is_chinese(self) -> bool:
        """Whether its sentences are cut into words by jieba."""
        return self.language.lower().startswith("zh")

    @property
    def tracker_life_s(self) -> int | None:
        """How long its conversations are kept after their last message, where endpoints.yml says so."""
        store = self.endpoints.get("tracker_store")
        seconds = store.options.get("record_exp") if store else None
        return int(seconds) if isinstance(seconds, int | float) and seconds >= 1 else None

    @property
    def retrieval_intents(self) -> set[str]:
        """Intents whose answer is chosen by the response selector."""
        return {example.intent for example in self.examples if example.response_key}
