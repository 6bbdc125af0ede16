"""Words for days, Chinese in both scripts and English, as dates seen from a given one."""

import re
from datetime import date, timedelta

from services.nlp.nlu.script import simplified

_CHINESE = {
    **dict.fromkeys(("今", "今天", "今日", "今早", "今晚", "现在", "当天"), 0),
    **dict.fromkeys(("明", "明天", "明日", "明早", "明晚"), 1),
    **dict.fromkeys(("后", "后天", "后日"), 2),
    "大后天": 3,
    **dict.fromkeys(("昨天", "昨日"), -1),
    "前天": -2,
}
_ENGLISH = {"today": 0, "tonight": 0, "now": 0, "tomorrow": 1, "the day after tomorrow": 2, "yesterday": -1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMBER = "[0-9]{1,3}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]"
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = f"(?P<month>{'|'.join(f'{name}|{name[:3]}' for name in _MONTHS)}|sept)"
_NAMED = (
    re.compile(rf"{_MONTH}\.? (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>[0-9]{{4}}))?"),
    re.compile(rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?,?(?: (?P<year>[0-9]{{4}}))?"),
)
_WEEK = re.compile(
    "(?P<last>上{0,9})(?P<next>下{0,9})个?(?P<this>[这本]?)个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末1-7])"
)
_DATE = re.compile(f"(?:(?P<year>[0-9]{{4}})年)?(?P<month>{_NUMBER})月(?P<day>{_NUMBER})[日号]?")
_DAY_OF_MONTH = re.compile(f"(?P<day>{_NUMBER})[日号]")
_ISO = re.compile("(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})")
_SHORT = re.compile("(?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})")
_AHEAD = re.compile(f"(?:(?P<chinese>{_NUMBER})天[之以]?后|in (?P<english>[0-9]{{1,3}}) days?)")
_AGO = re.compile(f"(?:(?P<chinese>{_NUMBER})天[之以]?前|(?P<english>[0-9]{{1,3}}) days? ago)")


def date_of(words: str, today: date) -> date | None:
    """The date that the words mean on that day; None where they mean none, or one that does not exist.

    A weekday is the next one, today included; 下週一 is Monday of the week after this one. A day and month
    without a year are the next such date.
    """
    plain = simplified(words).strip().lower()
    plain = " ".join(plain.split()) if plain.isascii() else "".join(plain.split())
    offset = _CHINESE.get(plain, _ENGLISH.get(plain))
    try:
        if offset is not None:
            return today + timedelta(offset)
        return _english_weekday(plain, today) or _weekday(plain, today) or _dated(plain, today)
    except (ValueError, OverflowError):
        return None


def _english_weekday(plain: str, today: date) -> date | None:
    is_next, is_last = plain.startswith("next "), plain.startswith("last ")
    name = re.sub("^(?:next|last|this|on) ", "", plain)
    if name == "weekend":
        name = "saturday"
    if name not in _WEEKDAYS:
        return None
    if is_last:
        return today - timedelta((today.weekday() - _WEEKDAYS.index(name) - 1) % 7 + 1)
    return _on(today, _WEEKDAYS.index(name), 1 if is_next else 0, is_bound=is_next)


def _weekday(plain: str, today: date) -> date | None:
    match = _WEEK.fullmatch(plain)
    if not match:
        return None
    day = match["day"]
    number = 5 if day == "末" else 6 if day in "日天" else _value(day) - 1
    weeks = len(match["next"]) - len(match["last"])
    return _on(today, number, weeks, is_bound=bool(weeks or match["this"]))


def _on(today: date, weekday: int, weeks: int, is_bound: bool) -> date:
    """The weekday of the week so many weeks on; unbound: the next one, today included."""
    ahead = weekday - today.weekday()
    if not is_bound:
        return today + timedelta(ahead % 7)
    return today + timedelta(ahead + 7 * weeks)


def _dated(plain: str, today: date) -> date | None:
    if match := _AHEAD.fullmatch(plain):
        return today + timedelta(_value(match["chinese"] or match["english"]))
    if match := _AGO.fullmatch(plain):
        return today - timedelta(_value(match["chinese"] or match["english"]))
    if match := _NAMED[0].fullmatch(plain) or _NAMED[1].fullmatch(plain):
        month = next(place for place, name in enumerate(_MONTHS, 1) if name.startswith(match["month"]))
        year = int(match["year"] or today.year)
        found = date(year, month, int(match["day"]))
        return found if match["year"] else _next(found, today)
    if match := _ISO.fullmatch(plain) or _DATE.fullmatch(plain) or _SHORT.fullmatch(plain):
        parts = match.groupdict()
        month, day = _value(parts["month"]), _value(parts["day"])
        if parts.get("year"):
            return date(int(parts["year"]), month, day)
        return _next(date(today.year, month, day), today)
    if match := _DAY_OF_MONTH.fullmatch(plain):
        found = today.replace(day=_value(match["day"]))
        return found if found >= today else _in_next_month(found)
    return None


def _next(found: date, today: date) -> date:
    return found if found >= today else found.replace(year=found.year + 1)


def _in_next_month(found: date) -> date:
    if found.month == 12:
        return found.replace(year=found.year + 1, month=1)
    return found.replace(month=found.month + 1)


def _value(number: str) -> int:
    """Arabic digits, or Chinese ones below a hundred: 二十八."""
    if number.isascii():
        return int(number)
    tens, ten, ones = number.rpartition("十")
    high = _DIGITS.get(tens, 1) if ten else 0
    return 10 * high + _DIGITS.get(ones, 0)
