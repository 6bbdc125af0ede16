"""The air of a place, in figures and words."""

from pathlib import Path
from typing import Any

import pytest

from services.nlp.skills.air import level
from services.nlp.skills.base import ArgumentMissing, Skill, SkillProblem
from tests.unit.nlp.skills.sources import Web, ask

PLACES = "https://geocoding-api.open-meteo.com/v1/search"
AIR = "https://air-quality-api.open-meteo.com/v1/air-quality"
TAIPEI = {"results": [{"name": "臺北", "latitude": 25.0, "longitude": 121.5, "population": 7_000_000}]}
NOW = {"us_aqi": 112, "pm2_5": 40.5, "pm10": None, "ozone": 60}


def air(current: Any = NOW) -> Skill:
    web = Web(**{PLACES: TAIPEI, AIR: {"current": current}})
    return web.workshop().make(Path("none"), ("air",))["air"]


async def test_the_air_of_a_place_is_told_without_the_figures_that_are_not_known() -> None:
    told = (await ask(air(), "zh-Hant", place="台北")).reply.text
    assert told == (
        "**臺北**的空氣品質：對敏感族群不健康（美國 AQI 112）\n\nPM2.5 40.5 µg/m³ · O₃ 60 µg/m³\n\n"
        "資料來源：[Open-Meteo](https://open-meteo.com)"
    )


@pytest.mark.parametrize("current", [None, [], {}, {"us_aqi": "40"}, {"us_aqi": True}, {"us_aqi": -1}])
async def test_without_an_index_nothing_is_told(current: Any) -> None:
    with pytest.raises(SkillProblem, match="skill_unavailable"):
        await ask(air(current), place="台北")


async def test_without_a_place_it_asks_for_one() -> None:
    with pytest.raises(ArgumentMissing):
        await ask(air())


@pytest.mark.parametrize(
    ("index", "key"),
    [
        (0, "air_good"),
        (50, "air_good"),
        (51, "air_moderate"),
        (150, "air_sensitive"),
        (200, "air_unhealthy"),
        (300, "air_very_unhealthy"),
        (301, "air_hazardous"),
    ],
)
def test_an_index_has_the_words_of_its_level(index: float, key: str) -> None:
    assert level(index) == key
