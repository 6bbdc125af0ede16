"""From config.yml's pipeline to what is run: Rasa's names, honoured or mapped to ours with a warning."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.nlp.formats.bot import Bot, Component
from services.nlp.nlu.ngrams import CHINESE, ENGLISH, Shape

_LINEAR = "linear intents over words and letters"
_OURS = (
    "WhitespaceTokenizer",
    "JiebaTokenizer",
    "RegexFeaturizer",
    "LexicalSyntacticFeaturizer",
    "CountVectorsFeaturizer",
    "CRFEntityExtractor",
    "RegexEntityExtractor",
    "EntitySynonymMapper",
    "KeywordIntentClassifier",
    "FallbackClassifier",
    "ResponseSelector",
    "LogisticRegressionClassifier",
    "SentenceEncoderFeaturizer",
    "QuantityExtractor",
)
_STAND_INS = {
    "DIETClassifier": f"{_LINEAR}, and CRF entities",
    "SklearnIntentClassifier": _LINEAR,
    "EmbeddingIntentClassifier": _LINEAR,
    "MitieIntentClassifier": _LINEAR,
    "MitieEntityExtractor": "CRF entities",
    "SpacyEntityExtractor": "CRF entities",
    "DucklingEntityExtractor": "QuantityExtractor, which needs no server",
    "DucklingHTTPExtractor": "QuantityExtractor, which needs no server",
    "MitieTokenizer": "WhitespaceTokenizer",
    "SpacyTokenizer": "WhitespaceTokenizer",
    "ConveRTTokenizer": "WhitespaceTokenizer",
    "LanguageModelTokenizer": "WhitespaceTokenizer",
}
_NOTHING = ("NLP", "Featurizer", "HFTransformers")
"""Ends of names whose word vectors we do without."""
_ENTITY_FINDERS = ("CRFEntityExtractor", "DIETClassifier", "MitieEntityExtractor", "SpacyEntityExtractor")
_QUANTITIES = ("DucklingEntityExtractor", "DucklingHTTPExtractor", "QuantityExtractor")


@dataclass(frozen=True)
class Plan:
    """What is run for a bot."""

    is_chinese: bool = False
    shape: Shape = ENGLISH
    finds_entities: bool = True
    matches_patterns: bool = True
    """Patterns give entities by themselves."""
    matches_tables: bool = True
    minds_case: bool = False
    """Of what patterns and tables give by themselves."""
    minds_case_of_keywords: bool = False
    maps_synonyms: bool = True
    by_keywords: bool = False
    selects: tuple[str, ...] = ()
    """Retrieval intents that get a response selected; () for all."""
    encodes: bool = False
    threshold: float | None = 0.3
    """Under it an intent is nlu_fallback; None: never."""
    ambiguity: float = 0.1
    quantities: tuple[str, ...] | None = None
    """Dimensions to find, () for all; None: none are looked for."""
    timezone: str = "UTC"
    """Of the quantities that are times."""


def plan_of(bot: Bot, warnings: list[str]) -> Plan:
    """What the bot's pipeline comes to; adds a warning for each step that is not run as it is named."""
    steps = {step.name: step.options for step in bot.pipeline}
    is_chinese = bot.is_chinese or "JiebaTokenizer" in steps
    shape = CHINESE if is_chinese else ENGLISH
    if not steps:
        return Plan(is_chinese, shape)
    warnings += dict.fromkeys(filter(None, map(_warning, bot.pipeline)))
    counted = [step.options for step in bot.pipeline if step.name == _COUNTS]
    warnings += dict.fromkeys(filter(None, map(_unheeded, counted)))
    fallback = steps.get("FallbackClassifier")
    regex = steps.get("RegexEntityExtractor")
    keywords = "KeywordIntentClassifier" in steps
    return Plan(
        is_chinese=is_chinese,
        shape=_shape(shape, counted, warnings),
        finds_entities=any(_finds_entities(name, steps[name]) for name in _ENTITY_FINDERS if name in steps),
        matches_patterns=regex is not None and regex.get("use_regexes", True) is not False,
        matches_tables=regex is not None and regex.get("use_lookup_tables", True) is not False,
        minds_case=regex is not None and regex.get("case_sensitive") is True,
        minds_case_of_keywords=steps.get("KeywordIntentClassifier", {}).get("case_sensitive") is True,
        maps_synonyms="EntitySynonymMapper" in steps,
        by_keywords=keywords and not any(name in steps for name in _CLASSIFIERS),
        selects=_selects(bot.pipeline),
        encodes="SentenceEncoderFeaturizer" in steps,
        threshold=_number(fallback, "threshold", 0.3, warnings) if fallback is not None else None,
        ambiguity=_number(fallback, "ambiguity_threshold", 0.1, warnings) if fallback is not None else 0.0,
        quantities=_quantities(steps),
        timezone=_timezone(steps),
    )


