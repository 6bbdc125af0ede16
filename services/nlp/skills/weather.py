"""The weather of a day at a place, from Open-Meteo or a server like it."""

import asyncio
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from contracts.reply import Reply
from foundation.words import Language, say
from services.nlp.nlu.script import in_script
from services.nlp.skills.base import Answer, ArgumentMissing, Asked, SkillProblem
from services.nlp.skills.days import date_of
from services.nlp.skills.fetching import Unavailable
from services.nlp.skills.kit import Kit
from services.nlp.skills.markdown import escaped
from services.nlp.skills.places import Place, largest, names_to_try, today_at
from services.nlp.skills.weather_codes import words_of

SOURCE = "[Open-Meteo](https://open-meteo.com)"
DAYS_AHEAD = 15
PLACE_TTL_S, FORECAST_TTL_S = 24 * 3600, 900
PARAMETERS = {
    "type": "object",
    "properties": {
        "place": {"type": "string", "description": "A town or place, such as Taipei"},
        "day": {"type": "string", "description": "today, tomorrow, a weekday or a date; today if empty"},
    },
    "required": ["place"],
}
_DAILY = (
    "weather_code",
    "temperature_2m_max",
    "temperature_2m_min",
    "precipitation_probability_max",
    "wind_speed_10m_max",
)


class WeatherProblem(SkillProblem):
    """No forecast; `code` says why, for the bot that words it."""

    code = "weather_problem"
    key = "weather_unavailable"

    def __init__(self, reason: str, **places: object) -> None:
        super().__init__(self.key, **places)
        self.reason = reason


class PlaceUnknown(WeatherProblem):
    """No gazetteer has a place of that name."""

    code = "place_unknown"
    key = "weather_place_unknown"


class WeatherUnavailable(WeatherProblem):
    """The server cannot be reached, is slow, has no such day, or answers what is no forecast."""

    code = "weather_unavailable"


@dataclass(frozen=True)
class Forecast:
    """One day's weather at a place."""

    place: str
    country: str
    day: date
    words: str
    """Such as 小雨 (Traditional) or light rain; "" where the server's code means nothing."""
    high_c: float
    low_c: float
    rain_percent: int | None
    wind_kmh: float | None


class Weather:
    """Asks a geocoding server where a place is, and a forecast server what the sky does there."""

    def __init__(self, kit: Kit, timeout_s: float = 6, home: asyncio.AbstractEventLoop | None = None) -> None:
        """`timeout_s` is for one forecast with all its calls; `home` is the loop of the kit's client,
        for actions that run in other loops.
        """
        self._kit = kit
        self._geocoding_url = kit.setting("NLP_GEOCODING_URL").rstrip("/")
        self._forecast_url = kit.setting("NLP_FORECAST_URL").rstrip("/")
        self.fetcher = kit.fetcher(self._geocoding_url, self._forecast_url)
        self._timeout_s = timeout_s
        self._home = home

    async def forecast(self, place: str, day: date, language: str) -> Forecast:
        """The day's weather there, from any event loop. Raises PlaceUnknown or WeatherUnavailable."""
        if self._home in (None, asyncio.get_running_loop()):
            return await self._in_time(place, day, language)
        # A bot's actions run in threads with loops of their own; the client belongs to the room's.
        work = self._in_time(place, day, language)
        try:
            assert self._home
            future = asyncio.run_coroutine_threadsafe(work, self._home)
        except RuntimeError:
            work.close()
            raise WeatherUnavailable("the room is closing") from None
        return await asyncio.wrap_future(future)

    async def place(self, name: str, language: str) -> Place:
        """The first form of the name that means an inhabited place; else any place of the name."""
        found: list[Place] = []
        for form in names_to_try(name):
            best = await self._largest(form, language.partition("-")[0])
            if best and best.population:
                return best
            found += [best] if best else []
        if not found:
            raise PlaceUnknown("no place of that name", place=name)
        return found[0]

    async def at(self, place: Place, day: date, language: str) -> Forecast:
        """The day's weather at a known place. Raises WeatherUnavailable."""

        async def load() -> list[float | None]:
            answer = await self._get(f"{self._forecast_url}/v1/forecast", _query(place, day))
            return _figures(answer, day)

        key = [self._forecast_url, place.latitude, place.longitude, day.isoformat()]
        code, high, low, rain, wind = await self._kit.cached(key, FORECAST_TTL_S, load)
        return Forecast(
            place=place.name,
            country=place.country,
            day=day,
            words="" if code is None else words_of(int(code), language),
            high_c=high,
            low_c=low,
            rain_percent=None if rain is None else round(rain),
            wind_kmh=wind,
        )

    async def _in_time(self, place: str, day: date, language: str) -> Forecast:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self.at(await self.place(place, language), day, language)
        except TimeoutError:
            raise WeatherUnavailable(f"no forecast within {self._timeout_s:g} s") from None

    async def _largest(self, name: str, language: str) -> Place | None:
        async def load() -> dict[str, Any] | None:
            query = {"name": name, "count": 10, "language": language, "format": "json"}
            answer = await self._get(f"{self._geocoding_url}/v1/search", query)
            found = largest(answer.get("results"))
            return asdict(found) if found else None

        kept = await self._kit.cached([self._geocoding_url, name, language], PLACE_TTL_S, load)
        return Place(**kept) if kept else None

    async def _get(self, url: str, query: dict[str, Any]) -> dict[str, Any]:
        try:
            content = await self.fetcher.json(url, query)
        except Unavailable as problem:
            raise WeatherUnavailable(problem.reason) from None
        if not isinstance(content, dict):
            raise WeatherUnavailable("the server's answer is no object")
        return content


