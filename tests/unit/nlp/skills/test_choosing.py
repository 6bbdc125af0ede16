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
        ("最後那個", LAST),
        ("the last article", LAST),
        ("倒數第二個", -2),
        ("number two", 2),
        ("show me number 4", 4),
        ("the fourth headline", 4),
        ("tell me more about the third one", 3),
        ("let me see the second", 2),
        ("第一則新聞", 1),
        ("第 3 則", 3),
        ("給我第四個", 4),
        ("我要看第四則的詳細內容", 4),
        ("選2", 2),
        ("我選三", 3),
        ("選項三", 3),
    ],
)
def test_a_place_is_named_by_number_and_by_ordinal(text: str, place: int) -> None:
    assert place_of(text) == place


NO_PLACES = ("", "hello", "4 people", "2024", "give me 4 apples", "one of them", "-4", "4e9", "?", "one more")
NO_CHINESE_PLACES = ("第", "一起去", "念一首詩", "來一個笑話", "第二次世界大戰", "三百乘以七", "第三天")


@pytest.mark.parametrize("text", [*NO_PLACES, "the one", "give me two recipes", *NO_CHINESE_PLACES])
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
        ("更多新聞", MORE),
        ("看更多", MORE),
        ("more news", MORE),
        ("前一頁", BACK),
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


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the one about the typhoon", 1),
        ("tell me about Paris", 3),
        ("那則颱風的", 2),
        ("關於台灣的那則", 2),
        ("the one about rain", None),
        ("關於", None),
    ],
)
def test_words_around_a_part_of_a_title_are_passed_over_where_nothing_else_is_meant(
    text: str, place: int | None
) -> None:
    assert titled(text, TITLES) == place
    assert titled(text, TITLES, is_loose=False) is None
