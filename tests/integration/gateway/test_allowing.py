"""A gateway that answers some people only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from contracts.inbox import inbox_key
from tests.integration.gateway.room import GatewayRoom
from tests.integration.gateway.web_page import WebPage
from tests.payloads import payload, post_slack_event, post_telegram
from tests.redis_process import RedisProcess


@pytest.fixture(scope="module")
def closed(redis_process: RedisProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayRoom]:
    folder: Path = tmp_path_factory.mktemp("closed")
    room = GatewayRoom(folder, redis_process.url, GATEWAY_FOR="slack:T1:C1, telegram@42")
    try:
        room.start()
        yield room
    finally:
        room.close()


async def test_who_is_not_on_the_list_is_not_answered_and_the_platform_is(
    redis_client: Redis, closed: GatewayRoom
) -> None:
    stranger, friend = payload("telegram-text"), payload("telegram-text")
    friend["update_id"] += 1
    friend["message"]["from"]["id"] = 42
    assert post_telegram(closed.url, stranger).status_code == 200
    assert await redis_client.keys("*telegram*") == []
    assert post_telegram(closed.url, friend).status_code == 200
    assert await redis_client.llen(inbox_key(f"telegram:default:{friend['message']['chat']['id']}")) == 1
    assert post_slack_event(closed.url, payload("slack-mention")).status_code == 200
    assert len(await redis_client.keys("inbox:slack:T1:C1:*")) == 1


async def test_a_closed_page_says_so(redis_client: Redis, closed: GatewayRoom) -> None:
    answer = WebPage(closed.url).say("hello")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert await redis_client.keys("inbox:*") == []