class WeatherSkill:
    """Tells the weather of one day."""

    name = "weather"
    description = "The weather forecast of a place for today or one of the next 15 days."
    parameters = PARAMETERS

    def __init__(self, weather: Weather) -> None:
        self._weather = weather
        self.hosts = weather.fetcher.hosts

    async def run(self, asked: Asked) -> Answer:
        """The day's forecast."""
        name, day = asked.text("place"), asked.text("day")
        if not day:
            name, day = _parted(name, asked.now.date())
        if not name:
            raise ArgumentMissing("place", "weather_place_missing")
        place = await self._weather.place(name, asked.language)
        today = today_at(place, asked.now)
        when = date_of(day, today) if day else today
        if when is None or not today <= when <= today + timedelta(DAYS_AHEAD):
            raise SkillProblem("weather_day_unknown", days=DAYS_AHEAD)
        found = await self._weather.at(place, when, asked.language)
        return Answer(Reply(text=_told(found, asked.language)), _facts(found))


def create(kit: Kit) -> WeatherSkill:
    """The skill, with Open-Meteo's addresses or those that are set."""
    return WeatherSkill(Weather(kit))


class Current:
    """The room's weather as a bot's actions find it; None where the room has none."""

    # Not a ContextVar: neither a request's task nor an action's thread inherits what the app's start set.
    def __init__(self) -> None:
        self._weather: Weather | None = None

    def get(self) -> Weather | None:
        """What was set last."""
        return self._weather

    def set(self, weather: Weather | None) -> None:
        """From now on, for every bot of this process."""
        self._weather = weather


current = Current()


def _query(place: Place, day: date) -> dict[str, Any]:
    return {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "daily": ",".join(_DAILY),
        "timezone": "auto",
        "start_date": day.isoformat(),
        "end_date": day.isoformat(),
    }


def _figures(answer: dict[str, Any], day: date) -> list[float | None]:
    """In the order of _DAILY; the temperatures are there."""
    daily = answer.get("daily")
    daily = daily if isinstance(daily, dict) else {}
    if daily.get("time") != [day.isoformat()]:
        raise WeatherUnavailable("the server's answer is about other days")
    figures = [_number(daily.get(key)) for key in _DAILY]
    if figures[1] is None or figures[2] is None:
        raise WeatherUnavailable("the server's answer has no temperatures")
    return figures


def _number(values: Any) -> float | None:
    value = values[0] if isinstance(values, list) and values else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e6 else None


def _parted(words: str, today: date) -> tuple[str, str]:
    """Place and day of a command's words, the day behind the place or before it; "" for a part not said."""
    if date_of(words, today):
        return "", words
    parts = words.split()
    for count in range(1, len(parts)):
        before, behind = " ".join(parts[:count]), " ".join(parts[count:])
        if date_of(behind, today):
            return before, behind
        if date_of(before, today):
            return behind, before
    return words, ""


def _told(found: Forecast, language: Language) -> str:
    rain = "" if found.rain_percent is None else say("weather_rain", language, percent=found.rain_percent)
    pause = ", " if language == "en" else "，"
    told = say(
        "weather_told",
        language,
        place=escaped(found.place),
        day=found.day.isoformat(),
        words=f"{found.words}{pause}" if found.words else "",
        low=round(found.low_c),
        high=round(found.high_c),
        rain=rain,
    )
    if language != "en":  # the gazetteer's names are in either script
        told = in_script(told, "hans" if language == "zh-Hans" else "hant")
    return f"{told}\n\n{say('weather_source', language, source=SOURCE)}"


def _facts(found: Forecast) -> dict[str, Any]:
    return {**asdict(found), "day": found.day.isoformat(), "source": "Open-Meteo"}
