"""Days of both calendars, as people name them."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.words import Language
from services.nlp.skills.base import Answer, Asked, SkillProblem
from services.nlp.skills.calendar import create
from services.nlp.skills.lunar import feast, lunar_day
from tests.skill_kit import skill_kit

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def answer(words: str, language: Language = "zh-Hant") -> Answer:
    skill = create(skill_kit("calendar", httpx.AsyncClient(), data=Path()))
    return asyncio.run(skill.run(Asked({"day": words}, language, NOW)))


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("", "2026-11-21"),
        ("今天幾號", "2026-11-21"),
        ("when is Easter", "2027-03-28"),
        ("when is the Mid-Autumn Festival", "2027-09-15"),
        ("母親節是哪一天", "2027-05-09"),
        ("Thanksgiving", "2026-11-26"),
        ("現在是幾月", "2026-11-21"),
        ("tell me the date", "2026-11-21"),
        ("which date is it", "2026-11-21"),
        ("明天是星期幾", "2026-11-22"),
        ("what day is tomorrow?", "2026-11-22"),
        ("下週一", "2026-11-23"),
        ("中秋節是哪一天", "2027-09-15"),
        ("離春節還有幾天？", "2027-02-06"),
        ("how many days until Chinese New Year?", "2027-02-06"),
        ("除夕", "2027-02-05"),
        ("when is Christmas", "2026-12-25"),
        ("國慶日", "2027-10-10"),
        ("冬至", "2026-12-22"),
        ("農曆八月十五", "2027-09-15"),
        ("農曆正月初九", "2027-02-14"),
        ("農曆二月廿三日", "2027-03-30"),
        ("農曆十二月三十", "2030-02-02"),
        ("2025-07-25", "2025-07-25"),
    ],
)
def test_a_day_is_known_by_what_people_call_it(words: str, day: str) -> None:
    assert answer(words).facts["date"] == day


def test_the_day_is_told_with_weekday_distance_and_lunar_date_in_the_persons_language() -> None:
    assert answer("中秋節").reply.text == (
        "**2027 年 9 月 15 日，星期三**，還有 298 天\n\n農曆丁未羊年八月十五\n\n中秋節"
    )
    assert answer("明天", "zh-Hans").reply.text.startswith("**2026 年 11 月 22 日，星期日**，就是明天")
    assert answer("2025-07-25", "en").reply.text == (
        "**Friday, 2025-07-25**, 484 days ago\n\nChinese calendar: day 1 of month 6 (leap), year of the Snake"
    )


@pytest.mark.parametrize("words", ["blah", "農曆十三月一日", "3000-01-01", "9999-12-31", "農曆八月四十"])
def test_words_that_mean_no_day_are_told_so(words: str) -> None:
    with pytest.raises(SkillProblem) as found:
        answer(words)
    assert found.value.key == "calendar_unknown"


@given(st.dates(date(1902, 1, 1), date(2190, 1, 1)))
def test_the_next_new_year_is_the_first_day_of_a_lunar_year(today: date) -> None:
    found = feast("春节", today)
    assert found
    assert today <= found < today + timedelta(386)
    assert (lunar_day(found).month, lunar_day(found).day) == (1, 1)


@pytest.mark.parametrize("day", ["1981-04-19", "2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25"])
def test_easter_is_where_the_tables_have_it(day: str) -> None:
    assert feast("easter", date.fromisoformat(day)) == date.fromisoformat(day)
