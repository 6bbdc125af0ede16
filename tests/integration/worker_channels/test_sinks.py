"""What every sink over messages promises, on each platform."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any

import pytest

from contracts.event import Event, MessageSent, Person
from contracts.reply import Button, Reply, act
from services.worker.channels.base import Channel, Sink
from services.worker.channels.slack import SlackChannel
from services.worker.channels.telegram import TelegramChannel
from services.worker.errors import ChannelFailed, LeaseLost, MessageVanished
from tests.fakes.delivery import MemoryDelivery
from tests.fakes.http_server import PlatformServer
from tests.fakes.slack_server import SlackServer
from tests.fakes.telegram_server import TelegramServer
from tests.waiting import auntil

TELEGRAM_CHAT, SLACK_CHAT, SLACK_THREAD = "-1001", "C1", "1790000000.000100"


@dataclass
class Platform:
    """A channel, the server it speaks to, and how that server calls things."""

    server: PlatformServer
    channel: Channel
    conversation_id: str
    post: str
    edit: str
    room: int
    too_many: dict[str, Any]
    refused: dict[str, Any]

    def sink(self, delivery: MemoryDelivery) -> Sink:
        event: Event = MessageSent(
            event_id="e1", conversation_id=self.conversation_id, at=1, user=Person(id="7"), text="hi"
        )
        return self.channel.sink(event, delivery)

    def texts(self) -> list[str]:
        """What the person sees."""
        if isinstance(self.server, TelegramServer):
            return self.server.texts(TELEGRAM_CHAT)
        assert isinstance(self.server, SlackServer)
        return self.server.texts(SLACK_CHAT, SLACK_THREAD)

    def times(self, method: str) -> list[float]:
        return [call.at for call in self.server.calls if call.method == method]

    def too_many_for(self, seconds: int) -> dict[str, Any]:
        """A 429 that says when to come back."""
        if isinstance(self.server, TelegramServer):
            body = self.too_many["body"] | {"parameters": {"retry_after": seconds}}
            return self.too_many | {"body": body}
        return self.too_many | {"headers": {"Retry-After": str(seconds)}}

    def forget(self, message_id: str) -> None:
        if isinstance(self.server, TelegramServer):
            self.server.forget_message(TELEGRAM_CHAT, int(message_id))
        elif isinstance(self.server, SlackServer):
            self.server.forget_message(SLACK_CHAT, message_id)


def on_telegram(server: TelegramServer, channel: TelegramChannel) -> Platform:
    wait = {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": 1}}
    refusal = {"ok": False, "description": "Bad Request: can't parse entities"}
    return Platform(
        server=server,
        channel=channel,
        conversation_id=f"telegram:default:{TELEGRAM_CHAT}",
        post="sendMessage",
        edit="editMessageText",
        room=4096,
        too_many={"status": 429, "body": wait},
        refused={"status": 400, "body": refusal},
    )


def on_slack(server: SlackServer, channel: SlackChannel) -> Platform:
    wait = {"ok": False, "error": "ratelimited"}
    return Platform(
        server=server,
        channel=channel,
        conversation_id=f"slack:T1:{SLACK_CHAT}:{SLACK_THREAD}",
        post="chat.postMessage",
        edit="chat.update",
        room=11_000,
        too_many={"status": 429, "body": wait, "headers": {"Retry-After": "1"}},
        refused={"status": 200, "body": {"ok": False, "error": "invalid_blocks"}},
    )


@pytest.fixture(params=["telegram", "slack"])
def platform(request: pytest.FixtureRequest) -> Platform:
    server = request.getfixturevalue(request.param)
    channel = request.getfixturevalue(f"{request.param}_channel")
    return on_telegram(server, channel) if request.param == "telegram" else on_slack(server, channel)


async def test_a_streamed_reply_is_seen_growing_and_in_the_end_once(platform: Platform) -> None:
    delivery = MemoryDelivery()
    sink = platform.sink(delivery)
    await sink.append(0, "Once upon a time")
    assert platform.texts() == ["Once upon a time"]

    async def grown() -> bool:
        await sink.append(0, " and on")
        return bool(platform.server.called(platform.edit))

    await auntil(grown, "the message grows")
    assert platform.texts()[0].startswith("Once upon a time and on")
    await sink.finish(0, Reply(text="Once upon a time. **The end.**"))
    await sink.close("finished")
    assert [text.replace("*", "") for text in platform.texts()] == ["Once upon a time. The end."]
    assert len(platform.server.called(platform.post)) == 1
    assert len(delivery.sent(0) or ()) == 1


async def test_streaming_is_dropped_where_a_limit_has_no_place(platform: Platform) -> None:
    platform.server.fail(platform.post, times=2, **platform.too_many)
    sink = platform.sink(MemoryDelivery())
    await sink.append(0, "Once upon a time")
    assert len(platform.server.called(platform.post)) == 1  # who waits for the limit asks again
    assert platform.texts() == []
    await sink.finish(0, Reply(text="The end."))
    assert platform.texts() == ["The end."]


async def test_a_platform_that_says_wait_is_obeyed(platform: Platform) -> None:
    platform.server.fail(platform.post, **platform.too_many)
    await platform.sink(MemoryDelivery()).finish(0, Reply(text="hello"))
    first, second = platform.times(platform.post)
    assert second - first >= 1
    assert platform.texts() == ["hello"]


async def test_a_platform_that_says_wait_for_longer_than_a_turn_waits_says_when_to_come_back(
    platform: Platform,
) -> None:
    platform.server.fail(platform.post, **platform.too_many_for(130))
    for _ in range(2):
        with pytest.raises(ChannelFailed) as caught:
            await platform.sink(MemoryDelivery()).finish(0, Reply(text="hello"))
        assert caught.value.retryable
        assert 125 < caught.value.retry_after_s < 135
    assert len(platform.times(platform.post)) == 1  # the second one did not even try


async def test_a_takeover_edits_what_is_there(platform: Platform) -> None:
    first = MemoryDelivery()
    await platform.sink(first).append(0, "Half of an ans")
    await platform.sink(first.taken_over()).finish(0, Reply(text="Half of an answer and the rest"))
    assert platform.texts() == ["Half of an answer and the rest"]


async def test_a_takeover_of_a_finished_reply_changes_nothing(platform: Platform) -> None:
    first = MemoryDelivery()
    await platform.sink(first).finish(0, Reply(text="**done**"))
    seen = platform.texts()
    await platform.sink(first.taken_over()).finish(0, Reply(text="**done**"))
    assert platform.texts() == seen


async def test_a_reply_that_became_shorter_takes_messages_back(platform: Platform) -> None:
    first = MemoryDelivery()
    await platform.sink(first).finish(0, Reply(text="word " * (platform.room // 4)))
    assert len(platform.texts()) == 2
    later = first.taken_over()
    await platform.sink(later).finish(0, Reply(text="short"))
    assert platform.texts() == ["short"]
    assert len(later.sent(0) or ()) == 1


async def test_a_long_reply_is_split_in_order_and_nothing_is_lost(platform: Platform) -> None:
    text = "\n\n".join(f"Paragraph {n}. 你好 😀 {'words ' * 80}" for n in range(platform.room // 300))
    await platform.sink(MemoryDelivery()).finish(0, Reply(text=text))
    assert len(platform.texts()) == 2
    assert "".join("".join(platform.texts()).split()) == "".join(text.split())


async def test_refused_formatting_is_sent_plain(platform: Platform) -> None:
    platform.server.fail(platform.post, **platform.refused)
    await platform.sink(MemoryDelivery()).finish(0, Reply(text="**bold**"))
    assert platform.texts() == ["bold"]


async def test_replies_of_a_turn_keep_their_order(platform: Platform) -> None:
    sink = platform.sink(MemoryDelivery())
    for index in range(3):
        await sink.finish(index, Reply(text=f"reply {index}"))
    assert platform.texts() == ["reply 0", "reply 1", "reply 2"]


async def test_a_platform_that_fails_is_tried_again_later(platform: Platform) -> None:
    platform.server.fail(platform.post, status=502)
    first = MemoryDelivery()
    with pytest.raises(ChannelFailed) as failed:
        await platform.sink(first).finish(0, Reply(text="hello"))
    assert failed.value.retryable
    await platform.sink(first.taken_over()).finish(0, Reply(text="hello"))
    assert platform.texts() == ["hello"]


async def test_a_message_that_a_person_deleted_stays_deleted(platform: Platform) -> None:
    delivery = MemoryDelivery()
    sink = platform.sink(delivery)
    await sink.append(0, "Once upon a time")
    [message_id] = delivery.sent(0) or ()
    platform.forget(message_id)
    await sink.finish(0, Reply(text="Once upon a time. The end."))
    assert platform.texts() == []


async def test_who_deletes_a_message_that_is_being_written_ends_the_turn(platform: Platform) -> None:
    delivery = MemoryDelivery()
    sink = platform.sink(delivery)
    await sink.append(0, "Once upon a time")
    [message_id] = delivery.sent(0) or ()
    platform.forget(message_id)

    async def has_noticed() -> bool:
        try:
            await sink.append(0, " and on")
        except MessageVanished:
            return True
        return False

    await auntil(has_noticed, "the sink tells the turn")
    assert platform.texts() == []


async def test_a_reply_that_is_broken_off_ends_with_its_mark(platform: Platform) -> None:
    sink = platform.sink(MemoryDelivery())
    await sink.append(0, "Once upon a time")
    again = Button(title="Try again", payload=act("regenerate", "e1"))
    await sink.break_off(0, Reply(text="Once upon a time", buttons=(again,)), "Stopped.")
    [text] = platform.texts()
    assert text.replace("_", "") == "Once upon a time\n\nStopped."
    assert "/regenerate:e1" in str(platform.server.called(platform.edit)[-1])


async def test_a_reply_that_is_broken_off_before_its_first_word_is_its_mark(platform: Platform) -> None:
    await platform.sink(MemoryDelivery()).break_off(0, Reply(), "Stopped.")
    assert [text.replace("_", "") for text in platform.texts()] == ["Stopped."]


async def test_nothing_is_posted_without_the_lease(platform: Platform) -> None:
    delivery = MemoryDelivery()
    delivery.lost = True
    with pytest.raises(LeaseLost):
        await platform.sink(delivery).finish(0, Reply(text="hello"))
    assert platform.texts() == []


async def test_a_streamed_reply_gets_its_buttons_in_the_end(platform: Platform) -> None:
    sink = platform.sink(MemoryDelivery())
    await sink.append(0, "Shall we go on?")
    await sink.finish(0, Reply(text="Shall we go on?", buttons=(Button(title="Yes", payload="/affirm"),)))
    [edited] = platform.server.called(platform.edit)
    assert "/affirm" in str(edited)


async def test_a_platform_that_stalls_does_not_hold_the_turn_at_its_beginning(platform: Platform) -> None:
    for method in ("sendChatAction", "assistant.threads.setStatus"):
        platform.server.fail(method, stall_s=8)
    async with asyncio.timeout(4):
        await platform.sink(MemoryDelivery()).open()


async def test_a_takeover_does_not_stream_what_may_be_there_already(platform: Platform) -> None:
    platform.server.fail(platform.post, drop=True)
    first = MemoryDelivery()
    with pytest.raises(ChannelFailed):
        await platform.sink(first).finish(0, Reply(text="Once upon a time"))
    sink = platform.sink(first.taken_over())
    await sink.append(0, "Once upon a time")
    assert platform.texts() == []
    await sink.finish(0, Reply(text="Once upon a time. The end."))
    assert platform.texts() == ["Once upon a time. The end."]


async def test_no_log_line_of_ours_holds_words_or_token(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    for how in (platform.too_many, platform.refused, {"status": 502}):
        platform.server.fail(platform.post, **how)
    with caplog.at_level(logging.DEBUG, logger="services"), pytest.raises(ChannelFailed) as failed:
        await platform.sink(MemoryDelivery()).finish(0, Reply(text="**private** words"))
    lines = [str(vars(record)) for record in caplog.records if record.name.startswith("services")]
    assert len(lines) == 2
    assert not [
        line for line in (*lines, str(failed.value)) if "private" in line or "TEST" in line or "xoxb" in line
    ]
