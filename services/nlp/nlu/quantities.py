"""Finds times, numbers, amounts and addresses in a sentence: what Rasa has Duckling for."""

import importlib
import logging
import math
import threading
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from services.nlp.nlu.parse import Entity
from services.nlp.nlu.quantities_time import duration_value, time_value
from services.nlp.nlu.script import simplified

EXTRACTOR = "DucklingEntityExtractor"
"""The name that bots know it by."""
LONGEST_TEXT = 1000
"""Characters that are looked at: the recognizers' patterns get slow on longer ones."""

_log = logging.getLogger(__name__)
_lock = threading.Lock()  # the recognizers build and keep their models without one
_CULTURES = {"zh": "zh-cn", "en": "en-us"}
_FIRST_CHINESE = "\u3400"

_METRIC = ("", "kilo", "hecto", "deca", "deci", "centi", "milli")
_DISTANCES = frozenset(f"{prefix}meter" for prefix in _METRIC) | {
    *("mile", "yard", "inch", "foot", "light year", "li", "zhang", "chi", "cun"),
}
_VOLUMES = frozenset(f"{prefix}liter" for prefix in _METRIC) | {
    *("teaspoon", "tablespoon", "fluid ounce", "pint", "gallon", "barrel", "dou", "pot"),
}
_WEIGHTS = frozenset(
    ("kilogram", "gram", "milligram", "metric ton", "ton", "pound", "ounce", "jin", "dan"),
)

_NUMERALS = frozenset("零〇一二两三四五六七八九十百千万")

_Found = tuple[str, Any]


@dataclass(frozen=True)
class _Reader:
    """One function of the library, the dimensions it can find, and how its result becomes one of them."""

    module: str
    function: str
    dimensions: tuple[str, ...]
    value: Callable[[Any, datetime], _Found | None]


def _number(words: str | None) -> int | float | None:
    try:
        number = float(words or "")
    except ValueError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _amount(dimension: str) -> Callable[[Any, datetime], _Found | None]:
    return lambda result, _: (dimension, _number(result.resolution.get("value")))


def _rank(result: Any, _: datetime) -> _Found | None:
    number = _number(result.resolution.get("value"))
    return ("ordinal", number) if number else None  # "next" and "last" are 0 from somewhere


def _words(dimension: str) -> Callable[[Any, datetime], _Found | None]:
    return lambda result, _: (dimension, result.resolution["value"])


def _measure(result: Any, _: datetime) -> _Found | None:
    unit = str(result.resolution.get("unit") or "").lower()
    number = _number(result.resolution.get("value"))
    if unit in _DISTANCES:
        return "distance", number
    if unit in _VOLUMES or unit.startswith("cubic "):
        return "volume", number
    return ("quantity", number) if unit in _WEIGHTS else None


def _moment(result: Any, now: datetime) -> _Found | None:
    values = (result.resolution or {}).get("values") or []
    if result.type_name.endswith(".duration"):
        return "duration", duration_value(values)
    if set(result.text) <= _NUMERALS:
        return None  # 三十 of 三十个 is no day of the month
    return "time", time_value(values, now)


_UNITS = "recognizers_number_with_unit"
_SEQUENCES = "recognizers_sequence"
_READERS = (
    _Reader("recognizers_date_time", "recognize_datetime", ("time", "duration"), _moment),
    _Reader("recognizers_number", "recognize_number", ("number",), _amount("number")),
    _Reader("recognizers_number", "recognize_ordinal", ("ordinal",), _rank),
    _Reader(_UNITS, "recognize_dimension", ("distance", "volume", "quantity"), _measure),
    _Reader(_UNITS, "recognize_temperature", ("temperature",), _amount("temperature")),
    _Reader(_UNITS, "recognize_currency", ("amount-of-money",), _amount("amount-of-money")),
    _Reader(_SEQUENCES, "recognize_email", ("email",), _words("email")),
    _Reader(_SEQUENCES, "recognize_url", ("url",), _words("url")),
    _Reader(_SEQUENCES, "recognize_phone_number", ("phone-number",), _words("phone-number")),
)


