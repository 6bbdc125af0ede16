"""Numbers, ordinals, parts of titles, more and back, in English and in Chinese of both scripts."""

import pytest

from services.nlp.skills.choosing import BACK, LAST, MORE, place_of, titled, turning

TITLES = ["Rain in Taipei", "Typhoon nears the coast", "颱風逼近臺灣", "Rain in Paris", "BBC News at ten"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("4", 4),
        ("４", 4),
        ("4.", 4),
        ("#4", 4),
        ("no. 4", 4),
        ("number 4", 4),
        ("the 2nd", 2),
        ("second", 2),
        ("the second one", 2),
        ("The third one, please", 3),
        ("show me the first", 1),
        ("two", 2),
        ("第二個", 2),
        ("第二个", 2),
        ("第2則", 2),
        ("第十一首", 11),
        ("我要第三篇", 3),
        ("二", 2),
        ("兩個", 2),
        ("2號", 2),
        ("十", 10),
        ("last", LAST),
        ("the last one", LAST),
        ("最後一個", LAST),
        ("最后一个", LAST),
        ("最後一則", LAST),
    ],
)
def test_a_place_is_named_by_number_and_by_ordinal(text: str, place: int) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize(
    "text",
    ["", "hello", "4 people", "2024", "give me 4 apples", "one of them", "第", "一起去", "-4", "4e9", "?"],
)
def test_what_names_no_place_is_none(text: str) -> None:
    assert place_of(text) is None


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("more", MORE),
        ("More please", MORE),
        ("next page", MORE),
        ("更多", MORE),
        ("還有嗎？", MORE),
        ("下一頁", MORE),
        ("back", BACK),
        ("返回", BACK),
        ("上一頁", BACK),
        ("上一页", BACK),
        ("more rain", None),
        ("back pain", None),
    ],
)
def test_a_page_is_turned_in_words_of_its_own(text: str, turn: str | None) -> None:
    assert turning(text) == turn


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("typhoon", 1),
        ("TYPHOON NEARS", 1),
        ("台風逼近台灣", 2),
        ("颱風", 2),
        ("台湾", 2),
        ("Rain in Paris", 3),
        ("rain", None),
        ("hoon", None),
        ("", None),
        ("at", None),
        ("x" * 61, None),
    ],
)
def test_a_part_of_one_title_chooses_it_and_of_several_none(text: str, place: int | None) -> None:
    assert titled(text, TITLES) == place
