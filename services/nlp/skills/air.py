"""How clean the air is at a place now, from Open-Meteo or a server like it."""

from collections.abc import Mapping
from typing import Any

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.skills.base import Answer, ArgumentMissing, Asked
from services.nlp.skills.fetching import Unavailable
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import escaped
from services.nlp.skills.places import Place
from services.nlp.skills.shipped import in_language
from services.nlp.skills.weather import SOURCE, Weather

TTL_S = 900
_CURRENT = ("us_aqi", "pm2_5", "pm10", "ozone")
_LEVELS = (
    (300, "air_hazardous"),
    (200, "air_very_unhealthy"),
    (150, "air_unhealthy"),
    (100, "air_sensitive"),
    (50, "air_moderate"),
    (-1, "air_good"),
)
"""Above which index (EPA, 0 to 500) which words."""
PARAMETERS = {
    "type": "object",
    "properties": {"place": {"type": "string", "description": "A town or place, such as Taipei"}},
    "required": ["place"],
}


class Air:
    """Finds the place as the weather does, then asks for its air."""

    name = "air"
    description = "The quality of the air at a place now: index, fine particles, ozone."
    parameters = PARAMETERS

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._weather = Weather(kit)
        self._url = kit.setting("NLP_AIR_QUALITY_URL").rstrip("/")
        self._fetcher = kit.fetcher(self._url)
        self.hosts = tuple(sorted({*self._weather.fetcher.hosts, *self._fetcher.hosts}))

    async def run(self, asked: Asked) -> Answer:
        """The index in words, and what is in the air."""
        name = asked.text("place")
        if not name:
            raise ArgumentMissing("place", "air_place_missing")
        place = await self._weather.place(name, asked.language)
        figures = await self._figures(place)
        facts = {"place": place.name, "country": place.country, **figures, "source": "Open-Meteo"}
        return Answer(Reply(text=_told(place, figures, asked.language)), facts)

    async def _figures(self, place: Place) -> dict[str, float | None]:
        query = {
            "latitude": place.latitude,
            "longitude": place.longitude,
            "current": ",".join(_CURRENT),
        }

        async def load() -> dict[str, float | None]:
            return _read(await self._fetcher.json(f"{self._url}/v1/air-quality", query))

        found: dict[str, float | None] = await self._kit.cached([self._url, query], TTL_S, load)
        return found


def create(kit: Kit) -> Air:
    """The skill, with Open-Meteo's addresses or those that are set."""
    return Air(kit)


def level(index: float) -> str:
    """The key of the words for an index."""
    return next(key for least, key in _LEVELS if index > least)


def _read(answer: Any) -> dict[str, float | None]:
    """The figures of _CURRENT; the index is there. Raises Unavailable."""
    current = answer.get("current") if isinstance(answer, Mapping) else None
    figures = {key: _number(current.get(key)) for key in _CURRENT} if isinstance(current, Mapping) else {}
    if figures.get("us_aqi") is None:
        raise Unavailable("the answer has no index of the air")
    return figures


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 1e5 else None


def _told(place: Place, figures: Mapping[str, float | None], language: Language) -> str:
    index = figures["us_aqi"] or 0.0
    name = in_language(place.name, language)
    told = say(
        "air_told", language, place=escaped(name), index=round(index), level=say(level(index), language)
    )
    parts = [(label, figures[key]) for key, label in zip(_CURRENT[1:], ("PM2.5", "PM10", "O₃"), strict=True)]
    listed = " · ".join(f"{label} {value:g} µg/m³" for label, value in parts if value is not None)
    tail = say("source_told", language, source=SOURCE)
    return "\n\n".join(filter(None, (told, listed, tail)))
