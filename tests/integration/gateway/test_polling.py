"""Polling, for development: nothing is skipped that was not accepted, and one gateway polls at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from contracts.event import EVENT
from contracts.inbox import inbox_key
from tests.fakes.telegram_server import TelegramServer
from tests.integration.gateway.room import GatewayRoom
from tests.payloads import payload
from tests.redis_process import RedisProcess
from tests.waiting import auntil, until

CHAT = inbox_key("telegram:default:1001")


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    """A Telegram whose polls take a moment, as real ones do."""
    server = TelegramServer()
    server.fail("getUpdates", times=10_000, stall_s=0.1)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def room(tmp_path: Path, redis_process: RedisProcess, telegram: TelegramServer) -> Iterator[GatewayRoom]:
    room = GatewayRoom(tmp_path, redis_process.url, TELEGRAM_API_URL=telegram.url, TELEGRAM_MODE="polling")
    yield room
    room.close()


def update(number: int, text: str) -> dict[str, object]:
    found = payload("telegram-text")
    return found | {"update_id": number, "message": found["message"] | {"text": text}}


async def texts(redis: Redis) -> list[str]:
    return [EVENT.validate_json(event).text for event in await redis.lrange(CHAT, 0, -1)]  # type: ignore[union-attr]


async def test_updates_come_into_the_inbox_once_and_in_order(
    redis_client: Redis, room: GatewayRoom, telegram: TelegramServer
) -> None:
    odd = {"update_id": 2, "stopped_message_generation": {"draft_id": 1}}
    unknown = {"update_id": 3, "message": {"message_id": 1, "text": "pomegranate"}}
    telegram.updates = [update(1, "one"), odd, unknown, update(4, "four")]
    room.start()
    until(lambda: not telegram.updates, "Telegram is told that all of them are here")
    assert await texts(redis_client) == ["one", "four"]
    assert room.log.count("gateway.update.unparsed") == 2
    assert "pomegranate" not in room.log


async def test_what_redis_did_not_take_is_fetched_again(
    redis_client: Redis, room: GatewayRoom, telegram: TelegramServer
) -> None:
    room.start()
    await redis_client.config_set("maxmemory", "1mb")  # less than is in use
    try:
        until(lambda: "gateway.redis.filled" in room.log, "the gateway sees that Redis is full")
        telegram.updates = [update(1, "one")]
        until(lambda: "gateway.poll.failed" in room.log, "an update is refused")
        assert telegram.updates
    finally:
        await redis_client.config_set("maxmemory", "256mb")
    until(lambda: not telegram.updates, "Telegram is told that it is here")
    assert await texts(redis_client) == ["one"]


async def test_a_gateway_that_stops_leaves_the_bot_to_the_next(
    redis_client: Redis, room: GatewayRoom, telegram: TelegramServer
) -> None:
    async def is_locked() -> bool:
        return bool(await redis_client.exists("poller:default"))

    room.start()
    await auntil(is_locked, "the gateway polls")
    telegram.failures.clear()
    telegram.fail("getUpdates", stall_s=25)  # a long poll, with nothing to say
    until(lambda: not telegram.failures, "the long poll has begun")
    room.stop(timeout_s=10)
    assert not await is_locked()
