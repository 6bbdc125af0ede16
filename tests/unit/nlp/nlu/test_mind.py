"""What a bot understands: intents, entities, answers; whatever is said, nothing breaks."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.nlp.formats.bot import FALLBACK_INTENT, Bot
from services.nlp.nlu.script import in_script
from services.nlp.nlu.understanding import Understanding, train_understanding
from tests.unit.nlp.folders import load

DOMAIN = """
version: "3.1"
intents: [fly, greet, faq]
entities: [{city: {roles: [from, to]}}, seat, code]
responses:
  utter_faq/price: [{text: "cheap"}]
  utter_faq/luggage: [{text: "two bags"}]
"""
NLU = """
nlu:
  - intent: greet
    examples: |
      - hello there
      - good morning
      - hi
  - intent: fly
    examples: |
      - fly from [Rome]{"entity": "city", "role": "from"} to [Oslo]{"entity": "city", "role": "to"}
      - from [Bern]{"entity": "city", "role": "from"} to [Rome]{"entity": "city", "role": "to"} please
      - a flight to [Paris]{"entity": "city", "role": "to"}
      - a flight from [the big apple]{"entity": "city", "role": "from", "value": "New York"}
      - book a flight to [Oslo]{"entity": "city", "role": "to"}
  - intent: faq/price
    examples: [what does it cost, how much is it, is it expensive]
  - intent: faq/luggage
    examples: [how many bags may I take, what about my suitcase, luggage limits]
  - synonym: New York
    examples: "- NYC"
  - lookup: seat
    examples: "- window seat\\n- aisle"
  - regex: code
    examples: '- \\b[A-Z]{2}\\d{3}\\b'
"""
CHINESE = """
language: zh
"""
CHINESE_NLU = """
nlu:
  - intent: weather
    examples: |
      - [明天](day)[廣州](place)的天氣怎麼樣
      - [後天](day)[上海](place)會下雨嗎
      - 查一下[北京](place)[今天](day)的天氣
      - [深圳](place)的天氣
  - intent: greet
    examples: |
      - 你好
      - 您好啊
      - 早安
