"""Skills in a running room: by command, with what they ask back, from lists, in the person's language."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from contracts.event import CommandGiven
from tests.builders import message
from tests.fakes.open_meteo_server import OpenMeteoServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")


@pytest.fixture(scope="module")
def skill_room(
    folder: Path, redis_process: RedisProcess, open_meteo_server: OpenMeteoServer
) -> Iterator[NlpRoom]:
    with NlpRoom(
        folder,
        redis_process.url,
        NLP_BOT="demo",
        NLP_GEOCODING_URL=open_meteo_server.url,
        NLP_FORECAST_URL=open_meteo_server.url,
    ) as room:
        yield room


def command(name: str, text: str = "", locale: str | None = None) -> CommandGiven:
    facts = message("x", "web:a", locale=locale).model_dump(exclude={"kind", "text", "photo"})
    return CommandGiven(**facts, name=name, text=text)


def test_a_command_is_answered_by_its_skill(skill_room: NlpRoom) -> None:
    (text,) = skill_room.says(command("weather", "Paris tomorrow"))
    assert [part in text for part in ("**Paris**", "light rain", "Open-Meteo")] == [True] * 3


def test_a_command_is_a_message_where_the_channel_knows_none(skill_room: NlpRoom) -> None:
    assert "**上海**" in skill_room.says(message("/weather 上海 明天"))[0]


def test_a_skill_asks_back_and_the_next_message_is_the_answer(skill_room: NlpRoom) -> None:
    assert skill_room.says(command("weather")) == ["For which place?"]
    assert "**Paris**" in skill_room.says(message("Paris", "web:a"))[0]
    assert "**Paris**" not in skill_room.says(message("Paris", "web:a"))[0]


def test_what_is_understood_otherwise_is_no_answer(skill_room: NlpRoom) -> None:
    skill_room.says(command("weather"))
    assert "Paris" not in skill_room.says(message("goodbye", "web:a"))[0]
    assert "**Paris**" not in skill_room.says(message("Paris", "web:a"))[0]


def test_a_problem_is_a_sentence_in_the_persons_language(skill_room: NlpRoom) -> None:
    assert "Nirgendwo" in skill_room.says(command("weather", "Nirgendwo", locale="zh-TW"))[0]
    assert "不知道" in skill_room.says(command("weather", "Nirgendwo", locale="zh-TW"))[0]


def test_help_is_the_bots_own_and_a_line_for_each_skill(skill_room: NlpRoom) -> None:
    (english,) = skill_room.says(command("help"))
    assert "`/weather Taipei tomorrow`" in english
    assert not english.startswith("Also, by command")
    assert "查天氣" in skill_room.says(command("help", locale="zh-TW"))[0]


@pytest.mark.parametrize("conversation", ["web:w", "telegram:bot:7", "slack:T1:D1"])
def test_weather_without_a_place_is_asked_for_and_then_told(skill_room: NlpRoom, conversation: str) -> None:
    assert skill_room.says(message("what is the weather", conversation)) == ["For which place?"]
    assert "**Paris**" in skill_room.says(message("Paris", conversation))[0]


def test_weather_of_a_place_and_day_is_told_at_once(skill_room: NlpRoom, open_meteo: OpenMeteoServer) -> None:
    assert "**Paris**" in skill_room.says(message("what is the weather in Paris tomorrow", "web:t"))[0]
    (asked,) = open_meteo.called("forecast")
    assert asked["start_date"] > date.today().isoformat()


def test_what_is_known_is_not_asked_again(skill_room: NlpRoom, open_meteo: OpenMeteoServer) -> None:
    first, second = (skill_room.says(command("weather", "Kaohsiung")) for _ in range(2))
    assert first == second
    assert len(open_meteo.called("search")) <= 1
