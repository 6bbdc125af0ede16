"""What the platforms post: each delivery once, only from them, and never for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis.asyncio import Redis

from contracts.event import EVENT
from contracts.inbox import DUE, inbox_key
from tests.integration.gateway.room import GatewayRoom
from tests.payloads import (
    SLACK_SECRET,
    TELEGRAM_SECRET,
    payload,
    post_slack_event,
    post_slack_form,
    post_telegram,
    slack_headers,
)
from tests.redis_process import RedisProcess

TELEGRAM_CHAT = inbox_key("telegram:default:1001")


async def test_ten_same_telegram_deliveries_are_one_event(redis_client: Redis, gateway: GatewayRoom) -> None:
    with ThreadPoolExecutor(10) as pool:
        found = payload("telegram-text")
        answers = [pool.submit(post_telegram, gateway.url, found) for _ in range(10)]
        assert {answer.result().status_code for answer in answers} == {200}
    assert await redis_client.llen(TELEGRAM_CHAT) == 1
    assert await redis_client.zcard(DUE) == 1


async def test_a_mention_comes_again_until_telegram_has_told_our_name(
    redis_client: Redis, gateway: GatewayRoom
) -> None:
    found = payload("telegram-text")
    found["message"] |= {"text": "@somebody hi", "chat": {"id": -1001, "type": "group", "title": "A group"}}
    answer = post_telegram(gateway.url, found)  # this gateway has never reached Telegram
    assert (answer.status_code, answer.json()["code"]) == (503, "name_unknown")
    assert answer.headers["retry-after"] == "2"


async def test_one_message_under_many_delivery_ids_is_one_event(
    redis_client: Redis, gateway: GatewayRoom
) -> None:
    for number in range(10):
        answer = post_slack_event(gateway.url, payload("slack-mention") | {"event_id": f"Ev{number}"})
        assert answer.status_code == 200
    assert await redis_client.llen(inbox_key("slack:T1:C1:1790000010.000200")) == 1


async def test_what_is_not_answered_is_taken_and_leaves_nothing(
    redis_client: Redis, gateway: GatewayRoom
) -> None:
    for name in ("slack-own", "slack-edit", "slack-join"):
        assert post_slack_event(gateway.url, payload(name)).status_code == 200
    edited = payload("telegram-text")
    edited["edited_message"] = edited.pop("message")
    assert post_telegram(gateway.url, edited).status_code == 200
    assert await redis_client.keys("seen:*") == []


async def test_an_update_that_cannot_be_read_is_answered_so_that_it_does_not_come_again(
    redis_client: Redis, gateway: GatewayRoom
) -> None:
    for odd in ({"update_id": 1, "message": {}}, {"update_id": "x"}, {"update_id": 2, "message": []}):
        assert post_telegram(gateway.url, odd).status_code == 200
    assert post_slack_event(gateway.url, {"type": "event_callback", "event": []}).status_code == 200
    assert await redis_client.zcard(DUE) == 0


async def test_what_a_person_wrote_is_not_in_the_log_of_an_update_that_cannot_be_read(
    gateway: GatewayRoom,
) -> None:
    odd = payload("slack-dm")
    odd["event"] |= {"user": {"wrote": "very-private-words"}}
    before = len(gateway.log)
    assert post_slack_event(gateway.url, odd).status_code == 200
    said = gateway.log[before:]
    assert said.count("gateway.update.unparsed") == 1
    assert "parse_event" in said
    assert "very-private-words" not in said


async def test_half_a_character_becomes_a_question_mark_and_stops_nobody_else(
    redis_client: Redis, gateway: GatewayRoom
) -> None:
    half = payload("slack-dm")
    half["event"] |= {"text": "a\ud800b \U0001f600"}
    with ThreadPoolExecutor(8) as pool:
        posts = [pool.submit(post_slack_event, gateway.url, half) for _ in range(4)]
        others = [pool.submit(post_telegram, gateway.url, payload("telegram-text")) for _ in range(4)]
        assert {answer.result().status_code for answer in posts + others} == {200}
    assert await redis_client.llen(TELEGRAM_CHAT) == 1
    stored = EVENT.validate_json(await redis_client.lindex(inbox_key("slack:T1:D1"), 0))
    assert getattr(stored, "text", None) == "a?b \U0001f600"


def test_slack_gets_its_challenge_back(gateway: GatewayRoom) -> None:
    answer = post_slack_event(gateway.url, {"type": "url_verification", "challenge": "c-1"})
    assert answer.json() == {"challenge": "c-1"}


@pytest.mark.parametrize("place", ["events", "interactivity", "commands"])
def test_what_slack_has_not_signed_is_refused_whatever_it_is(gateway: GatewayRoom, place: str) -> None:
    for body in (b"{}", b"not json", b"\xff\xfe", b""):
        answer = gateway.client.post(f"/webhooks/slack/{place}", content=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")


def test_a_bot_that_is_not_ours_or_another_secret_is_refused(gateway: GatewayRoom) -> None:
    for place, secret in (("telegram/unknown", ""), ("telegram", "wrong"), ("telegram", "")):
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        answer = gateway.client.post(f"/webhooks/{place}", json=payload("telegram-text"), headers=headers)
        assert answer.status_code == 401


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"[" * 100_000])
def test_a_signed_body_that_is_no_json_object_is_a_400(gateway: GatewayRoom, body: bytes) -> None:
    answer = gateway.client.post("/webhooks/slack/events", content=body, headers=slack_headers(body))
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


@pytest.mark.parametrize(
    ("secret", "body", "status"),
    [("wrong", b"{}", 401), (TELEGRAM_SECRET, b"[]", 400), (TELEGRAM_SECRET, b'{"update_id": 1}', 200)],
)
def test_a_body_of_unsaid_length_is_answered_as_one_whose_length_is_said(
    gateway: GatewayRoom, secret: str, body: bytes, status: int
) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    short = gateway.client.post("/webhooks/telegram", content=body, headers=headers)
    long = gateway.client.post("/webhooks/telegram", content=iter([body]), headers=headers)
    assert (short.status_code, long.status_code) == (status, status)
    assert short.headers.get("content-type") == long.headers.get("content-type")
    if status != 200:
        named = [{**answer.json(), "request_id": ""} for answer in (short, long)]
        assert named[0] == named[1]
        assert short.json()["request_id"] != long.json()["request_id"]


def test_a_webhook_that_is_too_large_is_refused(gateway: GatewayRoom) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
    answer = gateway.client.post("/webhooks/telegram", content=b" " * 1_000_001, headers=headers)
    assert answer.status_code == 413


@pytest.fixture
def guarded(tmp_path: Path, redis_process: RedisProcess, redis_client: Redis) -> Iterator[GatewayRoom]:
    """A gateway whose Slack addresses carry a token, and whose people may send two messages a minute."""
    variables = {"SLACK_URL_TOKEN": "in-the-address", "GATEWAY_PERSON_RATE": "2"}
    room = GatewayRoom(tmp_path, redis_process.url, **variables)
    room.start()
    yield room
    room.close()


async def test_with_a_url_token_both_it_and_the_signature_are_needed(
    redis_client: Redis, guarded: GatewayRoom
) -> None:
    form = {key: str(value) for key, value in payload("slack-command").items()}
    assert post_slack_form(guarded.url, "commands", form).status_code == 401
    assert post_slack_form(guarded.url, "commands?token=another", form).status_code == 401
    unsigned = guarded.client.post("/webhooks/slack/commands?token=in-the-address", data=form)
    assert unsigned.status_code == 401
    assert await redis_client.zcard(DUE) == 0
    assert post_slack_form(guarded.url, "commands?token=in-the-address", form).status_code == 200
    assert await redis_client.llen(inbox_key("slack:T1:D1")) == 1
    assert "in-the-address" not in guarded.log


async def test_one_persons_flood_is_dropped_and_others_are_heard(
    redis_client: Redis, guarded: GatewayRoom
) -> None:
    for number in range(5):
        assert post_telegram(guarded.url, payload("telegram-text") | {"update_id": number}).status_code == 200
    other = payload("telegram-text")
    other["message"] |= {
        "from": other["message"]["from"] | {"id": 2002},
        "chat": {"id": 2002, "type": "private"},
    }
    post_telegram(guarded.url, other | {"update_id": 99})
    assert await redis_client.llen(TELEGRAM_CHAT) == 2
    assert await redis_client.llen(inbox_key("telegram:default:2002")) == 1


@pytest.fixture
def shared(tmp_path: Path, redis_process: RedisProcess, redis_client: Redis) -> Iterator[GatewayRoom]:
    """A gateway of two workspaces, each with an app of its own."""
    config = tmp_path / "switchboard.yml"
    entries = [f"{{channel: slack, name: T{n}, token: TOKEN_{n}, secret: SECRET_{n}}}" for n in (1, 2)]
    config.write_text(f"accounts: [{', '.join(entries)}]", "utf-8")
    variables = {"TOKEN_1": "xoxb-1", "TOKEN_2": "xoxb-2", "SECRET_1": "another", "SECRET_2": SLACK_SECRET}
    off = {"SLACK_BOT_TOKEN": "", "SLACK_SIGNING_SECRET": "", "SWITCHBOARD_CONFIG": str(config)}
    room = GatewayRoom(tmp_path, redis_process.url, **variables, **off)
    room.start()
    yield room
    room.close()


async def test_one_workspaces_secret_does_not_speak_for_another(
    redis_client: Redis, shared: GatewayRoom
) -> None:
    for team in ("T1", "T2", "T3"):
        assert post_slack_event(shared.url, payload("slack-dm") | {"team_id": team}).status_code == 200
    assert await redis_client.zrange(DUE, 0, -1) == ["slack:T2:D1"]
    assert shared.log.count("gateway.team.refused") == 2
