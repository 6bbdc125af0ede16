"""The Chinese assistant in a running room: turns over HTTP, trackers in Redis, weather from a stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import message
from tests.fakes.open_meteo_server import OpenMeteoServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")


@pytest.fixture(scope="module")
def zh_room(
    folder: Path, redis_process: RedisProcess, open_meteo_server: OpenMeteoServer
) -> Iterator[NlpRoom]:
    with NlpRoom(
        folder,
        redis_process.url,
        NLP_BOT="weather-zh",
        NLP_GEOCODING_URL=open_meteo_server.url,
        NLP_FORECAST_URL=open_meteo_server.url,
    ) as room:
        yield room


def test_a_room_asks_for_day_and_place_and_tells_the_weather(zh_room: NlpRoom) -> None:
    assert zh_room.says(message("查天氣")) == ["請問要查哪一天的天氣？"]
    assert zh_room.says(message("明天")) == ["請問要查哪裡的天氣？"]
    assert "臺北市" in zh_room.says(message("臺北"))[0]
    assert "上海" in zh_room.says(message("上海呢"))[0]


def test_who_writes_in_simplified_characters_is_answered_in_them(zh_room: NlpRoom) -> None:
    assert zh_room.says(message("查天气")) == ["请问要查哪一天的天气？"]
    assert zh_room.says(message("后天")) == ["请问要查哪里的天气？"]


def test_people_in_two_conversations_are_asked_apart(zh_room: NlpRoom) -> None:
    assert zh_room.says(message("查天氣", "web:a")) == ["請問要查哪一天的天氣？"]
    assert "我還不會查車牌。" in zh_room.says(message("我想查車牌", "web:b"))[0]
    assert zh_room.says(message("明天", "web:a")) == ["請問要查哪裡的天氣？"]


def test_a_server_that_is_down_is_told_in_a_sentence(zh_room: NlpRoom, open_meteo: OpenMeteoServer) -> None:
    open_meteo.fail("search", status=503)
    assert zh_room.says(message("台北明天會下雨嗎")) == ["抱歉，現在查不到天氣，請過一會兒再試。"]
