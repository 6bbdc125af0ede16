"""Sums and units, as people write them."""

import asyncio
import contextlib
import warnings
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.words import Language
from services.nlp.skills.base import Answer, ArgumentMissing, Asked, SkillProblem
from services.nlp.skills.calculate import Calculate
from services.nlp.skills.sums import MAX_CHARS, NoSum, value_of


def answer(text: str, language: Language = "zh-Hant") -> Answer:
    return asyncio.run(Calculate().run(Asked({"sum": text}, language, datetime.now(UTC))))


def value(text: str, language: Language = "zh-Hant") -> str:
    return str(answer(text, language).facts["value"])


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("三百乘以七", "2,100"),
        ("3點5乘2", "7"),
        ("how many feet in a mile", "5,280 ft"),
        ("三點五加二十一等於多少？", "24.5"),
        ("負五減三", "-8"),
        ("二的十次方", "1,024"),
        ("根號 16", "4"),
        ("200的5%是多少", "10"),
        ("請幫我計算 12÷4", "3"),
        ("０．１＋０．２", "0.3"),
        ("what is two hundred and five times 3.5?", "717.5"),
        ("half of 30", "15"),
        ("the square root of 81", "9"),
        ("3 squared", "9"),
        ("1,234.5 + 2", "1236.5"),
        ("max(3, 4)", "4"),
        ("3 x 4", "12"),
        ("2**64", "18,446,744,073,709,551,616"),
    ],
)
def test_a_sum_in_figures_or_words_has_its_value(text: str, result: str) -> None:
    assert value(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("5 miles in km", "8.04672 km"),
        ("5公里等於多少英里", "3.10686 mi"),
        ("攝氏20度是華氏幾度", "68 °F"),
        ("how many km are 3 miles?", "4.82803 km"),
        ("三十坪是幾平方公尺", "99.1736 m²"),
        ("五台斤是多少公斤", "3 kg"),
        ("60 mph in km/h", "96.5606 km/h"),
        ("180 cm in feet", "5.90551 ft"),
        ("2 m**2 in cm**2", "20,000 cm²"),
        ("10 m/s in km/h", "36 km/h"),
    ],
)
def test_an_amount_is_told_in_the_unit_that_is_asked_for(text: str, result: str) -> None:
    assert value(text) == result


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("10/0", "calculate_by_zero"),
        ("9**9**9", "calculate_too_large"),
        ("10**100000", "calculate_too_large"),
        ("factorial(5000)", "calculate_too_large"),
        ("1e999", "calculate_too_large"),
        ("round(5, -1000000)", "calculate_too_large"),
        ("5 m**9**9 in m**9**9", "calculate_unclear"),
        ("5 km*9**9**2 in m*9**9**2", "calculate_unclear"),
        ("5 km**1000 in m**1000", "calculate_unclear"),
        ("3 km in kg", "calculate_units_differ"),
        ("hello", "calculate_unclear"),
        ("__import__('os')", "calculate_unclear"),
        ("(1).__class__", "calculate_unclear"),
        ("'a'*1000000000", "calculate_unclear"),
        ("'%1000000000d' % 1", "calculate_unclear"),
        ("f'{1:1000000000}'", "calculate_unclear"),
        ("[1 for x in range(9)]", "calculate_unclear"),
        ("9" * (MAX_CHARS + 1), "calculate_too_large"),
    ],
)
def test_what_cannot_be_calculated_says_why_and_costs_nothing(text: str, key: str) -> None:
    with pytest.raises(SkillProblem) as found:
        answer(text)
    assert found.value.key == key


@given(st.text(alphabet="0123456789+-*/%(). epi,<>'[]{}:=~^&|", max_size=40))
def test_no_text_does_more_than_have_a_value_or_none(text: str) -> None:
    with contextlib.suppress(NoSum):
        assert isinstance(value_of(text), int | float)


@pytest.mark.parametrize("text", ["", "幫我算一下", "please calculate"])
def test_who_says_no_sum_is_asked_for_one(text: str) -> None:
    with pytest.raises(ArgumentMissing) as found:
        answer(text)
    assert (found.value.argument, found.value.key) == ("sum", "calculate_missing")


def test_what_was_asked_stands_before_the_value() -> None:
    assert answer("300*7").reply.text == "300 × 7 = **2,100**"
    assert answer("兩台斤是多少公斤", "zh-Hans").reply.text == "2 台斤 = **1.2 kg**"


def test_numerals_that_are_no_number_are_quoted_in_no_warning() -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises(SkillProblem):
            answer("百百百十十")
    assert warned == []


def test_a_number_alone_is_no_sum() -> None:
    with pytest.raises(SkillProblem, match="calculate_unclear"):
        answer("4")
    assert value("三百五十是多少") == "350"
