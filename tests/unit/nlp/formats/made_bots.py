"""Bots that hypothesis makes up, and how two bots are compared."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from services.nlp.formats.bot import (
    REQUESTED_SLOT,
    Bot,
    ButtonTemplate,
    Component,
    Endpoint,
    Example,
    Form,
    Intent,
    Lookup,
    MappingCondition,
    Mention,
    Pattern,
    SessionConfig,
    Slot,
    SlotCondition,
    SlotMapping,
    Variation,
)
from services.nlp.formats.story import (
    ActionStep,
    AnyValue,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Story,
    StoryEntity,
    UserStep,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SAID = TEXTS.map(str.strip)
NAMES = st.sampled_from(["a", "b_c", "yes", "null", "5", "城市", "x y", "2020-01-01", "1e3", "~"])
# an example is one line: no letters that end one, and no brackets, which could mark an entity by accident
_NOT_IN_LINES = "[]\n\r\v\f\x1c\x1d\x1e\x85"
_LETTERS = st.characters(exclude_categories=["Cs", "Zl", "Zp"], exclude_characters=_NOT_IN_LINES)
LINES = st.text(_LETTERS, max_size=12).map(str.strip).filter(bool)
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
CONTENTS = st.dictionaries(NAMES, VALUES | st.lists(VALUES, max_size=2), max_size=3)
ACTIONS = ("action_a", "utter_b", "action_listen")


def several(items: st.SearchStrategy[Any], size: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    """A tuple of a few."""
    return st.lists(items, max_size=size).map(tuple)


def named(items: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A few by their names."""
    return st.lists(items, max_size=3, unique_by=lambda item: item.name).map(
        lambda found: {item.name: item for item in found}
    )


@st.composite
def _examples(draw: st.DrawFn) -> Example:
    text = draw(LINES)
    key = draw(st.just("") | NAMES)
    if draw(st.booleans()):
        return Example(draw(NAMES), text, (), key)
    value, role, group = draw(st.just(text) | NAMES), draw(st.just("") | NAMES), draw(st.just("") | NAMES)
    mention = Mention(0, len(text), draw(NAMES), value, role, group)
    behind = f" {draw(LINES)}"
    return Example(draw(NAMES), text + behind, (mention,), key)


_conditions = st.builds(MappingCondition, st.none() | NAMES, st.just("") | NAMES)
_mappings = st.one_of(
    st.builds(
        SlotMapping,
        st.just("from_entity"),
        entity=NAMES,
        role=st.just("") | NAMES,
        group=st.just("") | NAMES,
        intents=several(NAMES),
        not_intents=several(NAMES),
        conditions=several(_conditions),
    ),
    st.builds(SlotMapping, st.just("from_intent"), value=VALUES, intents=several(NAMES)),
    st.builds(SlotMapping, st.sampled_from(["from_text", "custom"]), action=st.just("") | NAMES),
)
_slots = st.one_of(
    st.builds(
        Slot,
        NAMES,
        st.sampled_from(["text", "bool", "float", "list"]),
        initial_value=VALUES,
        influences=st.booleans(),
        min_value=st.sampled_from([0.0, -2.5]),
        max_value=st.sampled_from([1.0, 9.0]),
        mappings=several(_mappings),
    ),
    st.builds(Slot, NAMES, st.just("categorical"), values=st.just(("a", "5", "true"))),
    st.builds(Slot, NAMES, st.just("any"), influences=st.just(False)),
)
_variations = st.builds(
    Variation,
    text=SAID,
    buttons=several(st.builds(ButtonTemplate, TEXTS, TEXTS, st.just("") | TEXTS)),
    image=TEXTS,
    attachment=st.none() | CONTENTS.filter(bool),
    elements=several(CONTENTS.filter(bool)),
    custom=st.none() | CONTENTS.filter(bool),
    channel=st.just("") | NAMES,
    conditions=several(st.builds(SlotCondition, NAMES, VALUES)),
)
_entities = st.builds(StoryEntity, NAMES, VALUES, st.just("") | NAMES, st.just("") | NAMES)
_slot_steps = st.builds(SlotStep, NAMES, VALUES | st.just(AnyValue.ANY))
_messages = st.builds(UserStep, NAMES, several(_entities)) | st.builds(
    UserStep, st.just("") | NAMES, st.just(()), LINES
)
_steps = st.one_of(
    _messages,
    st.builds(ActionStep, st.sampled_from(ACTIONS)),
    st.builds(ActionStep, st.just(""), LINES),
    _slot_steps,
    st.just(LoopStep(None)),
    st.builds(CheckpointStep, NAMES, several(_slot_steps)),
    st.builds(OrStep, several(_messages.map(lambda step: (step,))).filter(bool)),
)
_stories = st.builds(Story, NAMES, several(_steps, 5).filter(bool)) | st.builds(
    Story,
    NAMES,
    several(_steps).filter(bool),
    st.just(True),
    several(_slot_steps),
    st.booleans(),
    st.booleans(),
)
_PARTS = st.lists(NAMES, max_size=2, unique=True).map(tuple)
_WORDS = LINES.map(lambda line: line.lower().strip())
_PATTERNS = st.builds(Pattern, NAMES, st.sampled_from([r"\d+: #", "'a'", "a|b"]))


