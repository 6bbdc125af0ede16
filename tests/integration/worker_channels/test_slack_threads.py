"""A Slack thread around the answer: what was said before, the status, what is suggested to who comes."""

import time

import pytest
from redis.asyncio import Redis

from contracts.control import ChatOpened
from contracts.event import Event, MessageSent, Person
from contracts.reply import Reply
from services.worker.channels.base import Said
from services.worker.channels.slack import SlackChannel
from services.worker.channels.slack_people import SlackPeople
from services.worker.pacer import Pacer
from tests.fakes.delivery import MemoryDelivery
from tests.fakes.slack_server import SlackServer
from tests.integration.worker_channels.conftest import opened as open_channel
from tests.integration.worker_channels.conftest import slack_clients

THREAD, QUESTION = "1790000000.000100", "1790000900.000100"
CHAT = f"slack:T1:C1:{THREAD}"


def asked(conversation_id: str = CHAT, locale: str | None = None) -> Event:
    return MessageSent(
        event_id=f"slack:T1:C1:{QUESTION}",
        conversation_id=conversation_id,
        at=1,
        user=Person(id="U1", locale=locale),
        text="hi",
    )


def opened(conversation_id: str, locale: str | None = None) -> ChatOpened:
    return ChatOpened(
        event_id="o1", conversation_id=conversation_id, at=1, user=Person(id="U1", locale=locale)
    )


def talk(slack: SlackServer, count: int = 3) -> None:
    """People and bots talk in the thread before the question, and after it."""
    slack.say("C1", "<@U0BOT> who is <@U2|bo>? 1 &lt; 2", ts=THREAD)
    slack.say("C1", "I am **here**", ts="1790000001.000100", thread_ts=THREAD, user="U0BOT", bot_id="B0BOT")
    for number in range(count):
        slack.say("C1", f"line {number}", ts=f"179000000{2 + number}.000100", thread_ts=THREAD, user="U2")
    slack.say("C1", "from another app", ts="1790000100.000100", thread_ts=THREAD, bot_id="B9OTHER")
    slack.say("C1", "the question", ts=QUESTION, thread_ts=THREAD)
    slack.say("C1", "later", ts="1790000901.000100", thread_ts=THREAD)


