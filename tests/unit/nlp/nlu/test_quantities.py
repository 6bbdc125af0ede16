"""What the extractor of times, numbers and addresses finds."""

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.nlp.nlu.quantities import QuantityExtractor

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)  # a Saturday
ENGLISH = QuantityExtractor("en")
CHINESE = QuantityExtractor("zh")


def found(extractor: QuantityExtractor, text: str, dimension: str) -> list[tuple[str, Any]]:
    """The words and the value of each find of one dimension."""
    entities = extractor.extract(text, NOW)
    return [(text[one.start : one.end], one.value) for one in entities if one.entity == dimension]


@pytest.mark.parametrize(
    ("text", "dimension", "words", "value"),
    [
        ("see you tomorrow at 7pm", "time", "tomorrow at 7pm", "2026-11-22T19:00:00.000+00:00"),
        ("on 12/25 please", "time", "12/25", "2026-12-25T00:00:00.000+00:00"),
        ("in 3 days", "time", "in 3 days", "2026-11-24T00:00:00.000+00:00"),
        ("next week", "time", "next week", "2026-11-23T00:00:00.000+00:00"),
        ("twenty five of them", "number", "twenty five", 25),
        ("make it 3.5", "number", "3.5", 3.5),
        ("1,200 or so", "number", "1,200", 1200),
        ("the 21st", "ordinal", "21st", 21),
        ("run 5 km", "distance", "5 km", 5),
        ("two liters of milk", "volume", "two liters", 2),
        ("3 kg of rice", "quantity", "3 kg", 3),
        ("twenty euros", "amount-of-money", "twenty euros", 20),
        ("30 degrees celsius", "temperature", "30 degrees celsius", 30),
        ("for two hours", "duration", "two hours", 2),
        ("half an hour", "duration", "half an hour", 30),
        ("mail a.b@example.com now", "email", "a.b@example.com", "a.b@example.com"),
        ("see https://example.com/a?b=1", "url", "https://example.com/a?b=1", "https://example.com/a?b=1"),
        ("call +1 (415) 555-2671", "phone-number", "+1 (415) 555-2671", "+1 (415) 555-2671"),
    ],
)
def test_english_words_become_values(text: str, dimension: str, words: str, value: Any) -> None:
    assert found(ENGLISH, text, dimension) == [(words, value)]


@pytest.mark.parametrize(
    ("text", "dimension", "words", "value"),
    [
        ("明天下午三点见", "time", "明天下午三点", "2026-11-22T15:00:00.000+00:00"),
        ("明天下午三點見", "time", "明天下午三點", "2026-11-22T15:00:00.000+00:00"),
        ("3点半", "time", "3点半", "2026-11-21T15:30:00.000+00:00"),
        ("下周一", "time", "下周一", "2026-11-23T00:00:00.000+00:00"),
        ("二十五", "number", "二十五", 25),
        ("三百零七", "number", "三百零七", 307),
        ("第二十一", "ordinal", "第二十一", 21),
        ("三十塊錢", "amount-of-money", "三十塊錢", 30),
        ("兩個小時", "duration", "兩個小時", 2),
        ("5公里", "distance", "5公里", 5),
        ("邮箱a.b@example.com谢谢", "email", "a.b@example.com", "a.b@example.com"),
        ("电话13800138000", "phone-number", "13800138000", "13800138000"),
    ],
)
def test_chinese_words_become_values_in_both_scripts(
    text: str, dimension: str, words: str, value: Any
) -> None:
    assert found(CHINESE, text, dimension) == [(words, value)]


def test_an_interval_has_both_ends() -> None:
    value = {"from": "2026-11-23T15:00:00.000+00:00", "to": "2026-11-23T17:00:00.000+00:00"}
    assert found(ENGLISH, "from 3pm to 5pm on monday", "time") == [("from 3pm to 5pm on monday", value)]


def test_an_open_interval_lacks_one_end() -> None:
    value = {"from": None, "to": "2026-11-27T00:00:00.000+00:00"}
    assert found(ENGLISH, "before friday", "time") == [("before friday", value)]


def test_an_hour_that_two_readings_fit_is_the_next_one() -> None:
    assert found(ENGLISH, "at 5", "time") == [("5", "2026-11-21T17:00:00.000+00:00")]


def test_a_night_ends_on_the_next_day() -> None:
    value = {"from": "2026-11-21T22:00:00.000+00:00", "to": "2026-11-22T02:00:00.000+00:00"}
    assert found(ENGLISH, "from 10pm to 2am", "time") == [("from 10pm to 2am", value)]


def test_times_are_in_the_extractors_zone() -> None:
    taipei = QuantityExtractor("zh", timezone="Asia/Taipei")
    late = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # already the 22nd there
    assert [one.value for one in taipei.extract("明天", late)] == ["2026-11-23T00:00:00.000+08:00"]


@pytest.mark.parametrize("text", ["三十", "三十个", "一百三十"])
def test_a_bare_chinese_number_is_no_day_of_the_month(text: str) -> None:
    assert found(CHINESE, text, "time") == []


def test_only_the_wanted_dimensions_are_found() -> None:
    both = QuantityExtractor("en", ("time", "email"))
    assert {one.entity for one in both.extract("2 km by 5pm, a@example.com, in 2 hours", NOW)} == {
        "time",
        "email",
    }


def test_a_character_that_grows_in_lower_case_shifts_nothing() -> None:
    assert found(ENGLISH, "İİİ at a@example.com", "email") == [("a@example.com", "a@example.com")]


def test_only_the_first_thousand_characters_are_looked_at() -> None:
    assert found(ENGLISH, "x" * 990 + " 5 " + "x " * 50_000 + "6", "number") == [("5", 5)]


def test_a_copy_through_pickle_finds_the_same() -> None:
    copy = pickle.loads(pickle.dumps(ENGLISH))
    text = "two tickets for tomorrow"
    assert copy.extract(text, NOW) == ENGLISH.extract(text, NOW) != []


def test_a_failure_costs_its_dimension_and_is_logged_once_without_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    extractor = QuantityExtractor("en")
    last_hour = datetime(9999, 12, 31, 23, tzinfo=UTC)  # there is no next day for 5 pm to be on
    for _ in range(2):
        entities = extractor.extract("two secrets at 5pm", last_hour)
        assert [(one.entity, one.value) for one in entities] == [("number", 2)]
    records = [vars(record) for record in caplog.records]
    assert [(one["msg"], one["error"]) for one in records] == [("nlp.quantity.failed", "OverflowError")]
    assert "secret" not in str(records)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60) | st.text("0123 456/:-一二十点月日半amp$@.", max_size=40))
def test_any_text_gives_offsets_inside_it_and_finds_of_one_dimension_apart(text: str) -> None:
    for extractor in (ENGLISH, CHINESE):
        ends: dict[str, int] = {}
        for one in extractor.extract(text, NOW):
            assert ends.get(one.entity, 0) <= one.start < one.end <= len(text)
            ends[one.entity] = one.end
