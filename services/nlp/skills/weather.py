"""The weather of a day at a place, from Open-Meteo or a server like it."""

import asyncio
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from services.nlp.skills.places import Place, largest, names_to_try
from services.nlp.skills.weather_codes import words_of

MAX_BYTES = 1_000_000
_DAILY = (
    "weather_code",
    "temperature_2m_max",
    "temperature_2m_min",
    "precipitation_probability_max",
    "wind_speed_10m_max",
)


class WeatherProblem(Exception):
    """No forecast; `code` says why, for the bot that words it."""

    code = "weather_problem"


class PlaceUnknown(WeatherProblem):
    """No gazetteer has a place of that name."""

    code = "place_unknown"


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

    def __init__(
        self, client: httpx.AsyncClient, geocoding_url: str, forecast_url: str, timeout_s: float = 6
    ) -> None:
        """Call it where the client's event loop runs; `timeout_s` is for one forecast with all its calls."""
        self._client = client
        self._geocoding_url = geocoding_url.rstrip("/")
        self._forecast_url = forecast_url.rstrip("/")
        self._timeout_s = timeout_s
        self._home = asyncio.get_running_loop()

    async def forecast(self, place: str, day: date, language: str) -> Forecast:
        """The day's weather there, from any event loop. Raises PlaceUnknown or WeatherUnavailable."""
        if asyncio.get_running_loop() is self._home:
            return await self._in_time(place, day, language)
        # A bot's actions run in threads with loops of their own; the client belongs to the room's.
        work = self._in_time(place, day, language)
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._home)
        except RuntimeError:
            work.close()
            raise WeatherUnavailable("the room is closing") from None
        return await asyncio.wrap_future(future)

    async def _in_time(self, place: str, day: date, language: str) -> Forecast:
        try:
            async with asyncio.timeout(self._timeout_s):
                found = await self._place(place, language)
                answer = await self._get(f"{self._forecast_url}/v1/forecast", _query(found, day))
        except TimeoutError:
            raise WeatherUnavailable(f"no forecast within {self._timeout_s:g} s") from None
        return _forecast(found, day, answer, language)

    async def _place(self, place: str, language: str) -> Place:
        """The first name that means an inhabited place; else any place of the name."""
        found: list[Place] = []
        for name in names_to_try(place):
            query = {"name": name, "count": 10, "language": language.partition("-")[0], "format": "json"}
            answer = await self._get(f"{self._geocoding_url}/v1/search", query)
            best = largest(answer.get("results"))
            if best and best.population:
                return best
            found += [best] if best else []
        if not found:
            raise PlaceUnknown("no place of that name")
        return found[0]

    async def _get(self, url: str, query: dict[str, Any]) -> dict[str, Any]:
        try:
            # Unpacked as it is received, a small body cannot become a large one.
            headers = {"Accept-Encoding": "identity"}
            async with self._client.stream(
                "GET", url, params=query, headers=headers, follow_redirects=False
            ) as response:
                if response.status_code != httpx.codes.OK:
                    raise WeatherUnavailable(f"the server answered {response.status_code}")
                return _object(await _body(response))
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise WeatherUnavailable(f"the server cannot be reached ({type(error).__name__})") from None


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


async def _body(response: httpx.Response) -> bytes:
    received = b""
    async for piece in response.aiter_raw():
        received += piece
        if len(received) > MAX_BYTES:
            raise WeatherUnavailable(f"the server answered with more than {MAX_BYTES // 1_000_000} MB")
    return received


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise WeatherUnavailable("the server's answer is not JSON") from None
    if not isinstance(content, dict):
        raise WeatherUnavailable("the server's answer is no object")
    return content


def _query(place: Place, day: date) -> dict[str, Any]:
    return {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "daily": ",".join(_DAILY),
        "timezone": "auto",
        "start_date": day.isoformat(),
        "end_date": day.isoformat(),
    }


def _forecast(place: Place, day: date, answer: dict[str, Any], language: str) -> Forecast:
    daily = answer.get("daily")
    daily = daily if isinstance(daily, dict) else {}
    if daily.get("time") != [day.isoformat()]:
        raise WeatherUnavailable("the server's answer is about other days")
    code, high, low, rain, wind = (_number(daily.get(key)) for key in _DAILY)
    if high is None or low is None:
        raise WeatherUnavailable("the server's answer has no temperatures")
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


def _number(values: Any) -> float | None:
    value = values[0] if isinstance(values, list) and values else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e6 else None
