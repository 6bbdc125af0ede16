"""Which messages of a Telegram group, and of people who are not quite people, are for the bot."""

from typing import Any

import pytest

from contracts.account import GroupMode
from contracts.control import DeleteRequested, StopRequested
from contracts.event import CommandGiven, MessageSent
from contracts.inbox import Arrival
from services.gateway.channels.telegram import parse
from services.gateway.errors import NameUnknown
from tests.payloads import payload
from tests.unit.gateway.telegram_updates import BOT, GROUP, MESSAGE_FROM_BOT, command, event_of, update

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL = {"id": -100777, "title": "A channel", "type": "channel"}
FORWARD = {"type": "hidden_user", "date": 1790000000, "sender_user_name": "Bob"}


def in_group(mode: GroupMode, found: dict[str, Any], group: str = "-1001234") -> list[Arrival]:
    """The Arrivals where the settings say this of a group."""
    return parse(found, "default", BOT, {group: mode})


def test_in_a_group_only_a_mention_or_a_reply_to_the_bot_is_answered() -> None:
    other = MESSAGE_FROM_BOT["from"] | {"username": "other_bot"}
    reply_to_other = {"reply_to_message": MESSAGE_FROM_BOT | {"from": other}}
    assert parse(update(chat=GROUP), "default", BOT) == []
    assert parse(update(chat=GROUP, **reply_to_other), "default", BOT) == []
    assert event_of(update(chat=GROUP, reply_to_message=MESSAGE_FROM_BOT)).text == "hello there"
    assert event_of(update(chat=GROUP, text="@test_bot hi")).text == "hi"


def test_a_mention_in_capitals_is_ours_and_is_not_part_of_the_text() -> None:
    assert event_of(update(chat=GROUP, text="@Test_Bot hi")).text == "hi"


def test_a_bot_whose_name_begins_like_ours_is_not_ours() -> None:
    assert parse(update(chat=GROUP, text="@test_bot_two hi"), "default", BOT) == []


def test_an_address_that_looks_like_a_mention_is_none() -> None:
    assert parse(update(chat=GROUP, text="write to me@test_bot please"), "default", BOT) == []


def test_a_group_that_is_always_answered_needs_no_mention() -> None:
    [arrival] = in_group("always", update(chat=GROUP, text="hi @test_bot"))
    assert isinstance(arrival.event, MessageSent)
    assert arrival.event.text == "hi"
    assert in_group("always", update(chat=GROUP))


def test_a_group_that_is_never_answered_hears_nothing_at_all() -> None:
    for found in (
        update(chat=GROUP, text="@test_bot hi"),
        update(chat=GROUP, reply_to_message=MESSAGE_FROM_BOT),
        command("/start", "/start", chat=GROUP),
        command("/stop", "/stop", chat=GROUP),
    ):
        assert in_group("never", found) == []
    pressed = payload("telegram-button")
    pressed["callback_query"]["message"]["chat"] = GROUP
    assert in_group("never", pressed) == []


def test_a_private_chat_is_answered_whatever_the_groups_say() -> None:
    assert in_group("never", update(), group="*")


def test_a_topic_may_differ_from_its_group_and_a_group_from_all_others() -> None:
    plain = update("telegram-topic", text="hello there", entities=[])
    modes: dict[str, GroupMode] = {"-1001234:7": "always", "-1001234": "never", "*": "always"}
    assert parse(plain, "default", BOT, modes)
    assert parse(update(chat=GROUP), "default", BOT, modes) == []
    assert parse(update(chat=GROUP | {"id": -55}), "default", BOT, modes)


def test_an_anonymous_admin_is_known_by_the_group() -> None:
    event = event_of(update(**{"from": ANONYMOUS}, chat=GROUP, sender_chat=GROUP, text="@test_bot hi"))
    assert (event.user.id, event.user.locale) == ("-1001234", None)


def test_who_writes_as_a_channel_is_known_by_that_channel() -> None:
    found = update(**{"from": ANONYMOUS}, chat=GROUP, sender_chat=CHANNEL, text="@test_bot hi")
    assert event_of(found).user.id == "-100777"


