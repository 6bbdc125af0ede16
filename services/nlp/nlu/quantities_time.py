"""Times and durations in the form that Duckling gives them, from what recognizers-text resolves."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta

_UNRESOLVED = "not resolved"
_WHOLE_PERIOD = re.compile(r"[\dX]{4}(-W\d\d|-\d\d)?")
_DURATION = re.compile(r"P(?:(\d[\d.]*)([YMWD]))?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?")
_SECONDS = {"D": 86400.0, "W": 604800.0}
_ONE_DAY = timedelta(days=1)


def time_value(values: list[Mapping[str, str]], now: datetime) -> str | dict[str, str | None] | None:
    """ISO 8601 of the first reading that is not over, {"from", "to"} of an interval; None where unresolved.

    now is aware and in the zone that the answer is to be in. A whole week, month or year is its first moment.
    The end of an interval is as it was said.
    """
    found = [span for value in values if (span := _span(value, now)) is not None]
    if not found:
        return None
    begin, end = _first_to_come(found, now)
    is_point = begin is not None and end is None and not any("Mod" in value for value in values)
    if is_point or _is_whole_period(values[0]):
        return _iso(begin)
    return {"from": _iso(begin), "to": _iso(end)}


def duration_value(values: list[Mapping[str, str]]) -> int | float | None:
    """How many of the smallest unit that was said: 2 of two hours, 90 of an hour and 30 minutes."""
    match = _DURATION.fullmatch(values[0].get("timex", "")) if values else None
    if match is None:
        return None
    amount, letter, *clock = match.groups()
    hours, minutes, seconds = (float(part) if part else 0.0 for part in clock)
    if not any(clock):
        return _whole(float(amount)) if amount else None
    total = float(amount or 0) * _SECONDS.get(letter or "D", 0.0) + hours * 3600 + minutes * 60 + seconds
    return _whole(total / _unit(hours, minutes, seconds))


def _unit(hours: float, minutes: float, seconds: float) -> int:
    if seconds:
        return 1
    if minutes or not hours.is_integer():
        return 60
    return 3600


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() else number


_Span = tuple[datetime | None, datetime | None]


def _span(value: Mapping[str, str], now: datetime) -> _Span | None:
    if value.get("value") == _UNRESOLVED:
        return None
    if "value" in value:
        return _moment(value["value"], value["type"], now), None
    if "start" not in value and "end" not in value:
        return None
    begin = _moment(value["start"], value["type"], now) if "start" in value else None
    end = _moment(value["end"], value["type"], now) if "end" in value else None
    if begin and end and end < begin:
        end += _ONE_DAY
    return begin, end


def _moment(words: str, kind: str, now: datetime) -> datetime:
    """A moment in now's zone; of a bare time of day the next one."""
    if not kind.startswith("time"):
        return datetime.fromisoformat(words).replace(tzinfo=now.tzinfo)
    moment = datetime.combine(now.date(), time.fromisoformat(words), now.tzinfo)
    return moment if moment >= now else moment + _ONE_DAY


def _first_to_come(found: list[_Span], now: datetime) -> _Span:
    coming = [span for span in found if _is_to_come(span, now)]
    return min(coming, key=_reach) if coming else max(found, key=_reach)


def _is_to_come(span: _Span, now: datetime) -> bool:
    last = _reach(span)
    is_a_day = last.time() == time()
    return last.date() >= now.date() if is_a_day else last >= now


def _reach(span: _Span) -> datetime:
    begin, end = span
    last = end or begin
    assert last is not None  # _span gives at least one of the two
    return last


def _is_whole_period(value: Mapping[str, str]) -> bool:
    return "start" in value and _WHOLE_PERIOD.fullmatch(value.get("timex", "")) is not None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None
