"""The weather is asked of a real server over HTTP, whatever that server does."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from services.nlp.skills.weather import Forecast, PlaceUnknown, Weather, WeatherUnavailable
from tests.fakes.open_meteo_server import OpenMeteoServer
from tests.skill_kit import skill_kit

DAY = date(2026, 3, 5)


@pytest.fixture
async def weather(open_meteo: OpenMeteoServer) -> AsyncIterator[Weather]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield _weather(client, open_meteo.url + "/")


def _weather(client: httpx.AsyncClient, url: str) -> Weather:
    kit = skill_kit("weather", client, NLP_GEOCODING_URL=url, NLP_FORECAST_URL=url)
    return Weather(kit, 1, asyncio.get_running_loop())


async def test_a_forecast_has_the_place_the_sky_and_the_figures_of_its_day(weather: Weather) -> None:
    assert await weather.forecast("上海", DAY, "zh") == Forecast(
        "上海", "China", DAY, "小雨", 28.4, 21.6, 70, 12.5
    )


async def test_the_sky_is_worded_in_the_language_asked_for(weather: Weather) -> None:
    assert (await weather.forecast("Paris", DAY, "en")).words == "light rain"


@pytest.mark.parametrize("name", ["台北", "臺北市", "台北市", " 臺北縣 "])
async def test_a_place_is_found_in_either_script_and_with_or_without_its_ending(
    weather: Weather, name: str
) -> None:
    assert (await weather.forecast(name, DAY, "zh-TW")).place == "臺北市"


async def test_of_places_with_one_name_the_most_populous_is_meant(
    weather: Weather, open_meteo: OpenMeteoServer
) -> None:
    await weather.forecast("Paris", DAY, "en")
    assert open_meteo.called("forecast")[0]["latitude"] == "48.85"
    assert open_meteo.called("search")[0]["language"] == "en"


async def test_a_place_without_known_inhabitants_is_a_place(weather: Weather) -> None:
    assert (await weather.forecast("Kleindorf", DAY, "en")).place == "Kleindorf"


@pytest.mark.parametrize("name", ["亞特蘭提斯", "", "   ", "x" * 10_000])
async def test_a_place_that_nobody_knows_is_unknown(weather: Weather, name: str) -> None:
    with pytest.raises(PlaceUnknown):
        await weather.forecast(name, DAY, "zh")


async def test_another_threads_loop_may_ask(weather: Weather) -> None:
    found = await asyncio.to_thread(lambda: asyncio.run(weather.forecast("上海", DAY, "zh")))
    assert found.place == "上海"


async def test_a_problem_reaches_another_threads_loop(weather: Weather) -> None:
    with pytest.raises(PlaceUnknown):
        await asyncio.to_thread(lambda: asyncio.run(weather.forecast("亞特蘭提斯", DAY, "zh")))


@pytest.mark.parametrize("method", ["search", "forecast"])
@pytest.mark.parametrize(
    "how",
    [
        {"status": 500},
        {"status": 429, "body": {"error": True}},
        {"status": 302, "headers": {"location": "/_calls"}},
        {"drop": True},
        {"stall_s": 3},
    ],
)
async def test_a_server_that_fails_stalls_or_sends_elsewhere_has_no_weather(
    weather: Weather, open_meteo: OpenMeteoServer, method: str, how: dict[str, object]
) -> None:
    open_meteo.fail(method, **how)
    with pytest.raises(WeatherUnavailable):
        await weather.forecast("上海", DAY, "zh")


def _daily(**values: object) -> bytes:
    daily = {
        "time": ["2026-03-05"],
        "weather_code": [1],
        "temperature_2m_max": [9],
        "temperature_2m_min": [1],
    }
    return json.dumps({"daily": daily | values}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"null",
        b'{"daily": 3}',
        b'{"daily": {"time": 7}}',
        _daily(time=["2026-03-06"]),
        _daily(temperature_2m_max=[]),
        _daily(temperature_2m_max=[None]),
        _daily(temperature_2m_max=["warm"]),
        _daily(temperature_2m_min=[float("nan")]),
        _daily(temperature_2m_min=[10**400]),
        b'{"daily": ' + b" " * 1_000_001 + b"}",
    ],
)
async def test_what_is_no_forecast_of_that_day_is_none(
    weather: Weather, open_meteo: OpenMeteoServer, body: bytes
) -> None:
    open_meteo.raw["forecast"] = body
    with pytest.raises(WeatherUnavailable):
        await weather.forecast("上海", DAY, "zh")


async def test_a_forecast_without_rain_wind_or_a_known_code_still_counts(
    weather: Weather, open_meteo: OpenMeteoServer
) -> None:
    open_meteo.raw["forecast"] = _daily(weather_code=[1234])
    assert await weather.forecast("上海", DAY, "zh") == Forecast("上海", "China", DAY, "", 9, 1, None, None)


@pytest.mark.parametrize(
    "results",
    [
        3,
        [3],
        [{"name": 3, "latitude": 1, "longitude": 1}],
        [{"name": "上海", "latitude": "1", "longitude": 1}],
        [{"name": "上海", "latitude": 91, "longitude": 1}],
        [{"name": "上海", "latitude": float("nan"), "longitude": 1}],
        [{"name": "上海", "latitude": 1, "longitude": 10**400}],
    ],
)
async def test_what_is_no_place_is_passed_over(
    weather: Weather, open_meteo: OpenMeteoServer, results: object
) -> None:
    open_meteo.raw["search"] = json.dumps({"results": results}).encode()
    with pytest.raises(PlaceUnknown):
        await weather.forecast("上海", DAY, "zh")


async def test_a_server_that_is_not_there_has_no_weather() -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        weather = _weather(client, "http://127.0.0.1:9")
        with pytest.raises(WeatherUnavailable):
            await weather.forecast("上海", DAY, "zh")


async def test_a_room_that_has_ended_has_no_weather() -> None:
    async def made() -> Weather:
        return _weather(httpx.AsyncClient(trust_env=False), "http://127.0.0.1:9")

    weather = await asyncio.to_thread(lambda: asyncio.run(made()))
    with pytest.raises(WeatherUnavailable):
        await weather.forecast("上海", DAY, "zh")
