"""Weather codes have words; names of places are tried in the forms that a gazetteer may know."""

import pytest

from services.nlp.skills.places import names_to_try
from services.nlp.skills.weather import current
from services.nlp.skills.weather_codes import words_of


def test_a_code_has_a_word_in_either_language() -> None:
    assert (words_of(95, "zh-TW"), words_of(95, "en")) == ("雷雨", "thunderstorm")


def test_a_code_that_the_table_lacks_has_no_word() -> None:
    assert words_of(4, "zh") == ""


@pytest.mark.parametrize(
    ("name", "tried"),
    [
        ("臺北市", ["臺北市", "台北市", "臺北", "台北"]),
        ("上海", ["上海"]),
        ("香港特別行政區", ["香港特別行政區", "香港特别行政区", "香港"]),
        ("津市", ["津市"]),
        (" New   York ", ["New York"]),
        ("", []),
    ],
)
def test_a_name_is_tried_in_both_scripts_and_without_its_ending(name: str, tried: list[str]) -> None:
    assert names_to_try(name) == tried


def test_a_room_without_weather_says_so() -> None:
    assert current.get() is None
