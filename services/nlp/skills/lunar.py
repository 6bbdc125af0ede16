"""The Chinese calendar beside ours: lunar days, years of animals, solar terms, feasts. By lunar-python."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from lunar_python import Lunar, LunarYear, Solar

ANIMALS = dict(
    zip(
        "鼠牛虎兔龙蛇马羊猴鸡狗猪",
        [
            "Rat",
            "Ox",
            "Tiger",
            "Rabbit",
            "Dragon",
            "Snake",
            "Horse",
            "Goat",
            "Monkey",
            "Rooster",
            "Dog",
            "Pig",
        ],
        strict=True,
    )
)
TERMS = ("春分", "清明", "夏至", "秋分", "冬至", "立春", "立夏", "立秋", "立冬")
_FEASTS = {
    **dict.fromkeys(("春节", "农历新年", "过年", "大年初一", "chinese new year", "lunar new year"), (1, 1)),
    **dict.fromkeys(("元宵", "元宵节", "lantern festival"), (1, 15)),
    **dict.fromkeys(("端午", "端午节", "dragon boat festival"), (5, 5)),
    **dict.fromkeys(("七夕", "七夕情人节", "qixi"), (7, 7)),
    **dict.fromkeys(("中元", "中元节", "ghost festival"), (7, 15)),
    **dict.fromkeys(("中秋", "中秋节", "mid-autumn festival", "moon festival"), (8, 15)),
    **dict.fromkeys(("重阳", "重阳节", "double ninth"), (9, 9)),
    **dict.fromkeys(("腊八", "腊八节"), (12, 8)),
}
_FIXED = {
    **dict.fromkeys(("元旦", "new year's day", "new year"), (1, 1)),
    **dict.fromkeys(("情人节", "西洋情人节", "valentine's day"), (2, 14)),
    **dict.fromkeys(("愚人节", "april fools' day"), (4, 1)),
    **dict.fromkeys(("劳动节", "labour day", "labor day"), (5, 1)),
    **dict.fromkeys(("国庆", "国庆日", "双十节", "double tenth"), (10, 10)),
    **dict.fromkeys(("万圣节", "halloween"), (10, 31)),
    **dict.fromkeys(("圣诞", "圣诞节", "christmas"), (12, 25)),
}
_TERMS = {**{term: term for term in TERMS}, "清明节": "清明", "qingming": "清明", "winter solstice": "冬至"}
_EVE = {"除夕", "大年夜", "小年夜", "lunar new year's eve", "chinese new year's eve"}
_LUNAR_DAY = re.compile(
    "(?:农历|阴历|旧历)(?P<month>正|冬|腊|十?[一二三四五六七八九十])月(?P<day>.{1,3}?)[日号]?"
)
_MONTHS = {name: number for number, name in enumerate("正二三四五六七八九十", 1)} | {
    "一": 1,
    "冬": 11,
    "腊": 12,
}
_TENS = {"初": 0, "十": 10, "廿": 20, "二": 20, "三": 30}


@dataclass(frozen=True)
class LunarDay:
    """A day as the Chinese calendar names it, in Simplified characters."""

    month: int
    """1 to 12, negative for a leap month."""
    day: int
    month_name: str
    """Such as 八 or 闰六."""
    day_name: str
    """Such as 十五."""
    stems: str
    """The year's two characters, such as 丙午."""
    animal: str
    term: str
    """The solar term that begins on this day; "" for none."""
    feasts: tuple[str, ...]


def lunar_day(day: date) -> LunarDay:
    """The day's other name. Raises ValueError outside the years 1901 to 2199, the tables' own."""
    if not 1901 <= day.year <= 2199:
        raise ValueError("beyond the tables")
    solar = Solar.fromYmd(day.year, day.month, day.day)
    found = solar.getLunar()
    return LunarDay(
        month=found.getMonth(),
        day=found.getDay(),
        month_name=found.getMonthInChinese(),
        day_name=found.getDayInChinese(),
        stems=found.getYearInGanZhi(),
        animal=found.getYearShengXiao(),
        term=found.getJieQi(),
        feasts=(*found.getFestivals(), *solar.getFestivals()),
    )


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    """The weekday of the month that comes so often by then, Monday being 0."""
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (count - 1))


def _easter(year: int) -> date:
    """The western one, by the Gregorian rule of Meeus, Jones and Butcher."""
    century, rest = divmod(year, 100)
    epact = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    month, day = divmod(epact + weekday - 7 * ((year % 19 + 11 * epact + 22 * weekday) // 451) + 114, 31)
    return date(year, month, day + 1)


_MOVABLE: dict[str, Callable[[int], date]] = {
    **dict.fromkeys(("easter", "easter sunday", "复活节"), _easter),
    **dict.fromkeys(("mother's day", "mothers day", "母亲节"), lambda year: _nth(year, 5, 6, 2)),
    **dict.fromkeys(("thanksgiving", "thanksgiving day", "感恩节"), lambda year: _nth(year, 11, 3, 4)),
}
"""By the year: the Sunday of Easter, the second Sunday of May, the fourth Thursday of November."""


def feast(words: str, today: date) -> date | None:
    """The next day of this name, today included; None for a name that is none. Simplified, lower case."""
    if words in _EVE:
        return _next_lunar(1, 1, today + timedelta(1)) - timedelta(1)
    if words in _FEASTS:
        return _next_lunar(*_FEASTS[words], today)
    if words in _FIXED:
        month, day = _FIXED[words]
        return min(d for d in (date(y, month, day) for y in (today.year, today.year + 1)) if d >= today)
    if words in _MOVABLE:
        return min(d for d in map(_MOVABLE[words], (today.year, today.year + 1)) if d >= today)
    if words in _TERMS:
        return _next_term(_TERMS[words], today)
    if match := _LUNAR_DAY.fullmatch(words):
        month, day = _month(match["month"]), _day(match["day"])
        return _next_lunar(month, day, today) if month and day else None
    return None


def _next_lunar(month: int, day: int, today: date) -> date:
    """Where a year has no 30th of this month, the next year's."""
    for year in range(today.year - 1, today.year + 5):
        length = LunarYear.fromYear(year).getMonth(month).getDayCount()
        if day <= length:
            solar = Lunar.fromYmd(year, month, day).getSolar()
            found = date(solar.getYear(), solar.getMonth(), solar.getDay())
            if found >= today:
                return found
    raise ValueError("no such day in the next years")


def _next_term(term: str, today: date) -> date:
    """Each comes once in a year of ours; so the next is less than 367 days away."""
    days = (today + timedelta(ahead) for ahead in range(367))
    return next(day for day in days if lunar_day(day).term == term)


def _month(name: str) -> int:
    if len(name) == 2:
        return 10 + _MONTHS[name[1]] if name[1] in "一二" else 0
    return _MONTHS.get(name, 0)


def _day(name: str) -> int:
    if name in ("初十", "十"):
        return 10
    if name in ("二十", "三十"):
        return _TENS[name[0]]
    tens = name[:-1].removesuffix("十") if len(name) > 2 else name[:-1]
    ones = "一二三四五六七八九".find(name[-1]) + 1
    return _TENS[tens or "初"] + ones if ones and (tens or "初") in _TENS else 0
