"""A reply with a picture of ours: one message, shown once, and never worth failing for."""

from collections.abc import Callable

import pytest

from contracts.event import Event, MessageSent, Person
from contracts.reply import Button, Reply
from services.worker.channels.base import Channel
from services.worker.channels.slack import SlackChannel
from services.worker.channels.telegram import TelegramChannel
from services.worker.errors import ChannelFailed
from tests.fakes.delivery import MemoryDelivery
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer

TELEGRAM, SLACK = "telegram:default:1001", "slack:T1:C1:1790000000.000100"
JPEG = b"\xff\xd8\xff and the rest of both faces"
FOUND = Reply(text="You look like **Ann**: *a striking* resemblance")


def event(conversation_id: str) -> Event:
    return MessageSent(event_id="e1", conversation_id=conversation_id, at=1, user=Person(id="7"), text="")


async def show(
    channel: Channel, place: str, delivery: MemoryDelivery, reply: Reply = FOUND, picture: bytes | None = JPEG
) -> None:
    await channel.sink(event(place), delivery).finish(0, reply, picture)


def telegram_pictures(server: TelegramServer) -> list[bytes]:
    shown = [message["photo"][0]["file_id"] for message in server.messages(1001) if "photo" in message]
    return [server.uploaded[file_id] for file_id in shown]


async def test_telegram_shows_the_picture_with_the_text_as_its_caption(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    delivery = MemoryDelivery()
    reply = FOUND.model_copy(update={"buttons": (Button(title="Again", payload="/again"),)})
    await show(telegram_channel, TELEGRAM, delivery, reply)
    [message] = telegram.messages(1001)
    assert message["caption"] == "You look like Ann: a striking resemblance"
    assert "/again" in str(message["reply_markup"])
    assert telegram_pictures(telegram) == [JPEG]
    assert delivery.sent(0) == (str(message["message_id"]),)


async def test_telegram_shows_a_text_too_long_for_a_caption_before_the_picture(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    await show(telegram_channel, TELEGRAM, MemoryDelivery(), Reply(text="word " * 300))
    text, picture = telegram.messages(1001)
    assert len(text["text"]) > 1024
    assert (picture["caption"], telegram_pictures(telegram)) == ("", [JPEG])


@pytest.mark.parametrize("text", [FOUND.text, "word " * 300])
async def test_telegram_shows_the_text_where_the_picture_is_refused(
    telegram: TelegramServer, telegram_channel: TelegramChannel, text: str
) -> None:
    refused = b"no picture"
    await show(telegram_channel, TELEGRAM, MemoryDelivery(), Reply(text=text), refused)
    assert telegram_pictures(telegram) == []
    assert telegram.texts(1001)[0].split() == text.replace("*", "").split()


async def test_a_takeover_on_telegram_leaves_one_message_with_the_picture(
    telegram: TelegramServer, telegram_channel: TelegramChannel
) -> None:
    first = MemoryDelivery()
    await show(telegram_channel, TELEGRAM, first)
    await show(telegram_channel, TELEGRAM, first.taken_over())
    assert telegram_pictures(telegram) == [JPEG]
    await show(telegram_channel, TELEGRAM, first.taken_over(), picture=None)
    assert telegram_pictures(telegram) == [JPEG]
    assert len(telegram.called("sendPhoto")) == 1


async def test_slack_shows_text_and_picture_in_one_message_of_the_thread(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    await show(slack_channel, SLACK, MemoryDelivery())
    [message] = slack.messages("C1", "1790000000.000100")
    assert [block["type"] for block in message["blocks"]] == ["markdown", "image"]
    assert message["blocks"][1]["alt_text"] == "You look like Ann: a striking resemblance"
    assert slack.pictures("C1") == [JPEG]


async def test_slack_is_given_time_to_look_into_the_file(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    await show(slack_channel, SLACK, MemoryDelivery())
    order = [call.method for call in slack.calls]
    assert order == [
        *("files.getUploadURLExternal", "files.completeUploadExternal", "files.info", "files.info"),
        "chat.postMessage",
    ]


def scope_is_missing(slack: SlackServer) -> None:
    slack.scopes = slack.scopes.replace("files:write,", "")


def upload_fails(slack: SlackServer) -> None:
    slack.fail("upload")


def connection_breaks(slack: SlackServer) -> None:
    slack.fail("files.completeUploadExternal", drop=True)


def picture_is_refused(slack: SlackServer) -> None:
    slack.bad_pictures.add("image/jpeg")


@pytest.mark.parametrize("trouble", [scope_is_missing, upload_fails, connection_breaks, picture_is_refused])
async def test_slack_shows_the_text_where_the_picture_cannot_be_had(
    slack: SlackServer, slack_channel: SlackChannel, trouble: Callable[[SlackServer], None]
) -> None:
    trouble(slack)
    await show(slack_channel, SLACK, MemoryDelivery())
    assert slack.texts("C1") == [FOUND.text]
    assert slack.pictures("C1") == []


async def test_a_takeover_on_slack_shows_the_picture_once(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    """The post arrives, its answer does not: the next attempt finds the message by its metadata."""
    slack.fail("chat.postMessage", drop=True, act=True)
    first = MemoryDelivery()
    with pytest.raises(ChannelFailed):
        await show(slack_channel, SLACK, first)
    await show(slack_channel, SLACK, first.taken_over())
    assert slack.pictures("C1") == [JPEG]
    assert slack.texts("C1") == [FOUND.text]


async def test_a_takeover_of_a_finished_reply_on_slack_changes_nothing_that_is_seen(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    first = MemoryDelivery()
    await show(slack_channel, SLACK, first)
    await show(slack_channel, SLACK, first.taken_over())
    assert (slack.texts("C1"), slack.pictures("C1")) == ([FOUND.text], [JPEG])
