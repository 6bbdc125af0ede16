"""From config.yml's pipeline to what is run: Rasa's names, honoured or mapped to ours with a warning."""

from dataclasses import dataclass
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
    matches_entities: bool = True
    """Patterns and tables give entities by themselves."""
    maps_synonyms: bool = True
    by_keywords: bool = False
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
    fallback = steps.get("FallbackClassifier")
    keywords = "KeywordIntentClassifier" in steps
    return Plan(
        is_chinese=is_chinese,
        shape=shape,
        finds_entities=any(_finds_entities(name, steps[name]) for name in _ENTITY_FINDERS if name in steps),
        matches_entities="RegexEntityExtractor" in steps,
        maps_synonyms="EntitySynonymMapper" in steps,
        by_keywords=keywords and not any(name in steps for name in _CLASSIFIERS),
        encodes="SentenceEncoderFeaturizer" in steps,
        threshold=float(fallback.get("threshold", 0.3)) if fallback is not None else None,
        ambiguity=float(fallback.get("ambiguity_threshold", 0.1)) if fallback is not None else 0.0,
        quantities=_quantities(steps),
        timezone=_timezone(steps),
    )


_CLASSIFIERS = (
    "LogisticRegressionClassifier",
    *(name for name in _STAND_INS if name.endswith("Classifier")),
)


def _finds_entities(name: str, options: dict[str, Any]) -> bool:
    return name != "DIETClassifier" or options.get("entity_recognition", True) is not False


def _quantities(steps: dict[str, dict[str, Any]]) -> tuple[str, ...] | None:
    for name in _QUANTITIES:
        if name in steps:
            return tuple(map(str, steps[name].get("dimensions") or ()))
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
