"""Words for days become dates."""

from datetime import date

import pytest

from services.nlp.skills.days import date_of

WEDNESDAY = date(2026, 3, 4)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("今天", "2026-03-04"),
        ("明天", "2026-03-05"),
        ("后天", "2026-03-06"),
        ("後天", "2026-03-06"),
        ("大後天", "2026-03-07"),
        ("昨天", "2026-03-03"),
        ("上週五", "2026-02-27"),
        ("三天前", "2026-03-01"),
        ("3 days ago", "2026-03-01"),
        ("last monday", "2026-03-02"),
        ("last wednesday", "2026-02-25"),
        ("Dec 25", "2026-12-25"),
        ("March 1st", "2027-03-01"),
        ("25 December 2025", "2025-12-25"),
        ("Sept. 3", "2026-09-03"),
        ("the day after tomorrow", "2026-03-06"),
        ("週三", "2026-03-04"),
        ("周六", "2026-03-07"),
        ("星期天", "2026-03-08"),
        ("禮拜二", "2026-03-10"),
        ("這週一", "2026-03-02"),
        ("下周一", "2026-03-09"),
        ("下下週五", "2026-03-20"),
        ("下個星期日", "2026-03-15"),
        ("週末", "2026-03-07"),
        ("3月5号", "2026-03-05"),
        ("3月28號", "2026-03-28"),
        ("三月二十八日", "2026-03-28"),
        ("十月十號", "2026-10-10"),
        ("2月3日", "2027-02-03"),
        ("2026年12月31日", "2026-12-31"),
        ("5號", "2026-03-05"),
        ("3號", "2026-04-03"),
        ("三天后", "2026-03-07"),
        ("10天之後", "2026-03-14"),
        ("today", "2026-03-04"),
        ("Tomorrow", "2026-03-05"),
        ("the day after  tomorrow", "2026-03-06"),
        ("friday", "2026-03-06"),
        ("on Monday", "2026-03-09"),
        ("next Monday", "2026-03-09"),
        ("in 3 days", "2026-03-07"),
        ("2026-03-09", "2026-03-09"),
        ("3/9", "2026-03-09"),
    ],
)
def test_a_word_for_a_day_is_a_date_seen_from_today(words: str, day: str) -> None:
    assert date_of(words, WEDNESDAY) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "words",
    [
        "",
        " ",
        "台北",
        "13月1日",
        "Marseille 3",
        "Feb 30",
        "last Taipei",
        "2月30日",
        "0號",
        "31號的",
        "十十月一日",
        "²月3日",
        "٣月3日",
        "0000-01-01",
        "9" * 5000,
    ],
)
def test_what_is_no_day_is_none(words: str) -> None:
    assert date_of(words, WEDNESDAY) is None


def test_a_day_beyond_the_calendar_is_none() -> None:
    assert date_of("明天", date.max) is None
    assert date_of("3號", date(9999, 12, 4)) is None


def test_a_leap_day_of_another_year_is_none() -> None:
    assert date_of("2月29日", date(2024, 3, 1)) is None


def test_a_day_that_next_month_does_not_have_is_none() -> None:
    assert date_of("30號", date(2026, 1, 31)) is None
