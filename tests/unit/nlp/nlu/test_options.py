"""The options of a pipeline's steps count as they do in Rasa, and none of their values stops a training."""

from typing import Any

import pytest

from services.nlp.formats.bot import Bot, Component, Example, Lookup, Pattern
from services.nlp.nlu.ngrams import Shape
from services.nlp.nlu.understanding import Understanding, train_understanding

COUNTS = "CountVectorsFeaturizer"
FAQ = [
    Example("faq", "what does it cost", response_key="price"),
    Example("faq", "how many bags may I take", response_key="luggage"),
    Example("chat", "tell me a joke", response_key="joke"),
    Example("chat", "sing me a song", response_key="song"),
]


def _trained(*steps: tuple[str, dict[str, Any]], examples: list[Example] | None = None) -> Understanding:
    return train_understanding(_bot(*steps, examples=examples))


def _bot(*steps: tuple[str, dict[str, Any]], examples: list[Example] | None = None) -> Bot:
    return Bot(
        "t",
        pipeline=tuple(Component(name, options) for name, options in steps),
        entities={"city": (), "code": ()},
        examples=examples or [Example("greet", "Hello there"), Example("goodbye", "bye now")],
        patterns=[Pattern("code", r"[A-Z]\d\d")],
        lookups=[Lookup("city", ("Rome", "New York")), Lookup("city", ("Oslo",))],
    )


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ["rome", "a12", "new york", "B34", "Oslo"]),
        ({"use_lookup_tables": False}, ["a12", "B34"]),
        ({"use_regexes": False}, ["rome", "new york", "Oslo"]),
        ({"case_sensitive": True}, ["B34", "Oslo"]),
    ],
)
def test_the_regex_extractor_does_what_its_options_say(options: dict[str, Any], found: list[str]) -> None:
    mind = _trained(("LogisticRegressionClassifier", {}), ("RegexEntityExtractor", options))
    assert [entity.value for entity in mind.parse("rome a12 new york B34 Oslo").entities] == found


@pytest.mark.parametrize(("option", "understood"), [(True, False), (False, True)])
def test_keywords_mind_case_where_they_are_told_to(option: bool, understood: bool) -> None:
    mind = _trained(("KeywordIntentClassifier", {"case_sensitive": option}))
    assert mind.parse("hello there").is_understood == understood
    assert mind.parse("Hello there").intent == "greet"


@pytest.mark.parametrize(
    ("selectors", "chosen"),
    [
        ([{"retrieval_intent": "faq"}], ["faq"]),
        ([{"retrieval_intent": "faq"}, {"retrieval_intent": "chat"}], ["chat", "faq"]),
        ([{}], ["chat", "faq"]),
        ([], ["chat", "faq"]),
    ],
)
def test_a_selector_chooses_for_the_intent_that_it_names(
    selectors: list[dict[str, Any]], chosen: list[str]
) -> None:
    steps = [("DIETClassifier", {}), *(("ResponseSelector", options) for options in selectors)]
    assert [guess.intent for guess in _trained(*steps, examples=FAQ).parse("a joke").responses] == chosen


@pytest.mark.parametrize("value", [None, "high", [0.3]])
def test_a_threshold_that_is_no_number_is_told_and_the_usual_one_taken(value: object) -> None:
    bot = _bot(("LogisticRegressionClassifier", {}), ("FallbackClassifier", {"threshold": value}))
    assert train_understanding(bot).plan.threshold == 0.3
    assert [line for line in bot.warnings if "threshold" in line and "0.3 is taken" in line]


def test_one_dimension_may_be_written_without_a_list() -> None:
    mind = _trained(("DIETClassifier", {}), ("DucklingEntityExtractor", {"dimensions": "number"}))
    assert [(e.entity, e.value) for e in mind.parse("for five people").entities] == [("number", 5)]


@pytest.mark.parametrize(
    ("featurizers", "shape"),
    [
        ([{}], Shape()),
        ([{"analyzer": "char_wb", "min_ngram": 2, "max_ngram": 5}], Shape(letters=(2, 5))),
        ([{"analyzer": "char", "max_ngram": 3}], Shape(letters=(1, 3), crosses_words=True)),
        ([{"max_ngram": 3}, {"analyzer": "char_wb", "max_ngram": 2}], Shape((1, 3), (1, 2))),
    ],
)
def test_groups_of_words_and_letters_are_as_long_as_the_featurizers_say(
    featurizers: list[dict[str, Any]], shape: Shape
) -> None:
    mind = _trained(("LogisticRegressionClassifier", {}), *((COUNTS, options) for options in featurizers))
    assert mind.plan.shape == shape
    assert mind.parse("hello there").intent == "greet"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"min_ngram": 3, "max_ngram": 2}, "groups of 3 to 2 are none from 1 to 10"),
        ({"max_ngram": "4"}, "groups of 1 to '4' are none"),
        ({"max_ngram": 99}, "groups of 1 to 99 are none"),
        ({"OOV_token": "oov", "lowercase": False, "stop_words": None}, "OOV_token, lowercase: false: not"),
    ],
)
def test_what_a_featurizer_asks_for_in_vain_is_told(options: dict[str, Any], told: str) -> None:
    bot = _bot(("LogisticRegressionClassifier", {}), (COUNTS, options))
    assert train_understanding(bot).plan.shape == Shape()
    assert any(told in warning for warning in bot.warnings)
