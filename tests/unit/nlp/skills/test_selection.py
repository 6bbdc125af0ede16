"""A list is shown a page at a time, kept small, and chosen from until another one takes its place."""

import json

import pytest

from foundation.words import LANGUAGES
from services.nlp.skills.base import Choice
from services.nlp.skills.selection import (
    MAX_BYTES,
    MAX_CHOICES,
    PAGE,
    Picked,
    Selection,
    closed,
    kept,
    opened,
    picked,
    pressed,
)


def headlines(count: int = 12) -> Selection:
    return opened(
        "news", "**Today**", [Choice(f"Story {n} of *many*", {"id": n}) for n in range(1, count + 1)]
    )


def again(selection: Selection) -> Selection | None:
    """As the next turn finds it."""
    events = json.loads(json.dumps(selection.events()))
    return kept({event["name"]: event["value"] for event in events})


def test_a_page_has_its_entries_numbered_and_a_button_for_each() -> None:
    reply = headlines().reply("en")
    assert reply.text.startswith("**Today**\n\n1. Story 1 of \\*many\\*\n2. ")
    assert [button.title for button in reply.buttons][-2:] == ["5. Story 5 of *many*", "More"]


def test_numbers_go_on_over_the_pages() -> None:
    selection = headlines()
    more = picked(selection, "more", is_sure=False)
    assert more == Picked(page=1)
    last = Selection(selection.skill, selection.head, selection.choices, 2)
    assert "\n12. Story 12" in last.reply("zh-Hant").text
    assert [button.title for button in last.reply("zh-Hant").buttons][-1] == "上一頁"


@pytest.mark.parametrize("language", LANGUAGES)
def test_payloads_fit_where_telegram_allows_64_bytes(language: str) -> None:
    reply = headlines(50).reply(language)  # type: ignore[arg-type]
    assert max(len(button.payload.encode()) for button in reply.buttons) <= 64


def test_a_list_is_the_same_in_the_next_turn() -> None:
    assert again(headlines()) == headlines()


@pytest.mark.parametrize("value", [None, 3, {}, {"choices": 3}, {"skill": "a", "head": "", "choices": [3]}])
def test_what_is_no_list_is_none(value: object) -> None:
    assert kept({"skill_list": value, "skill_page": 0}) is None


def test_a_page_that_is_not_there_is_the_first() -> None:
    slots = {event["name"]: event["value"] for event in headlines().events()}
    assert kept({**slots, "skill_page": 99}) == headlines()


def test_a_list_is_bounded_in_number_and_in_bytes() -> None:
    assert len(headlines(500).choices) == MAX_CHOICES
    large = opened("news", "", [Choice("很長的標題" * 100, {"id": "x" * 500}) for _ in range(50)])
    assert 0 < len(large.choices) < MAX_CHOICES
    assert len(json.dumps(large.events(), ensure_ascii=False).encode()) < MAX_BYTES + 500


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4", Picked(place=3)),
        ("第二個", Picked(place=1)),
        ("最後一個", Picked(place=11)),
        ("story 12", Picked(place=11)),
        ("13", Picked(key="skill_list_range")),
        ("返回", Picked(page=0)),
        ("what is the weather", None),
        ("story", None),
    ],
)
def test_a_message_chooses_or_is_about_something_else(text: str, found: Picked | None) -> None:
    assert picked(headlines(), text, is_sure=False) == found


def test_what_the_bot_understands_itself_is_no_part_of_a_title() -> None:
    selection = opened("news", "", [Choice("Hello, world: a history of greetings", {})])
    assert picked(selection, "hello", is_sure=False) == Picked(place=0)
    assert picked(selection, "hello", is_sure=True) is None
    assert picked(selection, "a history of greetings", is_sure=True) == Picked(place=0)


def test_behind_the_last_page_there_is_no_more() -> None:
    selection = headlines()
    last = Selection(selection.skill, selection.head, selection.choices, 2)
    assert picked(last, "more", is_sure=False) == Picked(key="skill_list_end")


def test_a_button_chooses_from_its_own_list_only() -> None:
    reply = headlines().reply("en")
    assert pressed(headlines(), reply.buttons[3].payload) == Picked(place=3)
    assert pressed(headlines(), reply.buttons[PAGE].payload) == Picked(page=1)
    assert pressed(headlines(3), reply.buttons[0].payload) == Picked(key="skill_list_gone")
    assert pressed(None, reply.buttons[0].payload) == Picked(key="skill_list_gone")
    assert pressed(headlines(), "/skill_choice") == Picked(key="skill_list_gone")


def test_only_an_open_list_is_closed() -> None:
    assert closed({}) == []
    slots = {event["name"]: event["value"] for event in headlines().events()}
    assert [event["value"] for event in closed(slots)] == [None, None]
