"""Two hundred people ask one Telegram bot at once."""

import asyncio
from collections import Counter

import pytest
from redis.asyncio import Redis

from contracts.event import MessageSent, Person
from contracts.reply import Reply
from services.worker.app import create_redis
from services.worker.channels.base import Sink
from services.worker.channels.telegram import TelegramChannel, create_bot
from services.worker.channels.telegram_pace import TelegramPace
from services.worker.pacer import Pacer
from tests.fakes.delivery import MemoryDelivery
from tests.fakes.telegram_server import TOKEN, TelegramServer
from tests.redis_process import RedisProcess
from tests.waiting import auntil

pytestmark = pytest.mark.alone

CHATS = range(5001, 5201)
SECOND = 0.4
"""How long a second of Telegram's limits, and of our pace, lasts here."""
WORD_S = 0.4
TOLD_TO_WAIT = {"sendMessageDraft": 3, "sendMessage": 2}
APART = 60
"""So many calls between two that are told to wait: chats of their own, not the whole bot."""


def sink_of(channel: TelegramChannel, chat: int) -> Sink:
    event = MessageSent(
        event_id=f"e{chat}",
        conversation_id=f"telegram:default:{chat}",
        at=1,
        user=Person(id=str(chat)),
        text="hi",
    )
    return channel.sink(event, MemoryDelivery())


async def ask(channel: TelegramChannel, chat: int, are_all_seen: asyncio.Event) -> str:
    """Stream until every chat has seen something; gives the whole answer."""
    sink = sink_of(channel, chat)
    await sink.open()
    written = ""
    while not are_all_seen.is_set():
        written += f"{chat} "
        await sink.append(0, f"{chat} ")
        await asyncio.sleep(WORD_S)
    await sink.finish(0, Reply(text=f"{written}The end."))
    await sink.close("finished")
    return f"{written}The end."


async def test_two_hundred_streams_in_one_bot_all_end_and_none_starves_or_calls_too_early(
    telegram: TelegramServer, redis_client: Redis, redis_process: RedisProcess
) -> None:
    redis = create_redis(redis_process.url, decode_responses=True)
    telegram.limits.second, telegram.limits.enforced = SECOND, True
    wait = {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": 1}}
    for method, times in TOLD_TO_WAIT.items():
        for _ in range(times):
            telegram.fail(method, status=429, body=wait, skip=APART)
    bots = {"default": create_bot(TOKEN, telegram.url)}
    channel = TelegramChannel(bots, Pacer(redis), redis, pace=TelegramPace().times(SECOND))
    are_all_seen = asyncio.Event()
    asking = [asyncio.create_task(ask(channel, chat, are_all_seen)) for chat in CHATS]

    async def all_seen() -> bool:
        return len({call["chat_id"] for call in telegram.called("sendMessageDraft")}) == len(CHATS)

    await auntil(all_seen, "nobody waits for a draft for ever", timeout_s=60)
    are_all_seen.set()
    answers = [[answer] for answer in await asyncio.gather(*asking)]
    await channel.aclose()
    await redis.aclose()

    assert [telegram.texts(chat) for chat in CHATS] == answers
    assert telegram.limits.refused >= sum(TOLD_TO_WAIT.values())
    assert telegram.limits.early == []
    shown = Counter(call["chat_id"] for call in telegram.called("sendMessageDraft"))
    assert max(shown.values()) <= 2 * shown.total() / len(CHATS) + 1  # nobody is served at others' cost