"""


@pytest.fixture(scope="module")
def mind(tmp_path_factory: pytest.TempPathFactory) -> Understanding:
    return train_understanding(load(tmp_path_factory.mktemp("bot"), domain=DOMAIN, nlu=NLU))


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Understanding:
    folder = tmp_path_factory.mktemp("bot")
    return train_understanding(load(folder, config=CHINESE, nlu=CHINESE_NLU))


def test_intents_are_ranked_and_their_confidences_are_chances(mind: Understanding) -> None:
    parse = mind.parse("good morning there")
    assert parse.intent == "greet"
    assert [guess.confidence for guess in parse.ranking] == sorted(
        (guess.confidence for guess in parse.ranking), reverse=True
    )
    assert sum(guess.confidence for guess in parse.ranking) == pytest.approx(1.0, abs=0.3)


def test_roles_tell_the_same_entity_apart(mind: Understanding) -> None:
    found = mind.parse("a flight from Oslo to Bern").entities
    assert [(e.entity, e.value, e.role) for e in found] == [("city", "Oslo", "from"), ("city", "Bern", "to")]


def test_synonyms_patterns_and_tables_give_entities(mind: Understanding) -> None:
    found = {(e.entity, e.value) for e in mind.parse("a flight from NYC, window seat, LH123").entities}
    assert {("city", "New York"), ("seat", "window seat"), ("code", "LH123")} <= found


def test_a_retrieval_intent_has_the_answer_that_fits(mind: Understanding) -> None:
    parse = mind.parse("how much does it cost")
    assert (parse.intent, parse.responses[0].intent, parse.responses[0].key) == ("faq", "faq", "price")
    assert mind.parse("how many suitcase and bags").responses[0].key == "luggage"


def test_what_training_has_not_shown_is_a_fallback_and_keeps_its_guesses(mind: Understanding) -> None:
    parse = mind.parse("qwxz jjkk")
    assert parse.intent == FALLBACK_INTENT
    assert len(parse.ranking) == 4


def test_both_scripts_are_understood_alike_with_places_in_the_original(chinese: Understanding) -> None:
    for text in ("明天上海的天氣", "後天北京會下雨嗎"):
        simple = in_script(text, "hans")
        one, other = chinese.parse(text), chinese.parse(simple)
        assert (one.intent, one.ranking) == (other.intent, other.ranking)
        assert [(e.start, e.end, e.entity) for e in one.entities] == [
            (e.start, e.end, e.entity) for e in other.entities
        ]
        assert [e.value for e in one.entities] == [text[e.start : e.end] for e in one.entities]
        assert {e.entity for e in one.entities} == {"day", "place"}


ODD = [
    "",
    " ",
    "\x00\x07",
    "x" * 100_000,
    "字" * 100_000,
    "مرحبا بالعالم",
    "😀👍🏽",
    "héllo wörld ﬁ İ",
    "/",
    "/{",
    '/a{"b":',
]
ODD += ['/a{"b": [[[', "/a{5}", "[x](y", "\ud800", "a\u200bb", "٣٤٥ 三百"]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_input_is_understood_somehow_and_soon(
    mind: Understanding, chinese: Understanding, text: str
) -> None:
    chinese.parse("你好")  # jieba reads its dictionary at the first sentence
    begun = time.process_time()
    for one in (mind, chinese):
        assert one.parse(text).text == text
    assert time.process_time() - begun < 1.0


TEXTS = st.text(max_size=60) | st.text(alphabet="明天上海天氣 flyOsloRome,.'’-12\u200b", max_size=60)


@given(text=TEXTS)
def test_whatever_is_said_places_lie_in_the_text(
    mind: Understanding, chinese: Understanding, text: str
) -> None:
    for one in (mind, chinese):
        parse = one.parse(text)
        for entity in parse.entities:
            assert 0 <= entity.start <= entity.end <= len(text)
        assert all(0 <= start < end <= len(text) for start, end in parse.tokens)


@pytest.mark.parametrize(
    ("steps", "warning"),
    [
        ("[{name: DIETClassifier, epochs: 5}]", "DIETClassifier is run as linear intents"),
        ("[{name: SpacyNLP}]", "SpacyNLP is left out"),
        ("[{name: DucklingHTTPExtractor}]", "DucklingHTTPExtractor is run as QuantityExtractor"),
        ("[{name: a.b.Unheard}]", "Unheard is not known"),
        ("[{name: WhitespaceTokenizer}, {name: CRFEntityExtractor}]", ""),
    ],
)
def test_a_step_that_is_not_run_as_named_is_told_once(tmp_path: Path, steps: str, warning: str) -> None:
    bot = load(tmp_path, config=f"pipeline: {steps}\n", domain=DOMAIN, nlu=NLU)
    train_understanding(bot)
    told = [line for line in bot.warnings if line.startswith("pipeline:")]
    assert len(told) == bool(warning)
    assert all(warning in line for line in told)


def test_a_pipeline_without_fallback_always_has_an_intent(tmp_path: Path) -> None:
    config = "pipeline: [{name: WhitespaceTokenizer}, {name: DIETClassifier}]\n"
    mind = train_understanding(load(tmp_path, config=config, domain=DOMAIN, nlu=NLU))
    assert mind.parse("qwxz jjkk").intent != FALLBACK_INTENT


def test_numbers_are_found_where_the_pipeline_asks_for_them(tmp_path: Path) -> None:
    config = "pipeline: [{name: DIETClassifier}, {name: DucklingEntityExtractor, dimensions: [number]}]\n"
    mind = train_understanding(load(tmp_path, config=config, domain=DOMAIN, nlu=NLU))
    assert [(e.entity, e.value) for e in mind.parse("for five people").entities] == [("number", 5)]


def test_keywords_decide_where_nothing_else_does(tmp_path: Path) -> None:
    config = "pipeline: [{name: KeywordIntentClassifier}]\n"
    mind = train_understanding(load(tmp_path, config=config, domain=DOMAIN, nlu=NLU))
    assert mind.parse("oh HELLO THERE you").intent == "greet"
    assert mind.parse("something").intent == FALLBACK_INTENT


@pytest.mark.parametrize("examples", [["one sentence"], []])
def test_a_bot_of_one_intent_or_none_is_trained(examples: list[str]) -> None:
    bot = Bot("small")
    if examples:
        from services.nlp.formats.bot import Example

        bot.examples = [Example("only", text) for text in examples]
    mind = train_understanding(bot)
    assert mind.parse("one sentence").intent == ("only" if examples else FALLBACK_INTENT)


TRAIN = """
import pickle, sys, hashlib
from pathlib import Path
from services.nlp.formats.loader import load_bot
from services.nlp.training.model import train
model = train(load_bot(Path(sys.argv[1])), "v")
Path(sys.argv[2]).write_bytes(pickle.dumps(model, protocol=5))
"""
SERVE = """
import pickle, sys
model = pickle.loads(open(sys.argv[1], "rb").read())
assert model.parse("fly from Rome to Oslo").entities
print(sorted(name for name in sys.modules if name.split(".")[0] in ("sklearn", "scipy")))
"""


def test_the_same_bot_gives_the_same_bytes_and_serving_needs_no_scikit_learn(tmp_path: Path) -> None:
    load(tmp_path, domain=DOMAIN, nlu=NLU)
    digests = []
    for seed in ("1", "2"):
        out = tmp_path.with_name(f"model-{seed}")
        arguments = [sys.executable, "-c", TRAIN, str(tmp_path), str(out)]
        subprocess.run(arguments, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
        digests.append(hashlib.sha256(out.read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    served = subprocess.run(
        [sys.executable, "-c", SERVE, str(out)], check=True, capture_output=True, text=True
    )
    assert served.stdout.strip() == "[]"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_message_of_marks_or_emoji_means_what_examples_say_it_means(tmp_path: Path, language: str) -> None:
    nlu = """
nlu:
  - intent: happy
    examples: |
      - that is great
      - 👍
      - :)
  - intent: sad
    examples: |
      - that is bad
      - 👎
      - :(
"""
    mind = train_understanding(load(tmp_path, nlu=nlu, config=f"language: {language}"))
    found = [mind.parse(text).intent for text in (":)", " 👎 ", "👍", ":(", "⚙", "?")]
    assert found == ["happy", "sad", "happy", "sad", FALLBACK_INTENT, FALLBACK_INTENT]


def test_a_pattern_with_a_group_gives_all_that_it_matches(tmp_path: Path) -> None:
    domain = """
version: "3.1"
intents: [call]
entities: [number]
"""
    nlu = """
nlu:
  - intent: call
    examples: "- call somebody"
  - regex: number
    examples: '- (\\d{3}-)?\\d{4}'
"""
    mind = train_understanding(load(tmp_path, domain=domain, nlu=nlu))
    assert [entity.value for entity in mind.parse("call 555-1234 now").entities] == ["555-1234"]
