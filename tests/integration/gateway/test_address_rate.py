"""One address's flood is refused, others are heard, and what a platform has signed is never counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.integration.gateway.room import GatewayRoom
from tests.payloads import TELEGRAM_SECRET, payload
from tests.redis_process import RedisProcess

RATE = 5


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory, redis_process: RedisProcess) -> Iterator[GatewayRoom]:
    """A gateway of few requests a minute and address, behind https."""
    folder: Path = tmp_path_factory.mktemp("slow")
    variables = {
        "GATEWAY_ADDRESS_RATE": str(RATE),
        "PUBLIC_URL": "https://bots.example",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "secret-for-tests",
    }
    room = GatewayRoom(folder, redis_process.url, **variables)
    room.start()
    yield room
    room.close()


def test_an_address_is_refused_beyond_its_rate_and_another_is_not(slow: GatewayRoom) -> None:
    asked = [
        slow.client.post("/api/v1/conversations", headers={"X-Forwarded-For": "93.184.216.1"})
        for _ in range(RATE + 1)
    ]
    assert [answer.status_code for answer in asked] == [201] * RATE + [429]
    assert asked[-1].json()["code"] == "too_fast"
    assert int(asked[-1].headers["retry-after"]) > 0
    other = slow.client.post("/api/v1/conversations", headers={"X-Forwarded-For": "93.184.216.2"})
    assert other.status_code == 201


async def test_installs_that_nobody_ends_fill_no_redis(slow: GatewayRoom, redis_client: Redis) -> None:
    here = {"X-Forwarded-For": "93.184.216.6"}
    begun = [slow.client.get("/slack/install", headers=here) for _ in range(RATE + 1)]
    assert [answer.status_code for answer in begun] == [302] * RATE + [429]
    assert len(await redis_client.keys("install_state:*")) == RATE


async def test_wrong_signatures_are_counted_and_right_ones_are_not(
    slow: GatewayRoom, redis_client: Redis
) -> None:
    here = {"X-Forwarded-For": "93.184.216.3"}
    update = payload("telegram-text")
    wrong = [slow.client.post("/webhooks/telegram", json=update, headers=here) for _ in range(RATE + 1)]
    assert [answer.status_code for answer in wrong] == [401] * RATE + [429]
    signed = here | {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
    right = [
        slow.client.post("/webhooks/telegram", json=update | {"update_id": number}, headers=signed)
        for number in range(2 * RATE)
    ]
    assert {answer.status_code for answer in right} == {200}


def test_a_forged_start_of_the_forwarded_addresses_is_not_believed(slow: GatewayRoom) -> None:
    asked = [
        slow.client.get("/", headers={"X-Forwarded-For": f"93.184.217.{number}, 93.184.216.4"})
        for number in range(RATE + 1)
    ]
    assert [answer.status_code for answer in asked] == [200] * RATE + [429]


def test_behind_https_every_cookie_stays_on_https(slow: GatewayRoom) -> None:
    page = slow.client.get("/", headers={"X-Forwarded-For": "93.184.216.5"})
    shown = {"Authorization": "Bearer admin-for-tests", "X-Forwarded-For": "93.184.216.5"}
    admin = slow.client.post("/api/v1/admin/sign-in", headers=shown)
    for answer in (page, admin):
        assert "secure" in [part.strip().lower() for part in answer.headers["set-cookie"].split(";")]
