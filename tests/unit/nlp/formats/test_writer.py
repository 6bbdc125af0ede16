"""Whatever a bot was read from, it is written as Rasa 3's YAML that says the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from services.nlp.formats.bot import (
    Bot,
    Component,
    Example,
    Form,
    Intent,
    Mention,
    Slot,
    SlotMapping,
    Variation,
)
from services.nlp.formats.loader import read_bot
from services.nlp.formats.source import Source
from services.nlp.formats.stories import stories_of
from services.nlp.formats.story import ActionStep, LoopStep, SlotStep, Story, StoryEntity, UserStep
from services.nlp.formats.writer import write_bot, write_tests
from services.nlp.formats.writer.modern import modernized
from services.nlp.nlu.pipeline import plan_of
from tests.unit.nlp.formats.made_bots import bots, essence

PUBLIC = (
    "chitchat-zh-1x",
    "medicare-1x",
    "moodbot-2x",
    "formbot-2x",
    "helpdesk-3x",
    "form-examples-2x/01-actions",
    "form-examples-2x/03-simple-form",
    "form-examples-2x/05-validation",
    "form-examples-2x/08-response-selection",
)


def again(bot: Bot, folder: Path) -> Bot:
    """The bot, written and read; the files are without mistakes."""
    write_bot(bot, folder)
    found, mistakes = read_bot(folder)
    assert mistakes == []
    return found


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_bot_says_the_same_when_converted(test_data: Path, tmp_path: Path, name: str) -> None:
    bot, mistakes = read_bot(test_data / "nlu/bots" / name)
    assert mistakes == []
    assert essence(again(bot, tmp_path)) == essence(modernized(bot))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bot=bots())
def test_any_bot_is_read_back_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, bot: Bot) -> None:
    found = again(bot, tmp_path_factory.mktemp("made"))
    assert essence(found) == essence(modernized(bot))


def test_the_files_are_laid_out_for_people(tmp_path: Path) -> None:
    rome = Mention(3, 7, "city", "FCO", role="to")
    filled = SlotMapping("from_entity", entity="city", group="1")
    bot = Bot(
        "any",
        intents={"go": Intent("go", ignored_entities=("x",))},
        entities={"city": ("to", "1")},
        slots={"city": Slot("city", "text", mappings=(filled,))},
        responses={"utter_ask": (Variation("Where\nto?"), Variation("5"))},
        examples=[Example("go", "to Rome", (rome,)), Example("go", "去北京")],
        stories=[Story("trip", (UserStep("go"), SlotStep("city", "Rome"), ActionStep("utter_ask")))],
    )
    written = write_bot(bot, tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        "config.yml",
        "domain.yml",
        "data/nlu.yml",
        "data/stories.yml",
    ]
    assert (tmp_path / "domain.yml").read_text("utf-8") == (
        'version: "3.1"\n\nintents:\n  - go:\n      ignore_entities:\n        - x\n\n'
        "entities:\n  - city:\n      roles:\n        - to\n      groups:\n        - '1'\n\n"
        "slots:\n  city:\n    type: text\n    mappings:\n      - type: from_entity\n        entity: city\n"
        "        group: '1'\n\n"
        "responses:\n  utter_ask:\n    - text: |-\n        Where\n        to?\n    - text: '5'\n\n"
        "session_config:\n  session_expiration_time: 60\n  carry_over_slots_to_new_session: true\n"
    )
    assert (tmp_path / "data/nlu.yml").read_text("utf-8") == (
        'version: "3.1"\n\nnlu:\n  - intent: go\n    examples: |\n'
        '      - to [Rome]{"entity": "city", "role": "to", "value": "FCO"}\n      - 去北京\n'
    )
    assert (tmp_path / "data/stories.yml").read_text("utf-8") == (
        'version: "3.1"\n\nstories:\n  - story: trip\n    steps:\n      - intent: go\n'
        "      - slot_was_set:\n          - city: Rome\n      - action: utter_ask\n"
    )


def test_intents_that_trigger_an_action_become_rules(tmp_path: Path) -> None:
    bot = Bot(
        "any",
        policies=(Component("MappingPolicy"), Component("FormPolicy")),
        intents={"time": Intent("time", triggers="action_time")},
    )
    found = again(bot, tmp_path)
    assert found.intents == {"time": Intent("time")}
    assert [essence(found)["rules"][0].steps] == [(UserStep("time"), ActionStep("action_time"))]
    assert found.policies == (Component("RulePolicy", {"enable_fallback_prediction": False}),)
    assert found.actions == ("action_time",)


@pytest.mark.parametrize(
    ("policy", "rule", "options", "thresholds"),
    [
        (
            Component(
                "FallbackPolicy",
                {"nlu_threshold": 0.5, "core_threshold": 0.4, "fallback_action_name": "action_back"},
            ),
            (ActionStep("action_back"),),
            {"core_fallback_threshold": 0.4, "core_fallback_action_name": "action_back"},
            {"threshold": 0.5, "ambiguity_threshold": 0.1},
        ),
        (
            Component("TwoStageFallbackPolicy", {"ambiguity_threshold": 0.2}),
            (ActionStep("action_two_stage_fallback"), LoopStep("action_two_stage_fallback")),
            {},
            {"threshold": 0.3, "ambiguity_threshold": 0.2},
        ),
    ],
)
def test_fallback_policies_become_a_classifier_and_rules(
    policy: Component, rule: tuple[Any, ...], options: dict[str, Any], thresholds: dict[str, float]
) -> None:
    new = modernized(Bot("any", pipeline=(Component("JiebaTokenizer"),), policies=(policy,)))
    assert new.policies == (Component("RulePolicy", options),)
    assert new.pipeline == (Component("JiebaTokenizer"), Component("FallbackClassifier", thresholds))
    assert [(story.is_rule, story.steps) for story in new.stories] == [
        (True, (UserStep("nlu_fallback"), *rule))
    ]


def test_a_fallback_that_has_its_rule_keeps_it() -> None:
    rule = Story("own", (UserStep("nlu_fallback"), ActionStep("utter_sorry")), is_rule=True)
    assert modernized(Bot("any", policies=(Component("FallbackPolicy"),), stories=[rule])).stories == [rule]


def test_learned_policies_become_one() -> None:
    policies = (
        Component("KerasPolicy", {"epochs": 50, "max_history": 6, "rnn_size": 32}),
        Component("MemoizationPolicy", {"max_history": 6}),
        Component("EmbeddingPolicy", {"epochs": 9}),
    )
    assert modernized(Bot("any", policies=policies)).policies == (
        Component("TEDPolicy", {"epochs": 50, "max_history": 6}),
        policies[1],
    )


def test_pipeline_steps_have_their_names_of_rasa_3() -> None:
    pipeline = (
        Component("tokenizer_jieba", {"dictionary_path": "d"}),
        Component("ner_crf"),
        Component("EmbeddingIntentClassifier", {"epochs": 5, "num_neg": 20}),
    )
    assert modernized(Bot("any", pipeline=pipeline)).pipeline == (
        Component("JiebaTokenizer", {"dictionary_path": "d"}),
        Component("CRFEntityExtractor"),
        Component("DIETClassifier", {"epochs": 5, "entity_recognition": False}),
    )


def test_thresholds_of_a_fallback_policy_count_where_the_pipeline_is_the_default_one_too() -> None:
    plain, strict = (
        modernized(Bot("any", language=language, policies=(Component("FallbackPolicy", options),)))
        for language, options in (("en", {}), ("zh", {"nlu_threshold": 0.6}))
    )
    assert plain.pipeline == ()
    plan = plan_of(strict, strict.warnings)
    assert plan == replace(plan_of(Bot("any", language="zh"), []), threshold=0.6)
    assert strict.warnings == []


def test_a_form_led_by_code_is_warned_of(tmp_path: Path) -> None:
    bot = Bot("any", forms={"f": Form("f", is_coded=True)}, policies=(Component("FallbackPolicy"),))
    write_bot(bot, tmp_path)
    assert bot.warnings == [
        "form 'f': its FormAction in actions.py still leads it; list its slots in domain.yml to do without"
    ]
    assert "forms:\n  f:\n    required_slots: []\n" in (tmp_path / "domain.yml").read_text("utf-8")


def test_words_for_jieba_are_copied(tmp_path: Path) -> None:
    pipeline = (
        Component("JiebaTokenizer", {"dictionary_path": "somewhere"}),
        Component("Other", {"dictionary_path": "elsewhere"}),
    )
    found = again(Bot("any", pipeline=pipeline, dictionaries=("小蒋 5 nr", "身份证")), tmp_path)
    assert found.dictionaries == ("小蒋 5 nr", "身份证")
    assert found.pipeline == (
        Component("JiebaTokenizer", {"dictionary_path": "data/dictionaries"}),
        Component("Other"),
    )


def test_test_stories_are_written_with_what_is_said(tmp_path: Path) -> None:
    told = Story(
        "t",
        (
            UserStep("go", (StoryEntity("city", "Rome"),), "to [Rome](city)"),
            UserStep("go", (StoryEntity("city", "Rome"),), '/go{"city": "Rome"}'),
            ActionStep("utter_a"),
        ),
    )
    path = write_tests([told], tmp_path / "tests" / "test_stories.yml")
    mistakes: list[str] = []
    (found,) = stories_of(Source(path, tmp_path, mistakes))
    assert mistakes == []
    assert essence(Bot("any", stories=[found])) == essence(Bot("any", stories=[told]))