async def test_a_thread_is_told_in_order_up_to_the_question_with_who_is_the_bot(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    talk(slack, 1)
    assert list(await slack_channel.replies(asked(), 50)) == [
        Said("user", "who is ? 1 < 2"),
        Said("assistant", "I am **here**"),
        Said("user", "line 0"),
        Said("user", "from another app"),
    ]


async def test_of_a_long_thread_the_newest_messages_are_told_also_over_several_pages(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    talk(slack, 7)
    slack.page_objects = 3
    told = await slack_channel.replies(asked(), 3)
    assert [message.text for message in told] == ["line 5", "line 6", "from another app"]
    assert len(slack.called("conversations.replies")) > 1


async def test_what_one_page_gives_is_taken_where_the_next_is_refused(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    talk(slack, 7)
    slack.page_objects = 3
    wait = {"status": 429, "body": {"ok": False, "error": "ratelimited"}, "headers": {"Retry-After": "60"}}
    slack.fail("conversations.replies", skip=1, **wait)
    told = await slack_channel.replies(asked(), 50)
    assert [message.text for message in told] == ["who is ? 1 < 2", "I am **here**", "line 0"]


async def test_a_thread_is_not_told_while_slack_does_not_say_who_the_bot_is(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    talk(slack)
    slack.fail("auth.test", drop=True)
    assert await slack_channel.replies(asked(), 50) == ()
    assert await slack_channel.replies(asked(), 50)


async def test_an_answer_does_not_wait_for_a_thread_that_cannot_be_read_now(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    talk(slack)
    wait = {"status": 429, "body": {"ok": False, "error": "ratelimited"}, "headers": {"Retry-After": "60"}}
    slack.fail("conversations.replies", **wait)
    began = time.monotonic()
    assert list(await slack_channel.replies(asked(), 50)) == []
    assert time.monotonic() - began < 5
    assert len(slack.called("conversations.replies")) == 1


@pytest.mark.parametrize("scopes", ["chat:write", None])
async def test_without_the_right_or_a_thread_nothing_was_said(
    slack: SlackServer, slack_channel: SlackChannel, scopes: str | None
) -> None:
    talk(slack)
    slack.scopes = scopes or slack.scopes
    event = asked() if scopes else asked("slack:T1:D1")
    assert list(await slack_channel.replies(event, 50)) == []


async def test_who_we_are_is_asked_once(slack: SlackServer, slack_channel: SlackChannel) -> None:
    talk(slack)
    for _ in range(3):
        await slack_channel.replies(asked(), 50)
    assert len(slack.called("auth.test")) == 1


async def test_the_status_is_in_the_persons_language_and_ends_with_the_first_text(
    slack: SlackServer, streaming_channel: SlackChannel
) -> None:
    sink = streaming_channel.sink(asked(locale="zh-CN"), MemoryDelivery())
    await sink.open()
    await sink.open()
    status = slack.statuses["C1", THREAD]
    assert status["status"] == "正在思考…"
    assert len(status["loading_messages"]) == 3
    await sink.append(0, "Once upon a time there was")
    await sink.finish(0, Reply(text="Once upon a time there was a bot."))
    await sink.close("finished")
    assert slack.statuses == {}
    assert len(slack.called("assistant.threads.setStatus")) == 1


async def test_a_turn_that_says_nothing_takes_its_status_away(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    sink = slack_channel.sink(asked(), MemoryDelivery())
    await sink.open()
    await sink.close("finished")
    assert slack.statuses == {}


async def test_who_opens_the_chat_finds_things_to_ask_in_their_language(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    await slack_channel.welcome(opened("slack:T1:D1", "zh-TW"))
    await slack_channel.welcome(opened(f"slack:T1:D1:{THREAD}"))
    newer, older = slack.prompts
    assert "thread_ts" not in newer
    assert newer["prompts"][0] == {"title": "你會做什麼？", "message": "你會做什麼？"}
    assert older["thread_ts"] == THREAD
    assert older["prompts"][0]["message"] == "What can you do?"


async def test_the_settings_say_what_is_suggested(slack: SlackServer, redis_client: Redis) -> None:
    prompts = ("One?", "Two? " * 30, "Three?", "Four?", "Five?")
    async with open_channel(
        SlackChannel(slack_clients(slack), Pacer(redis_client), prompts=prompts)
    ) as channel:
        await channel.welcome(opened("slack:T1:D1"))
    [offered] = slack.prompts
    assert [prompt["message"] for prompt in offered["prompts"]] == list(prompts[:4])
    assert len(offered["prompts"][1]["title"]) == 75


async def test_a_welcome_that_is_refused_does_no_harm(
    slack: SlackServer, slack_channel: SlackChannel
) -> None:
    slack.unknown_methods.add("assistant.threads.setSuggestedPrompts")
    await slack_channel.welcome(opened("slack:T1:D1"))
    assert slack.prompts == []


def knowing(slack: SlackServer, redis: Redis) -> SlackChannel:
    """A channel that asks for people's languages."""
    return SlackChannel(slack_clients(slack), Pacer(redis), people=SlackPeople(redis))


async def test_a_persons_language_is_asked_for_once_and_forgotten_after_a_day(
    slack: SlackServer, redis_client: Redis
) -> None:
    slack.people["U1"] = {"locale": "zh-TW"}
    people = SlackPeople(redis_client)
    async with open_channel(
        SlackChannel(slack_clients(slack), Pacer(redis_client), people=people)
    ) as channel:
        assert [await channel.locale(asked()) for _ in range(3)] == ["zh-TW"] * 3
        await channel.welcome(opened(CHAT))
    assert len(slack.called("users.info")) == 1
    assert "你會做什麼？" in str(slack.prompts[-1]["prompts"])
    [key] = await redis_client.keys("locale:*")
    assert 0 < await redis_client.ttl(key) <= 24 * 3600


@pytest.mark.parametrize("scopes", ["chat:write", "users:read"])
async def test_a_workspace_that_tells_no_language_is_not_asked_again_that_day(
    slack: SlackServer, redis_client: Redis, scopes: str
) -> None:
    slack.scopes = scopes
    people = SlackPeople(redis_client)
    async with open_channel(
        SlackChannel(slack_clients(slack), Pacer(redis_client), people=people)
    ) as channel:
        assert [await channel.locale(asked()) for _ in range(2)] == [None, None]
    assert len(slack.called("users.info")) == 1


async def test_a_workspace_whose_slack_stumbles_is_asked_again_within_the_hour(
    slack: SlackServer, redis_client: Redis
) -> None:
    slack.fail("users.info", body={"ok": False, "error": "internal_error"})
    people = SlackPeople(redis_client)
    async with open_channel(
        SlackChannel(slack_clients(slack), Pacer(redis_client), people=people)
    ) as channel:
        assert await channel.locale(asked()) is None
    [key] = await redis_client.keys("locale:*")
    assert 0 < await redis_client.ttl(key) <= 3600


async def test_a_language_that_is_known_is_not_asked_for(slack: SlackServer, redis_client: Redis) -> None:
    people = SlackPeople(redis_client)
    async with open_channel(
        SlackChannel(slack_clients(slack), Pacer(redis_client), people=people)
    ) as channel:
        assert await channel.locale(asked(locale="en-GB")) == "en-GB"
    assert slack.called("users.info") == []
