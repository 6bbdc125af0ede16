"""Names of places as people write them, and as a gazetteer may know them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.nlp.nlu.script import in_script, simplified

_ENDINGS = ("特別行政區", "特别行政区", "自治區", "自治区", "市", "縣", "县", "區", "区", "省")
_MAX_CHARS = 80


@dataclass(frozen=True)
class Place:
    """A place of the gazetteer; degrees north and east."""

    name: str
    latitude: float
    longitude: float
    population: int
    country: str
    timezone: str = ""
    """Such as Asia/Taipei; "" where the gazetteer does not say."""


def names_to_try(place: str) -> list[str]:
    """The name in both scripts, then the same without its 市 or 縣; empty for no name at all."""
    asked = " ".join(place.split())[:_MAX_CHARS]
    forms = dict.fromkeys(name for base in _bases(asked) for name in (base, *_scripts(base)))
    return [name for name in forms if name]


def largest(found: Any) -> Place | None:
    """The most populous place of a search's `results`; what is not a place is passed over."""
    items = found if isinstance(found, list) else []
    places = [place for item in items if (place := _place(item))]
    return max(places, key=lambda place: place.population, default=None)


def today_at(place: Place, now: datetime) -> date:
    """The date there; the date of `now` where the place's time is not known."""
    try:
        return now.astimezone(ZoneInfo(place.timezone)).date() if place.timezone else now.date()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return now.date()


def _bases(name: str) -> Iterator[str]:
    yield name
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            yield name.removesuffix(ending)
            return


def _scripts(name: str) -> tuple[str, str]:
    return simplified(name), in_script(simplified(name), "hant")


def _place(item: Any) -> Place | None:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        return None
    north, east = _angle(item.get("latitude"), 90), _angle(item.get("longitude"), 180)
    if north is None or east is None:
        return None
    people, country, zone = item.get("population"), item.get("country"), item.get("timezone")
    return Place(
        name=item["name"][:_MAX_CHARS],
        latitude=north,
        longitude=east,
        population=people if isinstance(people, int) else 0,
        country=country[:_MAX_CHARS] if isinstance(country, str) else "",
        timezone=zone[:_MAX_CHARS] if isinstance(zone, str) else "",
    )


def _angle(value: Any, limit: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= limit else None
