"""Slack's own streams, through the sink, against a stand-in that closes and refuses them as Slack does."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from contracts.control import DeleteRequested
from contracts.event import Event, MessageSent, Person
from contracts.reply import Button, Reply
from services.worker.channels.slack import SlackChannel
from services.worker.channels.slack_rates import STREAM_PLACES, SlackRates
from services.worker.channels.slack_sink import SlackSink
from services.worker.errors import ChannelFailed, MessageStopped, MessageVanished
from services.worker.pacer import Pacer
from tests.fakes.delivery import MemoryDelivery
from tests.fakes.slack_server import SlackServer
from tests.integration.worker_channels.conftest import opened, slack_clients
from tests.waiting import auntil

THREAD = "1790000000.000100"
CHAT = f"slack:T1:C1:{THREAD}"
TALE = "Once upon a time there was"
WHOLE = "Once upon a time there was a bot."


def asked(conversation_id: str = CHAT, event_id: str = "e1", locale: str | None = None) -> Event:
    person = Person(id="U7", locale=locale)
    return MessageSent(event_id=event_id, conversation_id=conversation_id, at=1, user=person, text="hi")


def sink_of(channel: SlackChannel, delivery: MemoryDelivery | None = None) -> SlackSink:
    return channel.sink(asked(), delivery or MemoryDelivery())


def refusal(name: str) -> dict[str, Any]:
    return {"status": 200, "body": {"ok": False, "error": name}}


async def grown(sink: SlackSink, slack: SlackServer, method: str = "chat.appendStream") -> str:
    """Text is added until the method was called; gives all that was added."""
    text = ""

    async def called() -> bool:
        nonlocal text
        text += " on and"
        await sink.append(0, " on and")
        return bool(slack.called(method))

    await auntil(called, f"a call of {method}")
    return text


async def test_a_reply_in_a_thread_is_streamed_and_each_text_is_sent_once(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = sink_of(streaming_channel)
    await sink.append(0, TALE)
    assert TALE.startswith(slack.texts("C1", THREAD)[0])
    more = await grown(sink, slack)
    await sink.finish(0, Reply(text=f"{TALE}{more} so on."))
    assert slack.texts("C1", THREAD) == [f"{TALE}{more} so on."]
    [start], [*appends] = slack.called("chat.startStream"), slack.called("chat.appendStream")
    [stop] = slack.called("chat.stopStream")
    sent = [start["markdown_text"], *(a["markdown_text"] for a in appends), stop["markdown_text"]]
    assert "".join(sent) == f"{TALE}{more} so on."
    assert not slack.called("chat.update")
    assert not slack.called("chat.postMessage")


async def test_a_stream_names_who_asked(slack: SlackServer, streaming_channel: SlackChannel) -> None:
    await sink_of(streaming_channel).append(0, TALE)
    [start] = slack.called("chat.startStream")
    assert (start["recipient_user_id"], start["recipient_team_id"]) == ("U7", "T1")
    assert start["thread_ts"] == THREAD


async def test_white_space_is_never_at_a_joint(slack: SlackServer, streaming_channel: SlackChannel) -> None:
    sink = sink_of(streaming_channel)
    await sink.append(0, "One line of text \n\n")
    more = await grown(sink, slack)
    await sink.finish(0, Reply(text=f"One line of text \n\n{more}\n\n- and a list"))
    assert slack.texts("C1", THREAD) == [f"One line of text \n\n{more}\n\n- and a list"]


async def test_a_direct_message_outside_threads_grows_by_updates(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = streaming_channel.sink(asked("slack:T1:D1"), MemoryDelivery())
    await sink.append(0, TALE)
    await sink.finish(0, Reply(text=WHOLE))
    assert slack.texts("D1") == [WHOLE]
    assert not slack.called("chat.startStream")


async def test_a_message_that_grows_by_updates_has_a_stop_button_as_long_as_it_grows(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = streaming_channel.sink(asked("slack:T1:D1", locale="zh-TW"), MemoryDelivery())
    await sink.append(0, WHOLE)
    [growing] = slack.messages("D1")
    [button] = growing["blocks"][-1]["elements"]
    assert (button["action_id"], button["text"]["text"]) == ("stop", "停止")
    await sink.finish(0, Reply(text=WHOLE))
    [whole] = slack.messages("D1")
    assert [block["type"] for block in whole["blocks"]] == ["markdown", "context_actions"]


async def test_a_stream_that_a_person_stops_at_slack_is_no_more_written_but_gets_its_mark(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = sink_of(streaming_channel)
    await sink.append(0, TALE)
    [message] = slack.messages("C1", THREAD)
    slack.press_stop(message["ts"])
    with pytest.raises(MessageStopped):
        await grown(sink, slack, "chat.update")
    await sink.break_off(0, Reply(text=TALE), "Stopped.")
    assert slack.texts("C1", THREAD) == [f"{TALE}\n\n_Stopped._"]


async def test_buttons_and_the_question_whether_it_helped_come_with_the_end(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = streaming_channel.sink(asked(locale="zh-TW"), MemoryDelivery())
    await sink.append(0, TALE)
    await sink.finish(0, Reply(text=WHOLE, buttons=(Button(title="Yes", payload="/affirm"),)))
    [shown] = slack.messages("C1", THREAD)
    assert [block["type"] for block in shown["blocks"]] == ["markdown", "actions", "context_actions"]
    [asked_for] = shown["blocks"][2]["elements"]
    assert asked_for["action_id"] == "feedback"
    assert (asked_for["positive_button"]["value"], asked_for["negative_button"]["value"]) == (
        "helpful",
        "unhelpful",
    )
    assert asked_for["positive_button"]["text"]["text"] == "有幫助"
    assert shown["metadata"]["event_payload"]["event_id"] == "e1"
    assert not slack.called("chat.update")


async def test_nobody_is_asked_whether_a_reply_helped_that_was_not_streamed_or_was_broken_off(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    await sink_of(streaming_channel).finish(0, Reply(text="Hello!"))
    sink = streaming_channel.sink(asked(event_id="e2"), MemoryDelivery())
    await sink.append(0, TALE)
    await sink.break_off(0, Reply(text=TALE), "Stopped.")
    assert slack.texts("C1", THREAD) == ["Hello!", f"{TALE}\n\n_Stopped._"]
    assert "feedback" not in str(slack.messages("C1"))


async def test_a_final_text_that_is_another_replaces_what_was_streamed(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = sink_of(streaming_channel)
    await sink.append(0, TALE)
    await sink.finish(0, Reply(text="Let me say it **differently**."))
    assert slack.texts("C1", THREAD) == ["Let me say it **differently**."]
    assert slack.streams == {}


async def test_a_stream_that_slack_closed_by_itself_is_repaired_by_an_update(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = sink_of(streaming_channel)
    await sink.append(0, TALE)
    slack.stream_life_s = 0
    more = await grown(sink, slack, "chat.update")
    await sink.finish(0, Reply(text=f"{TALE}{more} so on."))
    assert slack.texts("C1", THREAD) == [f"{TALE}{more} so on."]


async def test_a_stream_that_slack_closed_at_its_end_is_repaired_by_an_update(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = sink_of(streaming_channel)
    await sink.append(0, TALE)
    slack.stream_life_s = 0
    await sink.finish(0, Reply(text=WHOLE))
    assert slack.texts("C1", THREAD) == [WHOLE]
    assert "feedback" in str(slack.messages("C1"))


@pytest.fixture
async def hasty_channel(slack: SlackServer, redis_client: Redis) -> AsyncIterator[SlackChannel]:
    """One whose streams are rolled over at once."""
    rates = SlackRates(roll_s=0)
    async with opened(SlackChannel(slack_clients(slack), Pacer(redis_client), rates=rates)) as channel:
        yield channel


async def test_a_stream_is_stopped_before_its_life_is_over_and_goes_on_by_updates(
    slack: SlackServer, hasty_channel: SlackChannel
) -> None:
    sink = sink_of(hasty_channel)
    await sink.append(0, TALE)
    more = await grown(sink, slack, "chat.update")
    [stop] = slack.called("chat.stopStream")
    assert stop["markdown_text"]
    await sink.finish(0, Reply(text=f"{TALE}{more} so on."))
    assert slack.texts("C1", THREAD) == [f"{TALE}{more} so on."]
    assert len(slack.called("chat.startStream")) == 1


async def test_who_takes_over_finishes_the_stream_of_a_worker_that_died(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    first = MemoryDelivery()
    await sink_of(streaming_channel, first).append(0, TALE)
    await sink_of(streaming_channel, first.taken_over()).finish(0, Reply(text="Another tale."))
    assert slack.texts("C1", THREAD) == ["Another tale."]
    assert slack.streams == {}


async def test_who_takes_over_streams_on_in_the_same_message(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    first = MemoryDelivery()
    await sink_of(streaming_channel, first).append(0, TALE)
    sink = sink_of(streaming_channel, first.taken_over())
    await sink.append(0, "Another tale: ")
    assert slack.texts("C1", THREAD) == ["Another tale:"]
    await sink.finish(0, Reply(text="Another tale: there was none."))
    assert slack.texts("C1", THREAD) == ["Another tale: there was none."]


async def test_a_stream_that_was_begun_and_not_recorded_is_found_and_finished(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    slack.say("C1", "a question", ts=THREAD)
    await sink_of(streaming_channel).finish(0, Reply(text="An earlier answer."))
    slack.fail("chat.startStream", drop=True, act=True)
    first = MemoryDelivery()
    late = streaming_channel.sink(asked(event_id="e2"), first)
    await late.append(0, TALE)
    assert len(slack.texts("C1", THREAD)) == 2
    await streaming_channel.sink(asked(event_id="e2"), first.taken_over()).finish(0, Reply(text=WHOLE))
    assert slack.texts("C1", THREAD) == ["An earlier answer.", WHOLE]


@pytest.mark.parametrize("act", [True, False])
async def test_an_append_that_was_cut_off_doubles_and_loses_nothing(
    slack: SlackServer, streaming_channel: SlackChannel, act: bool
) -> None:
    sink = sink_of(streaming_channel)
    await sink.append(0, TALE)
    slack.fail("chat.appendStream", drop=True, act=act)
    more = await grown(sink, slack)
    await sink.finish(0, Reply(text=f"{TALE}{more} so on."))
    assert slack.texts("C1", THREAD) == [f"{TALE}{more} so on."]


@pytest.mark.parametrize("act", [True, False])
async def test_a_stop_that_was_cut_off_is_made_good_by_the_next_attempt(
    slack: SlackServer, streaming_channel: SlackChannel, act: bool
) -> None:
    first = MemoryDelivery()
    sink = sink_of(streaming_channel, first)
    await sink.append(0, TALE)
    slack.fail("chat.stopStream", drop=True, act=act)
    with pytest.raises(ChannelFailed) as failed:
        await sink.finish(0, Reply(text=WHOLE))
    assert failed.value.retryable
    await sink_of(streaming_channel, first.taken_over()).finish(0, Reply(text=WHOLE))
    assert slack.texts("C1", THREAD) == [WHOLE]
    assert slack.streams == {}


@pytest.mark.parametrize(
    ("name", "everywhere"),
    [("unknown_method", True), ("not_allowed_token_type", True), ("channel_type_not_supported", False)],
)
async def test_where_slack_allows_no_streams_they_are_not_tried_again(
    slack: SlackServer, streaming_channel: SlackChannel, name: str, everywhere: bool
) -> None:
    slack.fail("chat.startStream", **refusal(name))
    for number, chat in enumerate((CHAT, CHAT, f"slack:T1:C2:{THREAD}")):
        sink = streaming_channel.sink(asked(chat, f"e{number}"), MemoryDelivery())
        await sink.append(0, TALE)
        await sink.finish(0, Reply(text=WHOLE))
    assert slack.texts("C1") == [WHOLE, WHOLE]
    assert slack.texts("C2") == [WHOLE]
    assert len(slack.called("chat.startStream")) == (1 if everywhere else 2)


async def test_a_form_that_is_refused_at_the_end_loses_no_text(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = sink_of(streaming_channel)
    await sink.append(0, TALE)
    slack.fail("chat.stopStream", **refusal("invalid_blocks"))
    await sink.finish(0, Reply(text=WHOLE))
    assert slack.texts("C1", THREAD) == [WHOLE]
    assert slack.streams == {}


async def test_a_bad_picture_at_the_end_becomes_a_link(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    slack.bad_pictures.add("https://example.org/gone.jpg")
    sink = sink_of(streaming_channel)
    await sink.append(0, TALE)
    await sink.finish(0, Reply(text=WHOLE, image="https://example.org/gone.jpg"))
    assert slack.texts("C1", THREAD) == [f"{WHOLE}\n\nhttps://example.org/gone.jpg"]


async def test_a_long_answer_goes_on_in_a_further_message_and_no_stream_stays_open(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    text = "\n\n".join(f"Paragraph {n} " + "word " * 60 for n in range(50))
    sink = sink_of(streaming_channel)
    await sink.append(0, text[:9000])
    await sink.finish(0, Reply(text=text))
    assert len(slack.texts("C1", THREAD)) == 2
    assert "".join("".join(slack.texts("C1", THREAD)).split()) == "".join(text.split())
    assert ["feedback" in str(m.get("blocks")) for m in slack.messages("C1")] == [False, True]
    assert slack.streams == {}


async def test_who_deletes_a_message_that_is_streamed_ends_the_turn(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    delivery = MemoryDelivery()
    sink = sink_of(streaming_channel, delivery)
    await sink.append(0, TALE)
    slack.forget_message("C1", (delivery.sent(0) or ("",))[0])
    with pytest.raises(MessageVanished):
        await grown(sink, slack, "nothing")
    await sink.finish(0, Reply(text=WHOLE))
    assert slack.texts("C1") == []


async def test_an_answer_may_be_deleted_while_slack_streams_it(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    delivery = MemoryDelivery()
    sink = sink_of(streaming_channel, delivery)
    await sink.append(0, TALE)
    [ts] = delivery.sent(0) or ()
    wanted = DeleteRequested(event_id="d", conversation_id=CHAT, at=1, user=Person(id="U1"), message_id=ts)
    await streaming_channel.delete(wanted)
    with pytest.raises(MessageVanished):
        await grown(sink, slack, "nothing")
    assert slack.texts("C1") == []


async def test_a_stream_that_is_not_finished_is_stopped_when_the_turn_closes(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = sink_of(streaming_channel)
    await sink.append(0, TALE)
    await sink.close("failed")
    assert slack.streams == {}


async def test_no_more_streams_are_open_than_can_be_stopped_in_a_minute(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sinks = [
        streaming_channel.sink(asked(f"slack:T1:C{n}:{THREAD}", f"e{n}"), MemoryDelivery())
        for n in range(STREAM_PLACES + 2)
    ]
    for sink in sinks:
        await sink.append(0, TALE)
    assert len(slack.streams) == STREAM_PLACES
    for sink in sinks:
        await sink.finish(0, Reply(text=WHOLE))
    later = streaming_channel.sink(asked(f"slack:T1:C99:{THREAD}", "later"), MemoryDelivery())
    await later.append(0, TALE)
    assert len(slack.called("chat.startStream")) == STREAM_PLACES
    assert [slack.texts(f"C{n}") for n in range(STREAM_PLACES + 2)].count([WHOLE]) == STREAM_PLACES + 2


async def test_without_streaming_an_answer_is_one_post(slack: SlackServer, redis_client: Redis) -> None:
    async with opened(SlackChannel(slack_clients(slack), Pacer(redis_client), "off")) as channel:
        sink = sink_of(channel)
        await sink.append(0, TALE)
        assert slack.texts("C1") == []
        await sink.finish(0, Reply(text=WHOLE))
    assert slack.texts("C1") == [WHOLE]
    assert not slack.called("chat.update")
