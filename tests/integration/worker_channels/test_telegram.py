"""The Telegram channel against a stand-in for Telegram, with a real pacer."""

from pathlib import Path

import pytest
from redis.asyncio import Redis

from contracts.control import DeleteRequested
from contracts.event import ButtonPressed, Event, MessageSent, Person, PhotoRef
from contracts.reply import Button, Reply
from services.gateway.buttons import with_payloads
from services.gateway.channels.telegram import parse
from services.worker.channels.limits import PHOTO_BYTES
from services.worker.channels.telegram import TelegramChannel
from services.worker.errors import ChannelFailed, PhotoGone, PhotoTooLarge, RateLimited
from tests.fakes.delivery import MemoryDelivery
from tests.fakes.telegram_server import TOKEN, TelegramServer
from tests.payloads import payload

CHAT = "telegram:default:1001"


def message(conversation_id: str = CHAT) -> Event:
    return MessageSent(event_id="e1", conversation_id=conversation_id, at=1, user=Person(id="7"), text="hi")


async def say(channel: TelegramChannel, reply: Reply, conversation_id: str = CHAT) -> MemoryDelivery:
    delivery = MemoryDelivery()
    await channel.sink(message(conversation_id), delivery).finish(0, reply)
    return delivery


async def test_formatting_arrives_as_entities(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    await say(telegram_channel, Reply(text="😀 **bold** and [a link](https://example.org)"))
    [shown] = telegram.messages(1001)
    assert shown["text"] == "😀 bold and a link"
    assert [(e["type"], e["offset"], e["length"]) for e in shown["entities"]] == [
        ("bold", 3, 4),
        ("text_link", 12, 6),
    ]


async def test_a_reply_goes_to_the_topic_it_was_asked_in(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    await say(telegram_channel, Reply(text="here"), "telegram:default:-1002:77")
    assert telegram.messages(-1002)[0]["message_thread_id"] == 77


async def test_the_general_topic_is_not_named(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    await say(telegram_channel, Reply(text="here"), "telegram:default:-1002:1")
    assert telegram.texts(-1002) == ["here"]


async def test_buttons_become_a_keyboard(telegram: TelegramServer, telegram_channel: TelegramChannel) -> None:
    buttons = (Button(title="Yes", payload="/affirm"), Button(title="No", payload="/deny"))
    await say(telegram_channel, Reply(text="Sure?", buttons=buttons))
    rows = telegram.messages(1001)[0]["reply_markup"]["inline_keyboard"]
    assert [row[0]["callback_data"] for row in rows] == ["/affirm", "/deny"]


async def test_a_cover_and_a_button_that_opens_a_page_arrive(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    listen = Button(title="Listen", payload="", url="https://widget.example/?id=1")
    await say(telegram_channel, Reply(text="Blue", image="https://i.example/1000.jpg", buttons=(listen,)))
    [shown] = telegram.messages(1001)
    assert (shown["caption"], bool(shown["photo"])) == ("Blue", True)
    assert shown["reply_markup"]["inline_keyboard"][0][0]["url"] == "https://widget.example/?id=1"


async def test_an_address_that_telegram_refuses_does_not_cost_the_message(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    home = Button(title="Home", payload="", url="http://localhost/")
    await say(
        telegram_channel, Reply(text="**Here**", buttons=(home, Button(title="Yes", payload="/affirm")))
    )
    [shown] = telegram.messages(1001)
    assert shown["text"] == "Here"
    assert [row[0]["text"] for row in shown["reply_markup"]["inline_keyboard"]] == ["Yes"]


async def test_a_payload_that_telegram_has_no_room_for_is_what_its_button_says_when_pressed(
    telegram: TelegramServer, telegram_channel: TelegramChannel, redis_client: Redis
) -> None:
    longer = Button(title="Longer", payload='/ask{"city": "' + "x" * 90 + '"}')
    await say(telegram_channel, Reply(text="Sure?", buttons=(longer,)))
    [[button]] = telegram.messages(1001)[0]["reply_markup"]["inline_keyboard"]
    pressed = payload("telegram-button")
    pressed["callback_query"]["data"] = button["callback_data"]
    [arrival] = await with_payloads(parse(pressed, "default"), redis_client)
    assert isinstance(arrival.event, ButtonPressed)
    assert arrival.event.payload == longer.payload


async def test_a_pressed_button_is_answered(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    pressed = ButtonPressed(
        event_id="e2", conversation_id=CHAT, at=1, user=Person(id="7"), payload="/affirm", callback_id="cb1"
    )
    await telegram_channel.sink(pressed, MemoryDelivery()).open()
    assert telegram.answered == ["cb1"]
    assert telegram.called("sendChatAction")


async def test_typing_that_is_refused_does_no_harm(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    telegram.fail("sendChatAction", status=500)
    sink = telegram_channel.sink(message(), MemoryDelivery())
    await sink.open()
    await sink.finish(0, Reply(text="well"))
    assert telegram.texts(1001) == ["well"]


async def test_a_picture_carries_its_text(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    await say(telegram_channel, Reply(text="**Look**", image="https://example.org/cat.jpg"))
    [shown] = telegram.messages(1001)
    assert shown["caption"] == "Look"
    assert shown["photo"][0]["file_id"] == "https://example.org/cat.jpg"


@pytest.mark.parametrize("place", ["{}", "file://{}"])
async def test_a_picture_is_never_a_file_of_the_workers(
    telegram: TelegramServer, telegram_channel: TelegramChannel, tmp_path: Path, place: str
) -> None:
    (tmp_path / "key").write_bytes(b"not to be seen")
    await say(telegram_channel, Reply(text="Look", image=place.format(tmp_path / "key")))
    assert telegram.texts(1001) == ["Look"]
    assert b"not to be seen" not in [value for call in telegram.calls for value in call.args.values()]


async def test_a_long_text_and_its_picture_are_two_messages(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    await say(telegram_channel, Reply(text="word " * 300, image="https://example.org/cat.jpg"))
    text, picture = telegram.messages(1001)
    assert len(text["text"]) > 1024
    assert picture["photo"]


async def test_a_picture_that_telegram_cannot_get_becomes_a_link(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    telegram.bad_pictures.add("https://example.org/gone.jpg")
    await say(telegram_channel, Reply(text="Look", image="https://example.org/gone.jpg"))
    assert telegram.texts(1001) == ["Look\n\nhttps://example.org/gone.jpg"]


async def test_a_streamed_text_becomes_a_picture_with_its_caption(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    sink = telegram_channel.sink(message(), MemoryDelivery())
    await sink.append(0, "Here comes a cat")
    await sink.finish(0, Reply(text="Here comes a cat", image="https://example.org/cat.jpg"))
    [shown] = telegram.messages(1001)
    assert (shown["caption"], bool(shown["photo"])) == ("Here comes a cat", True)


async def test_entities_that_are_refused_are_left_out(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    refusal = {"ok": False, "error_code": 400, "description": "Bad Request: can't parse entities"}
    telegram.fail("sendMessage", status=400, body=refusal)
    await say(telegram_channel, Reply(text="**bold** text"))
    [shown] = telegram.messages(1001)
    assert (shown["text"], shown["entities"]) == ("bold text", [])


async def test_a_group_that_became_a_supergroup_is_followed(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    moved = {"ok": False, "description": "group upgraded", "parameters": {"migrate_to_chat_id": -100200}}
    telegram.fail("sendMessage", status=400, body=moved)
    await say(telegram_channel, Reply(text="here"), "telegram:default:-5")
    assert telegram.texts(-100200) == ["here"]


async def test_a_person_who_blocked_the_bot_is_not_tried_again(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    telegram.blocked.add("1001")
    with pytest.raises(ChannelFailed) as failed:
        await say(telegram_channel, Reply(text="hello"))
    assert (failed.value.retryable, failed.value.code) == (False, "telegram_forbidden")


async def test_a_bot_without_a_token_fails_the_reply_and_not_the_opening(
    telegram_channel: TelegramChannel,
) -> None:
    sink = telegram_channel.sink(message("telegram:unknown:1"), MemoryDelivery())
    await sink.open()
    with pytest.raises(ChannelFailed):
        await sink.finish(0, Reply(text="hello"))


async def test_no_error_holds_the_token_or_the_text(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    telegram.tokens.clear()
    with pytest.raises(ChannelFailed) as failed:
        await say(telegram_channel, Reply(text="private words"))
    assert failed.value.code == "telegram_token_refused"
    assert TOKEN not in str(failed.value)
    assert "private" not in str(failed.value)


async def test_a_photo_is_fetched_into_memory(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    telegram.add_file("f1", b"jpeg")
    assert await telegram_channel.fetch(message(), PhotoRef(source="telegram", id="f1")) == b"jpeg"


async def test_a_photo_that_is_gone_says_so(telegram_channel: TelegramChannel) -> None:
    with pytest.raises(PhotoGone):
        await telegram_channel.fetch(message(), PhotoRef(source="telegram", id="nowhere"))


@pytest.mark.parametrize("size", [PHOTO_BYTES + 1, 2 * PHOTO_BYTES + 1])
async def test_a_photo_over_ten_megabytes_is_not_taken(
    telegram: TelegramServer, telegram_channel: TelegramChannel, size: int
) -> None:
    telegram.add_file("big", bytes(size))
    with pytest.raises(PhotoTooLarge):
        await telegram_channel.fetch(message(), PhotoRef(source="telegram", id="big"))


async def test_a_photo_is_asked_for_again_when_telegram_says_and_not_before(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    telegram.add_file("f1", b"jpeg")
    limited = {"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 300}}
    telegram.fail("getFile", status=429, body=limited)
    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            await telegram_channel.fetch(message(), PhotoRef(source="telegram", id="f1"))
        assert 290 < caught.value.retry_after_s <= 300
    assert len(telegram.called("getFile")) == 1


async def test_a_message_is_deleted_once_and_again(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    delivery = await say(telegram_channel, Reply(text="oops"))
    [message_id] = delivery.sent(0) or ()
    request = DeleteRequested(
        event_id="d", conversation_id=CHAT, at=1, user=Person(id="7"), message_id=message_id
    )
    await telegram_channel.delete(request)
    await telegram_channel.delete(request)
    assert telegram.messages(1001) == []


async def test_a_deletion_waits_as_long_as_telegram_says(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    delivery = await say(telegram_channel, Reply(text="away with it"))
    [message_id] = delivery.sent(0) or ()
    request = DeleteRequested(
        event_id="d", conversation_id=CHAT, at=1, user=Person(id="7"), message_id=message_id
    )
    limited = {"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 60}}
    telegram.fail("deleteMessage", status=429, body=limited)
    for _ in range(2):
        with pytest.raises(ChannelFailed) as caught:
            await telegram_channel.delete(request)
        assert caught.value.retryable
    assert len(telegram.called("deleteMessage")) == 1


async def test_a_chat_hears_at_most_one_message_a_second(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    telegram.limits.enforced = True
    sink = telegram_channel.sink(message(), MemoryDelivery())
    for index in range(3):
        await sink.finish(index, Reply(text=f"part {index}"))
    assert telegram.texts(1001) == ["part 0", "part 1", "part 2"]
    assert len(telegram.called("sendMessage")) == 3