def test_posts_that_a_channel_brings_into_its_group_are_not_answered() -> None:
    post = update(chat=GROUP, sender_chat=CHANNEL, is_automatic_forward=True, text="@test_bot news")
    assert in_group("always", post) == []


def test_a_forwarded_mention_is_not_meant_for_the_bot() -> None:
    forwarded = update(chat=GROUP, text="@test_bot hi", forward_origin=FORWARD)
    assert parse(forwarded, "default", BOT) == []
    assert in_group("always", forwarded)
    assert event_of(update(forward_origin=FORWARD)).text == "hello there"


@pytest.mark.parametrize(
    "found",
    [
        update(chat=GROUP, text="@test_bot hi"),
        update(chat=GROUP, reply_to_message=MESSAGE_FROM_BOT),
        command("/start@test_bot", "/start@test_bot", chat=GROUP),
    ],
)
def test_before_the_bot_knows_its_name_who_names_a_bot_is_asked_to_come_again(found: dict[str, Any]) -> None:
    with pytest.raises(NameUnknown):
        parse(found, "default")
    assert parse(found, "default", BOT)


def test_before_the_bot_knows_its_name_what_names_nobody_is_taken_as_ever() -> None:
    assert parse(update(), "default")
    assert parse(update(chat=GROUP), "default") == []
    assert parse(command("/start", "/start", chat=GROUP), "default")


def test_a_forwarded_command_is_a_text() -> None:
    assert isinstance(event_of(command("/stop", "/stop", forward_origin=FORWARD)), MessageSent)


def test_opening_a_topic_is_no_message_that_one_replies_to() -> None:
    opening = MESSAGE_FROM_BOT | {"forum_topic_created": {"name": "t", "icon_color": 1}}
    inside = update(chat=GROUP, reply_to_message=opening, message_thread_id=9, is_topic_message=True)
    assert parse(inside, "default", BOT) == []
    event = event_of(command("/delete", "/delete", chat=GROUP, reply_to_message=opening))
    assert isinstance(event, CommandGiven)


def test_a_group_that_moves_says_nothing() -> None:
    moved = update(chat=GROUP, migrate_to_chat_id=-100200, text=None)
    assert in_group("always", moved) == []


def test_each_photo_of_an_album_has_the_caption_that_stands_under_it() -> None:
    album = [
        update("telegram-photo", media_group_id="a1", caption="who is this?"),
        update("telegram-photo", media_group_id="a1", message_id=13),
    ]
    events = [event_of(found | {"update_id": number}) for number, found in enumerate(album)]
    assert [event.text for event in events] == ["who is this?", ""]
    assert all(event.photo for event in events)
    assert len({event.event_id for event in events}) == 2


def test_delete_in_reply_to_the_bot_names_the_message() -> None:
    event = event_of(command("/delete", "/delete", chat=GROUP, reply_to_message=MESSAGE_FROM_BOT))
    assert isinstance(event, DeleteRequested)
    assert (event.message_id, event.user.id) == ("9", "1001")


@pytest.mark.parametrize("replied", [None, "person", "other_bot"])
def test_delete_of_what_is_not_the_bots_is_a_command_that_is_answered(replied: str | None) -> None:
    author = MESSAGE_FROM_BOT["from"] | {"username": replied, "is_bot": replied == "other_bot"}
    reply = {"reply_to_message": MESSAGE_FROM_BOT | {"from": author}} if replied else {}
    event = event_of(command("/delete", "/delete", chat=GROUP, **reply))
    assert isinstance(event, CommandGiven)
    assert event.name == "delete"


def test_a_command_for_the_bot_by_name_keeps_its_parameters() -> None:
    event = event_of(command("/persona@test_bot pirate", "/persona@test_bot", chat=GROUP))
    assert (event.name, event.text) == ("persona", "pirate")
    assert isinstance(event_of(command("/stop@test_bot", "/stop@test_bot", chat=GROUP)), StopRequested)