@st.composite
def bots(draw: st.DrawFn) -> Bot:
    """A bot of Rasa 3 with something of everything."""
    lookup = st.builds(Lookup, NAMES, several(LINES.filter(lambda line: line[-4:] not in (".txt", ".csv"))))
    components = st.builds(Component, NAMES, st.dictionaries(st.sampled_from(["epochs", "x"]), VALUES))
    examples = draw(st.lists(_examples(), max_size=4))
    marked = [(e.text[m.start : m.end], m.value) for e in examples for m in e.mentions]
    meant = {surface.lower(): value for surface, value in marked if surface != value}
    return Bot(
        "made",
        language=draw(st.sampled_from(["en", "zh", "no"])),
        engines=draw(st.sampled_from([("dialogue",), ("llm", "dialogue")])),
        pipeline=draw(several(components)),
        policies=draw(st.lists(components, max_size=3, unique_by=lambda c: c.name).map(tuple)),
        intents=draw(named(st.builds(Intent, NAMES, st.none() | several(NAMES), several(NAMES, 1)))),
        entities=draw(
            st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True).map(tuple), max_size=3)
        ),
        slots=draw(named(_slots)),
        responses={"utter_b": (Variation("b"),), "utter_c/d": draw(several(_variations))},
        actions=("action_a",),
        forms=draw(named(st.builds(Form, NAMES, several(NAMES).filter(bool), several(NAMES)))),
        session=draw(st.builds(SessionConfig, st.sampled_from([0.0, 60.0, 0.5]), st.booleans())),
        examples=examples,
        synonyms={**meant, **draw(st.dictionaries(_WORDS, NAMES, max_size=3))},
        patterns=draw(st.lists(_PATTERNS, max_size=3)),
        lookups=draw(st.lists(lookup, max_size=2)),
        stories=draw(st.lists(_stories, max_size=4)),
        endpoints=draw(
            st.just({}) | st.just({"nlg": Endpoint("nlg", {"url": "http://nlg.test", "token": "5"})})
        ),
        dictionaries=(),
        system_prompt=draw(SAID),
    )


def essence(bot: Bot) -> dict[str, Any]:
    """What matters of a bot: not in which file and line things stood, nor the order of the intents."""
    examples: dict[Any, list[Example]] = defaultdict(list)
    for example in bot.examples:
        examples[example.intent, example.response_key].append(example)
    patterns: dict[str, list[Pattern]] = defaultdict(list)
    for pattern in bot.patterns:
        patterns[pattern.name].append(pattern)
    told = [replace(story, file="", line=0, steps=_bare(story.steps)) for story in bot.stories if story.steps]
    kept = {
        name: getattr(bot, name)
        for name in ("language", "engines", "policies", "intents", "responses", "actions", "session")
    }
    kept |= {name: getattr(bot, name) for name in ("synonyms", "lookups", "endpoints", "dictionaries")}
    return kept | {
        "system_prompt": bot.system_prompt,
        "pipeline": [
            (c.name, {k: v for k, v in c.options.items() if k != "dictionary_path"}) for c in bot.pipeline
        ],
        "entities": {name: sorted(parts) for name, parts in bot.entities.items()},
        "slots": {name: slot for name, slot in bot.slots.items() if name != REQUESTED_SLOT},
        "forms": {name: (form.required_slots, form.ignored_intents) for name, form in bot.forms.items()},
        "examples": dict(examples),
        "patterns": dict(patterns),
        "stories": [story for story in told if not story.is_rule],
        "rules": [story for story in told if story.is_rule],
    }


def _bare(steps: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_bare_step(step) for step in steps)


def _bare_step(step: Any) -> Any:
    if isinstance(step, OrStep):
        return OrStep(tuple(_bare(part) for part in step.alternatives))
    return replace(step, line=0) if isinstance(step, UserStep | ActionStep) else step