_COUNTS = "CountVectorsFeaturizer"
_LONGEST = 10
"""Longer groups of words or letters come once only, and cost much."""
_UNHEEDED = ("OOV_token", "OOV_words", "stop_words", "strip_accents", "min_df", "max_df", "max_features")


def _shape(usual: Shape, counted: Sequence[dict[str, Any]], warnings: list[str]) -> Shape:
    """The usual groups of words and letters, in the lengths that the featurizers name."""
    for options in counted:
        if not {"min_ngram", "max_ngram"} & options.keys():
            continue
        first, last = options.get("min_ngram", 1), options.get("max_ngram", 1)
        if not (isinstance(first, int) and isinstance(last, int) and 1 <= first <= last <= _LONGEST):
            warnings.append(
                f"pipeline: {_COUNTS}: groups of {first!r} to {last!r} are none from 1 to {_LONGEST}; "
                "the usual ones are taken"
            )
        elif options.get("analyzer", "word") == "word":
            usual = replace(usual, words=(first, last))
        else:
            crosses = usual.crosses_words or options["analyzer"] == "char"
            usual = replace(usual, letters=(first, last), crosses_words=crosses)
    return usual


def _unheeded(options: dict[str, Any]) -> str:
    """What a featurizer asks for and does not get."""
    found = [name for name in _UNHEEDED if options.get(name) is not None]
    found += ["lowercase: false"] if options.get("lowercase") is False else []
    return f"pipeline: {_COUNTS}: {', '.join(found)}: not looked at" if found else ""


_CLASSIFIERS = (
    "LogisticRegressionClassifier",
    *(name for name in _STAND_INS if name.endswith("Classifier")),
)


def _finds_entities(name: str, options: dict[str, Any]) -> bool:
    return name != "DIETClassifier" or options.get("entity_recognition", True) is not False


def _selects(pipeline: Sequence[Component]) -> tuple[str, ...]:
    """What the selectors name; all where one names nothing, or where there is none."""
    named = [step.options.get("retrieval_intent") for step in pipeline if step.name == "ResponseSelector"]
    return tuple(sorted(map(str, set(named)))) if all(named) else ()


def _number(options: dict[str, Any], name: str, otherwise: float, warnings: list[str]) -> float:
    value = options.get(name, otherwise)
    try:
        return float(value)
    except (TypeError, ValueError):
        warnings.append(f"pipeline: {name} is {value!r}, which is no number; {otherwise} is taken")
        return otherwise


def _quantities(steps: dict[str, dict[str, Any]]) -> tuple[str, ...] | None:
    for name in _QUANTITIES:
        if name in steps:
            dimensions = steps[name].get("dimensions") or ()
            return (dimensions,) if isinstance(dimensions, str) else tuple(map(str, dimensions))
    return None


def _timezone(steps: dict[str, dict[str, Any]]) -> str:
    named = (steps[name].get("timezone") for name in _QUANTITIES if name in steps)
    return str(next(filter(None, named), "UTC"))


def _warning(step: Component) -> str:
    if step.name in _OURS:
        return ""
    if stand_in := _STAND_INS.get(step.name):
        return f"pipeline: {step.name} is run as {stand_in}"
    if step.name.endswith(_NOTHING):
        return f"pipeline: {step.name} is left out; words and letters are looked at instead"
    return f"pipeline: {step.name} is not known and left out"
