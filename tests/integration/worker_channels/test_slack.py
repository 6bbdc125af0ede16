"""The Slack channel against a stand-in for Slack, with a real pacer."""

import asyncio
import time

import pytest

from contracts.control import DeleteRequested
from contracts.event import Event, MessageSent, Person, PhotoRef
from contracts.reply import Button, Reply
from services.worker.channels.limits import PHOTO_BYTES
from services.worker.channels.slack import SlackChannel
from services.worker.errors import ChannelFailed, PhotoGone, PhotoTooLarge, RateLimited
from tests.fakes.delivery import MemoryDelivery
from tests.fakes.slack_server import TOKEN, SlackServer
from tests.waiting import auntil

DM = "slack:T1:D1"
THREAD = "slack:T1:C1:1790000000.000100"


def message(conversation_id: str = DM) -> Event:
    return MessageSent(event_id="e1", conversation_id=conversation_id, at=1, user=Person(id="U1"), text="hi")


async def say(channel: SlackChannel, reply: Reply, conversation_id: str = DM) -> MemoryDelivery:
    delivery = MemoryDelivery()
    await channel.sink(message(conversation_id), delivery).finish(0, reply)
    return delivery


async def test_a_reply_is_a_markdown_block_with_a_plain_text(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    await say(slack_channel, Reply(text="**bold** & <plain>"))
    [shown] = slack.messages("D1")
    assert shown["blocks"] == [{"type": "markdown", "text": "**bold** & <plain>"}]
    assert shown["text"] == "bold &amp; &lt;plain&gt;"


async def test_a_thread_is_answered_in_the_thread_and_a_direct_message_is_not(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    await say(slack_channel, Reply(text="here"), THREAD)
    await say(slack_channel, Reply(text="there"))
    assert slack.texts("C1", "1790000000.000100") == ["here"]
    assert "thread_ts" not in slack.messages("D1")[0]


async def test_a_status_shows_in_a_thread_only(slack: SlackServer, slack_channel: SlackChannel) -> None:
    await slack_channel.sink(message(), MemoryDelivery()).open()
    await slack_channel.sink(message(THREAD), MemoryDelivery()).open()
    [status] = slack.called("assistant.threads.setStatus")
    assert status["thread_ts"] == "1790000000.000100"


async def test_a_status_that_is_refused_does_no_harm(slack: SlackServer, slack_channel: SlackChannel) -> None:
    slack.fail("assistant.threads.setStatus", status=500)
    sink = slack_channel.sink(message(THREAD), MemoryDelivery())
    await sink.open()
    await sink.finish(0, Reply(text="well"))
    assert slack.texts("C1") == ["well"]


async def test_buttons_carry_their_payload(slack: SlackServer, slack_channel: SlackChannel) -> None:
    await say(slack_channel, Reply(text="Sure?", buttons=(Button(title="Yes", payload="/affirm"),)))
    [button] = slack.messages("D1")[0]["blocks"][-1]["elements"]
    assert (button["action_id"], button["text"]["text"], button["value"]) == ("button:0", "Yes", "/affirm")


async def test_a_cover_and_a_button_that_opens_a_page_arrive(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    listen = Button(title="Listen", payload="", url="https://widget.example/?id=1")
    await say(slack_channel, Reply(text="Blue", image="https://i.example/1000.jpg", buttons=(listen,)))
    _, cover, row = slack.messages("D1")[0]["blocks"]
    assert cover["image_url"] == "https://i.example/1000.jpg"
    assert [element["url"] for element in row["elements"]] == ["https://widget.example/?id=1"]


async def test_buttons_beyond_a_row_and_too_long_ones_arrive_too(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    buttons = tuple(Button(title=f"Choice {n} " * 20, payload="/x" * 1500) for n in range(30))
    await say(slack_channel, Reply(buttons=buttons))
    rows = slack.messages("D1")[0]["blocks"]
    assert [len(row["elements"]) for row in rows] == [25, 5]


async def test_a_picture_is_shown_and_a_bad_one_becomes_a_link(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    slack.bad_pictures.add("https://example.org/gone.jpg")
    await say(slack_channel, Reply(text="Look", image="https://example.org/cat.jpg"))
    await say(slack_channel, Reply(text="Look", image="https://example.org/gone.jpg"), THREAD)
    assert slack.messages("D1")[0]["blocks"][1]["image_url"] == "https://example.org/cat.jpg"
    assert slack.texts("C1") == ["Look\n\nhttps://example.org/gone.jpg"]


async def test_blocks_that_are_refused_become_plain_text(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    slack.fail("chat.postMessage", status=200, body={"ok": False, "error": "invalid_blocks"})
    await say(slack_channel, Reply(text="**bold**"))
    [shown] = slack.messages("D1")
    assert (shown["text"], shown["blocks"]) == ("bold", [])


async def test_nobody_can_make_the_bot_call_the_whole_channel(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    await say(slack_channel, Reply(text="you said <!channel> and <!here>"))
    assert "<!" not in slack.texts("D1")[0]


async def test_a_workspace_with_a_lower_limit_gets_more_messages(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    text = "\n\n".join(f"Paragraph {n} " + "word " * 60 for n in range(18))
    slack.update_characters = 4000
    sink = slack_channel.sink(message(), MemoryDelivery())
    await sink.append(0, text[:2000])
    await sink.finish(0, Reply(text=text))
    assert "".join("".join(slack.texts("D1")).split()) == "".join(text.split())
    assert [len(shown) < 4000 for shown in slack.texts("D1")] == [True, True, True]


@pytest.mark.parametrize(
    "error", ["channel_not_found", "not_in_channel", "account_inactive", "token_revoked"]
)
async def test_a_closed_channel_is_not_tried_again(
    slack: SlackServer, slack_channel: SlackChannel, error: str
) -> None:
    slack.closed["D1"] = error
    with pytest.raises(ChannelFailed) as failed:
        await say(slack_channel, Reply(text="hello"))
    assert (failed.value.retryable, failed.value.code) == (False, f"slack_{error}")


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("conversation_id", [DM, THREAD])
async def test_a_message_that_died_unrecorded_is_found_by_its_metadata(
    slack: SlackServer, slack_channel: SlackChannel, conversation_id: str, place: int
) -> None:
    """The post arrives, its answer does not: the next attempt edits that message."""
    text = "\n\n".join(f"Paragraph {n} " + "word " * 500 for n in range(5))
    slack.fail("chat.postMessage", drop=True, act=True, skip=place)
    first = MemoryDelivery()
    with pytest.raises(ChannelFailed) as failed:
        await slack_channel.sink(message(conversation_id), first).finish(0, Reply(text=text))
    assert failed.value.retryable
    await slack_channel.sink(message(conversation_id), first.taken_over()).finish(0, Reply(text=text))
    channel = conversation_id.split(":")[2]
    assert len(slack.messages(channel)) == 2
    assert "".join("".join(slack.texts(channel)).split()) == "".join(text.split())


async def test_a_message_is_found_though_our_own_clock_was_an_hour_ahead(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    heard = message()
    heard = heard.model_copy(update={"event_id": f"{DM}:{time.time()}", "at": int(time.time() + 3600) * 1000})
    slack.fail("chat.postMessage", drop=True, act=True)
    first = MemoryDelivery()
    with pytest.raises(ChannelFailed):
        await slack_channel.sink(heard, first).finish(0, Reply(text="once"))
    await slack_channel.sink(heard, first.taken_over()).finish(0, Reply(text="once"))
    assert slack.texts("D1") == ["once"]


async def test_a_message_that_arrives_late_from_who_lost_the_conversation_is_found(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    """A worker that stood still posts at last, while the next one already looks for what there is."""
    first = MemoryDelivery()
    slack.fail("chat.postMessage", stall_s=0.5)
    late = asyncio.create_task(slack_channel.sink(message(), first).finish(0, Reply(text="once")))

    async def is_under_way() -> bool:
        return bool(slack.called("chat.postMessage"))

    await auntil(is_under_way, "the post is under way")
    await slack_channel.sink(message(), first.taken_over()).finish(0, Reply(text="once"))
    await late
    assert slack.texts("D1") == ["once"]


async def test_a_stream_whose_first_post_was_cut_off_shows_its_answer_once(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    slack.fail("chat.postMessage", drop=True, act=True)
    sink = slack_channel.sink(message(), MemoryDelivery())
    await sink.append(0, "Once upon a time")
    await sink.finish(0, Reply(text="Once upon a time there was a bot"))
    assert slack.texts("D1") == ["Once upon a time there was a bot"]


async def test_without_the_right_to_look_a_doubtful_message_is_posted_again(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    slack.scopes = "chat:write"
    slack.fail("chat.postMessage", drop=True, act=True)
    first = MemoryDelivery()
    with pytest.raises(ChannelFailed):
        await slack_channel.sink(message(), first).finish(0, Reply(text="hello"))
    await slack_channel.sink(message(), first.taken_over()).finish(0, Reply(text="hello"))
    assert slack.texts("D1") == ["hello", "hello"]


async def test_a_photo_is_fetched_with_the_token(slack: SlackServer, slack_channel: SlackChannel) -> None:
    slack.add_file("F1", b"jpeg")
    assert await slack_channel.fetch(message(), PhotoRef(source="slack", id="F1")) == b"jpeg"


async def test_the_login_page_is_no_photo(slack: SlackServer, slack_channel: SlackChannel) -> None:
    slack.add_file("F1", b"jpeg", url_private_download=f"{slack.url}/files-pri/F2")
    slack.files["F2"] = {}
    with pytest.raises(PhotoGone):
        await slack_channel.fetch(message(), PhotoRef(source="slack", id="F1"))
    with pytest.raises(PhotoGone):
        await slack_channel.fetch(message(), PhotoRef(source="slack", id="F9"))


async def test_the_token_does_not_go_to_a_file_elsewhere(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    elsewhere = SlackServer()
    elsewhere.start()
    elsewhere.add_file("F1", b"jpeg")
    slack.add_file("F1", b"jpeg", url_private_download=f"{elsewhere.url}/files-pri/F1")
    with pytest.raises(PhotoGone):
        await slack_channel.fetch(message(), PhotoRef(source="slack", id="F1"))
    elsewhere.stop()


@pytest.mark.parametrize("stated", [PHOTO_BYTES + 1, 0])
async def test_a_photo_over_ten_megabytes_is_not_taken_whatever_its_size_says(
    slack: SlackServer, slack_channel: SlackChannel, stated: int
) -> None:
    slack.add_file("big", bytes(PHOTO_BYTES + 1), size=stated)
    with pytest.raises(PhotoTooLarge):
        await slack_channel.fetch(message(), PhotoRef(source="slack", id="big"))


async def test_a_deletion_waits_as_long_as_slack_says(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    delivery = await say(slack_channel, Reply(text="away with it"))
    [ts] = delivery.sent(0) or ()
    request = DeleteRequested(event_id="d", conversation_id=DM, at=1, user=Person(id="U1"), message_id=ts)
    limited = {"status": 429, "body": {"ok": False, "error": "ratelimited"}, "headers": {"Retry-After": "60"}}
    slack.fail("chat.delete", **limited)
    for _ in range(2):
        with pytest.raises(ChannelFailed) as caught:
            await slack_channel.delete(request)
        assert caught.value.retryable
    assert len(slack.called("chat.delete")) == 1


async def test_a_photo_that_slack_does_not_give_so_soon_may_be_had_later(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    slack.fail("files.info", status=429, body={"ok": False, "error": "ratelimited"})
    for _ in range(2):  # whoever asks meanwhile is told without a call
        with pytest.raises(RateLimited) as caught:
            await slack_channel.fetch(message(), PhotoRef(source="slack", id="F1"))
        assert 20 < caught.value.retry_after_s <= 30
    assert len(slack.called("files.info")) == 1


async def test_a_message_is_deleted_once_and_again(slack: SlackServer, slack_channel: SlackChannel) -> None:
    delivery = await say(slack_channel, Reply(text="oops"))
    [ts] = delivery.sent(0) or ()
    request = DeleteRequested(event_id="d", conversation_id=DM, at=1, user=Person(id="U1"), message_id=ts)
    await slack_channel.delete(request)
    await slack_channel.delete(request)
    assert slack.messages("D1") == []


async def test_an_unknown_token_is_not_tried_again(slack: SlackServer, slack_channel: SlackChannel) -> None:
    slack.teams.clear()
    with pytest.raises(ChannelFailed) as failed:
        await say(slack_channel, Reply(text="private words"))
    assert failed.value.code == "slack_invalid_auth"
    assert TOKEN not in str(failed.value)
