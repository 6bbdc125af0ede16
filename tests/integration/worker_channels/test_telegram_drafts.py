"""Answers in the making in a private chat of Telegram: drafts, and what becomes of them."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from contracts.event import Event, MessageSent, Person
from contracts.reply import Reply
from services.worker.channels.telegram import Streaming, TelegramChannel, create_bot
from services.worker.channels.telegram_pace import TelegramPace
from services.worker.errors import ChannelFailed
from services.worker.pacer import Pacer
from tests.fakes.delivery import MemoryDelivery
from tests.fakes.telegram_server import DRAFT_S, TOKEN, TelegramServer
from tests.waiting import auntil

CHAT = 1001
FAST = TelegramPace().times(0.1)
BEGIN = "Once upon a time"


def message(conversation_id: str = f"telegram:default:{CHAT}") -> Event:
    return MessageSent(event_id="e1", conversation_id=conversation_id, at=1, user=Person(id="7"), text="hi")


def channel_of(
    telegram: TelegramServer, redis: Redis, streaming: Streaming = "draft", pace: TelegramPace = FAST
) -> TelegramChannel:
    bots = {"default": create_bot(TOKEN, telegram.url)}
    return TelegramChannel(bots, Pacer(redis), redis, streaming, pace)


@pytest.fixture
async def channel(telegram: TelegramServer, redis_client: Redis) -> AsyncIterator[TelegramChannel]:
    telegram.limits.second = 0.1
    channel = channel_of(telegram, redis_client)
    yield channel
    await channel.aclose()


async def see(telegram: TelegramServer, text: str) -> None:
    async def seen() -> bool:
        return telegram.drafts(CHAT) == [text]

    await auntil(seen, "the draft shows the text")


async def gone(telegram: TelegramServer) -> None:
    async def unseen() -> bool:
        return telegram.drafts(CHAT) == []

    await auntil(unseen, "the draft vanishes")


async def test_a_reply_grows_as_one_draft_and_ends_as_a_message(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    delivery = MemoryDelivery()
    sink = channel.sink(message(), delivery)
    await sink.append(0, BEGIN)
    await see(telegram, BEGIN)
    await sink.append(0, " there **was** a bot")
    await see(telegram, f"{BEGIN} there was a bot")
    assert (telegram.texts(CHAT), delivery.sent(0)) == ([], None)
    await sink.finish(0, Reply(text=f"{BEGIN} there **was** a bot. The end."))
    await sink.close("finished")
    assert telegram.texts(CHAT) == [f"{BEGIN} there was a bot. The end."]
    assert telegram.drafts(CHAT) == []
    numbers = {call["draft_id"] for call in telegram.called("sendMessageDraft")}
    assert len(numbers) == 1
    assert int(numbers.pop()) != 0
    assert telegram.called("editMessageText") == []


async def test_the_first_word_is_shown_without_waiting_for_more(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    sink = channel.sink(message(), MemoryDelivery())
    await sink.append(0, "O")
    await see(telegram, "O")


async def test_first_words_do_not_stand_in_line_behind_answers_that_are_shown_already(
    telegram: TelegramServer, redis_client: Redis
) -> None:
    channel = channel_of(telegram, redis_client, pace=replace(FAST, drafts_ms=1_000_000, drafts_burst=1))
    sink = channel.sink(message(), MemoryDelivery())
    for text, shown in ((BEGIN, BEGIN), (" there", f"{BEGIN} there")):
        await sink.append(0, text)
        await see(telegram, shown)
    await sink.append(0, " was")  # has no place for a quarter of an hour
    other = channel.sink(message(f"telegram:default:{CHAT + 1}"), MemoryDelivery())
    await other.append(0, BEGIN)

    async def is_seen() -> bool:
        return telegram.drafts(CHAT + 1) == [BEGIN]

    await auntil(is_seen, "the other's first words", 5)
    assert telegram.drafts(CHAT) == [f"{BEGIN} there"]
    for one in (sink, other):
        await one.close("finished")
    await channel.aclose()


async def test_a_draft_has_a_stop_button_and_what_is_stopped_stays_as_a_message(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    sink = channel.sink(message(), MemoryDelivery())
    await sink.append(0, BEGIN)
    await see(telegram, BEGIN)
    telegram.press_stop(CHAT)
    await sink.append(0, " and on")
    await sink.break_off(0, Reply(text=BEGIN), "Stopped.")
    await sink.close("stopped")
    [shown] = telegram.texts(CHAT)
    assert shown.startswith(BEGIN)
    assert "Stopped." in shown
    assert telegram.called("editMessageText") == []


async def test_a_takeover_goes_on_with_the_same_draft_and_sends_one_message(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    first = MemoryDelivery()
    killed = channel.sink(message(), first)
    await killed.append(0, BEGIN)
    await see(telegram, BEGIN)
    sink = channel.sink(message(), first.taken_over())
    await sink.append(0, f"{BEGIN} again")
    await see(telegram, f"{BEGIN} again")
    await sink.finish(0, Reply(text="The end."))
    assert telegram.texts(CHAT) == ["The end."]
    assert len({call["draft_id"] for call in telegram.called("sendMessageDraft")}) == 1


async def test_what_an_attempt_has_sent_already_is_edited_and_not_drafted(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    first = MemoryDelivery()
    await channel.sink(message(), first).finish(0, Reply(text=BEGIN))
    sink = channel.sink(message(), first.taken_over())
    await sink.append(0, f"{BEGIN}, in full")
    await sink.finish(0, Reply(text=f"{BEGIN}, in full"))
    assert telegram.texts(CHAT) == [f"{BEGIN}, in full"]
    assert telegram.called("sendMessageDraft") == []


async def test_each_reply_of_a_turn_has_a_draft_of_its_own(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    sink = channel.sink(message(), MemoryDelivery())
    for index in range(2):
        await sink.append(index, f"{BEGIN} {index}")
        await see(telegram, f"{BEGIN} {index}")
        await sink.finish(index, Reply(text=f"{BEGIN} {index}"))
    assert telegram.texts(CHAT) == [f"{BEGIN} 0", f"{BEGIN} 1"]
    assert len({call["draft_id"] for call in telegram.called("sendMessageDraft")}) == 2


async def test_a_draft_lives_as_long_as_its_reply_is_in_the_making(
    telegram: TelegramServer, redis_client: Redis
) -> None:
    telegram.limits.second = 0.02
    channel = channel_of(telegram, redis_client, pace=TelegramPace().times(0.02))
    sink = channel.sink(message(), MemoryDelivery())
    await sink.append(0, BEGIN)
    await see(telegram, BEGIN)
    began = time.monotonic()

    async def outlived() -> bool:
        assert telegram.drafts(CHAT) == [BEGIN]
        return time.monotonic() > began + 1.5 * DRAFT_S * telegram.limits.second

    await auntil(outlived, "the draft outlives the preview's time")
    await sink.close("failed")
    await gone(telegram)
    await channel.aclose()


@pytest.mark.parametrize("has_successor", [True, False])
async def test_a_turn_that_fails_leaves_no_draft_alive(
    telegram: TelegramServer, redis_client: Redis, has_successor: bool
) -> None:
    telegram.limits.second = 0.02
    channel = channel_of(telegram, redis_client, pace=TelegramPace().times(0.02))
    sink = channel.sink(message(), MemoryDelivery())
    await sink.append(0, BEGIN)
    await see(telegram, BEGIN)
    if has_successor:
        channel.sink(message(), MemoryDelivery())
    else:
        sink.leave()
    await gone(telegram)
    await channel.aclose()


async def test_a_draft_that_outgrows_a_message_shows_its_newest_part(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    text = "\n\n".join(f"Paragraph {n}. 😀 {'words ' * 60}" for n in range(40))
    sink = channel.sink(message(), MemoryDelivery())
    await sink.append(0, text)

    async def seen() -> bool:
        return bool(telegram.drafts(CHAT))

    await auntil(seen, "the end of the text is shown")
    [draft] = telegram.drafts(CHAT)
    assert draft.startswith("Paragraph")
    assert draft.endswith(text.rstrip()[-200:])
    await sink.finish(0, Reply(text=text))
    assert "".join("".join(telegram.texts(CHAT)).split()) == "".join(text.split())


@pytest.mark.parametrize("refusal", ["sendmessagedraft", ""])
async def test_a_server_without_drafts_gets_edits_and_is_not_asked_again(
    telegram: TelegramServer, channel: TelegramChannel, refusal: str
) -> None:
    telegram.unknown_methods.add(refusal)
    body = {"ok": False, "error_code": 400, "description": "Bad Request: method not found"}
    telegram.fail("sendMessageDraft", status=400, body=body)
    for turn in range(2):
        sink = channel.sink(message(f"telegram:default:{CHAT + turn}"), MemoryDelivery())

        async def grown(sink: object = sink, turn: int = turn) -> bool:
            await sink.append(0, BEGIN)  # type: ignore[attr-defined]
            return bool(telegram.texts(CHAT + turn))

        await auntil(grown, "a message grows")
        await sink.finish(0, Reply(text="The end."))
        assert telegram.texts(CHAT + turn) == ["The end."]
    refused = [call for call in telegram.called("sendMessageDraft") if call["chat_id"] != str(CHAT)]
    assert refused == []


async def test_a_draft_whose_formatting_is_refused_is_shown_plain(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    refusal = {"ok": False, "error_code": 400, "description": "Bad Request: can't parse entities"}
    telegram.fail("sendMessageDraft", status=400, body=refusal)
    sink = channel.sink(message(), MemoryDelivery())
    await sink.append(0, "**bold**")
    await see(telegram, "bold")


async def test_a_chat_that_says_wait_gets_no_call_of_any_kind_before_its_time(
    telegram: TelegramServer, channel: TelegramChannel, redis_client: Redis
) -> None:
    wait = {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": 1}}
    telegram.fail("sendMessageDraft", status=429, body=wait)
    sink = channel.sink(message(), MemoryDelivery())
    await sink.append(0, BEGIN)

    async def heard() -> bool:
        gates = [key async for key in redis_client.scan_iter(f"pace:*:{CHAT}:gate")]
        return any([await redis_client.pttl(gate) > 1100 for gate in gates])

    await auntil(heard, "the answer that says wait has arrived")
    await sink.open()
    await sink.append(0, " and on")
    await sink.finish(0, Reply(text="The end."))
    assert telegram.texts(CHAT) == ["The end."]
    assert telegram.limits.early == []


async def test_a_bot_that_was_blocked_meanwhile_ends_the_turn(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.blocked.add(str(CHAT))
    sink = channel.sink(message(), MemoryDelivery())

    async def refused() -> str:
        try:
            await sink.append(0, "word ")
        except ChannelFailed as error:
            return error.code
        return ""

    assert await auntil(refused, "the sink tells") == "telegram_forbidden"


async def test_a_group_has_no_drafts_and_sees_edits(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    await channel.sink(message("telegram:default:-5"), MemoryDelivery()).append(0, BEGIN)
    assert telegram.texts(-5) == [BEGIN]
    assert telegram.called("sendMessageDraft") == []


async def test_a_topic_of_a_private_chat_has_its_draft_in_the_topic(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    sink = channel.sink(message(f"telegram:default:{CHAT}:12"), MemoryDelivery())
    await sink.append(0, BEGIN)
    await see(telegram, BEGIN)
    assert telegram.press_stop(CHAT)["message_thread_id"] == "12"


@pytest.mark.parametrize(("streaming", "seen"), [("edit", [BEGIN]), ("off", [])])
async def test_drafts_can_be_switched_to_edits_or_off(
    telegram: TelegramServer, redis_client: Redis, streaming: Streaming, seen: list[str]
) -> None:
    channel = channel_of(telegram, redis_client, streaming)
    sink = channel.sink(message(), MemoryDelivery())
    await sink.append(0, BEGIN)
    assert telegram.texts(CHAT) == seen
    await sink.finish(0, Reply(text="The end."))
    assert telegram.texts(CHAT) == ["The end."]
    assert telegram.called("sendMessageDraft") == []
    await channel.aclose()


async def test_a_draft_under_way_arrives_before_its_message(
    telegram: TelegramServer, channel: TelegramChannel
) -> None:
    telegram.fail("sendMessageDraft", stall_s=0.3)
    sink = channel.sink(message(), MemoryDelivery())
    await sink.append(0, BEGIN)

    async def under_way() -> bool:
        return bool(telegram.called("sendMessageDraft"))

    await auntil(under_way, "the draft is under way")
    await sink.finish(0, Reply(text="The end."))
    assert (telegram.texts(CHAT), telegram.drafts(CHAT)) == (["The end."], [])