class QuantityExtractor:
    """Finds what Duckling finds, under its names; English and Chinese, other languages as English."""

    def __init__(self, language: str, dimensions: tuple[str, ...] = (), timezone: str = "UTC") -> None:
        """No dimensions means all; unknown ones find nothing. ZoneInfoNotFoundError if no such zone."""
        self._culture = _CULTURES.get(language.lower().replace("_", "-").split("-")[0], "en-us")
        self._dimensions = frozenset(dimensions)
        self._zone = ZoneInfo(timezone)
        self._failed: set[str] = set()
        with _lock:
            for reader in self._readers():
                _library(reader.module)

    def extract(self, text: str, now: datetime | None = None) -> list[Entity]:
        """The entities in the text's first 1,000 characters, in order; times are as seen from now.

        A now without a zone is in the extractor's; none is the clock's. Never raises.
        """
        there = self._local(now)
        aligned = self._aligned(text[:LONGEST_TEXT])
        found = [entity for reader in self._readers() for entity in self._read(reader, aligned, there)]
        return sorted(_longest(found), key=lambda entity: (entity.start, entity.end))

    def _readers(self) -> list[_Reader]:
        return [reader for reader in _READERS if self._wants_any(reader.dimensions)]

    def _wants_any(self, dimensions: Iterable[str]) -> bool:
        return not self._dimensions or not self._dimensions.isdisjoint(dimensions)

    def _local(self, now: datetime | None) -> datetime:
        if now is None:
            return datetime.now(self._zone)
        return now.replace(tzinfo=self._zone) if now.tzinfo is None else now.astimezone(self._zone)

    def _aligned(self, text: str) -> str:
        """The text as the recognizers know it, each character in its place."""
        return "".join(map(_known_character if self._culture == "zh-cn" else _steady_character, text))

    def _read(self, reader: _Reader, text: str, now: datetime) -> list[Entity]:
        try:
            found = [(result, reader.value(result, now)) for result in self._results(reader, text, now)]
            return [
                Entity(one[0], one[1], result.start, result.end + 1, extractor=EXTRACTOR)
                for result, one in found
                if one and one[1] is not None and self._wants_any(one[:1]) and _is_inside(result, text)
            ]
        except Exception as error:  # the library trips over odd sentences in many ways
            self._note(reader.function, error)
            return []

    def _results(self, reader: _Reader, text: str, now: datetime) -> list[Any]:
        with _lock:
            recognize = getattr(_library(reader.module), reader.function)
            reference = {"reference": now.replace(tzinfo=None)} if reader.value is _moment else {}
            return list(recognize(text, self._culture, **reference))

    def _note(self, function: str, error: Exception) -> None:
        if function in self._failed:
            return
        self._failed.add(function)
        _log.warning("nlp.quantity.failed", extra={"reader": function, "error": type(error).__name__})


def _library(module: str) -> Any:
    """The library's module, imported when it is needed. Its source warns as it compiles."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(module)


def _steady_character(character: str) -> str:
    """The character, unless the recognizers' lower case of it has another length and would shift the rest."""
    return character if len(character.lower()) == 1 else " "


@lru_cache(maxsize=8192)
def _known_character(character: str) -> str:
    if character < _FIRST_CHINESE:
        return _steady_character(character)
    simple = simplified(character)
    return simple if len(simple) == 1 else character


def _is_inside(result: Any, text: str) -> bool:
    return bool(0 <= result.start <= result.end < len(text))


def _longest(found: list[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in sorted(found, key=lambda one: one.start - one.end):
        if not any(_overlap(entity, other) for other in kept):
            kept.append(entity)
    return kept


def _overlap(one: Entity, other: Entity) -> bool:
    return one.entity == other.entity and one.start < other.end and other.start < one.end
