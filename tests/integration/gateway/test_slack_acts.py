"""Stop and delete on Slack: asked in a modal, for those who may, once, with a word where it cannot be."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from contracts.control import DeleteRequested, StopRequested
from contracts.event import EVENT, CommandGiven, MessageSent
from contracts.inbox import DUE, inbox_key
from tests.fakes.slack_server import SlackServer
from tests.integration.gateway.room import GatewayRoom
from tests.integration.gateway.slack_end import (
    ANSWER,
    QUESTION,
    answer,
    command,
    controls,
    finish,
    interact,
    run,
)
from tests.payloads import payload, post_slack_event
from tests.redis_process import RedisProcess
from tests.waiting import until

ADMIN = "U9"


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackServer]:
    server = SlackServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def room_process(
    slack: SlackServer, redis_process: RedisProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GatewayRoom]:
    """A gateway of a workspace that reads Traditional Chinese and has an admin."""
    settings = {
        "SLACK_API_URL": slack.api_url,
        "ADMINS": f"slack@{ADMIN}",
        "SLACK_LOCALE": "zh-TW",
    }
    folder: Path = tmp_path_factory.mktemp("slack_acts")
    room = GatewayRoom(folder, redis_process.url, GATEWAY_PERSON_RATE="1000", **settings)
    try:
        room.start()
        yield room
    finally:
        room.close()


@pytest.fixture
def room(room_process: GatewayRoom, redis_client: Redis, slack: SlackServer) -> GatewayRoom:
    """The gateway in front of an empty Redis."""
    slack.reset()
    slack.views.clear()
    slack.used_triggers.clear()
    slack.triggers.clear()
    return room_process


def shortcut(**changes: Any) -> dict[str, Any]:
    return payload("slack-shortcut") | changes


def confirmation(view: dict[str, Any], user: str = "U1") -> dict[str, Any]:
    """The modal that Slack shows is submitted."""
    found = payload("slack-confirmation") | {"user": {"id": user}}
    return found | {"view": found["view"] | view}


def shown(slack: SlackServer) -> dict[str, Any]:
    """The one modal that was opened."""
    (call,) = slack.called("views.open")
    return dict(call["view"])


def said(view: dict[str, Any]) -> str:
    """The modal's sentence."""
    return str(view["blocks"][0]["text"]["text"])


@pytest.mark.parametrize(
    ("callback", "kind", "question"),
    [("abort_openai_api", StopRequested, "要停止"), ("delete_message", DeleteRequested, "要為所有人刪除")],
)
@pytest.mark.parametrize("user", ["U1", ADMIN])
async def test_who_asked_and_an_admin_are_asked_once_more_and_then_obeyed(
    redis_client: Redis,
    room: GatewayRoom,
    slack: SlackServer,
    callback: str,
    kind: type,
    question: str,
    user: str,
) -> None:
    await answer(redis_client)
    chosen = shortcut(callback_id=callback, user={"id": user})
    began = time.monotonic()
    assert interact(room.url, chosen).status_code == 200
    assert time.monotonic() - began < 3
    view = shown(slack)
    assert question in said(view)
    assert await controls(redis_client) == []
    done = interact(room.url, confirmation(view, user))
    assert (done.status_code, done.content) == (200, b"")
    (control,) = await controls(redis_client)
    assert isinstance(control, kind)
    assert control.user.id == user
    assert getattr(control, "message_id", ANSWER) == ANSWER
    assert getattr(control, "target", QUESTION) == QUESTION


async def test_a_modal_that_is_submitted_twice_acts_once(redis_client: Redis, room: GatewayRoom) -> None:
    await answer(redis_client)
    for _ in range(2):
        assert interact(room.url, payload("slack-confirmation")).status_code == 200
    assert len(await controls(redis_client)) == 1


async def test_a_shortcut_that_is_delivered_twice_opens_one_modal_and_complains_to_nobody(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer
) -> None:
    await answer(redis_client)
    for _ in range(2):
        assert interact(room.url, shortcut(response_url=slack.response_url)).status_code == 200
    assert len(slack.views) == 1
    assert slack.called("response_url") == []


@pytest.mark.parametrize(("user", "why"), [("U2", "只有提問的人"), ("U1", "這不是我的回答")])
@pytest.mark.parametrize("callback", ["abort_openai_api", "delete_message"])
async def test_a_message_of_somebody_elses_question_or_of_no_question_is_not_acted_on(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer, user: str, why: str, callback: str
) -> None:
    if user == "U2":
        await answer(redis_client)
    interact(room.url, shortcut(callback_id=callback, user={"id": user}))
    view = shown(slack)
    assert why in said(view)
    assert "submit" not in view


async def test_who_confirms_anothers_modal_is_refused_in_it(redis_client: Redis, room: GatewayRoom) -> None:
    await answer(redis_client)
    refused = interact(room.url, confirmation({}, user="U2")).json()
    assert refused["response_action"] == "update"
    assert "只有提問的人" in said(refused["view"])
    assert await controls(redis_client) == []


async def test_a_finished_answer_cannot_be_stopped_but_deleted(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer
) -> None:
    await answer(redis_client)
    await finish(redis_client)
    interact(room.url, shortcut())
    assert "已經結束" in said(shown(slack))
    late = interact(room.url, confirmation({"callback_id": "abort_openai_api"}))
    assert late.json()["response_action"] == "update"
    assert await controls(redis_client) == []
    interact(room.url, confirmation({}))
    assert len(await controls(redis_client)) == 1


async def test_a_shortcut_away_from_a_message_says_where_to_find_it(
    room: GatewayRoom, slack: SlackServer
) -> None:
    chosen = shortcut(type="shortcut")
    for name in ("message", "channel"):
        del chosen[name]
    assert interact(room.url, chosen).status_code == 200
    assert "選單" in said(shown(slack))


async def test_an_expired_trigger_is_answered_privately_and_never_with_an_error(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer
) -> None:
    await answer(redis_client)
    slack.triggers["555.666.ghi"] = time.monotonic() - 4
    assert interact(room.url, shortcut(response_url=slack.response_url)).status_code == 200
    until(lambda: slack.called("response_url"), "the person is told")
    (told,) = slack.called("response_url")
    assert told["response_type"] == "ephemeral"
    assert "再試一次" in told["text"]
    assert "expired_trigger_id" in room.log


async def test_a_slack_that_refuses_for_another_reason_is_not_called_slow(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer
) -> None:
    await answer(redis_client)
    slack.fail("views.open", status=500, body={"ok": False, "error": "internal_error"})
    assert interact(room.url, shortcut(response_url=slack.response_url)).status_code == 200
    (told,) = until(lambda: slack.called("response_url"), "the person is told")
    assert "出了點問題" in told["text"]


@pytest.mark.parametrize("response_url", ["", "https://elsewhere.example/collect"])
async def test_without_an_address_of_slacks_an_expired_trigger_is_only_logged(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer, response_url: str
) -> None:
    await answer(redis_client)
    slack.triggers["555.666.ghi"] = time.monotonic() - 4
    assert interact(room.url, shortcut(response_url=response_url)).status_code == 200
    assert [call.method for call in slack.calls] == ["views.open"]


async def test_a_slack_that_stalls_keeps_nobody_waiting_beyond_the_trigger(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer
) -> None:
    await answer(redis_client)
    slack.fail("views.open", stall_s=3.5)
    began = time.monotonic()
    assert interact(room.url, shortcut(response_url="")).status_code == 200
    assert time.monotonic() - began < 3


def button(action_id: str, user: str) -> dict[str, Any]:
    """A press of a button under the answer."""
    found = payload("slack-button") | {"user": {"id": user}, "channel": {"id": "C1"}}
    found["message"] |= {"ts": ANSWER, "thread_ts": "1790000010.000200"}
    found["actions"][0] |= {"action_id": action_id}
    return found


@pytest.mark.parametrize("action_id", ["stop", "delete"])
async def test_a_stop_or_delete_button_obeys_who_asked_and_nobody_else(
    redis_client: Redis, room: GatewayRoom, slack: SlackServer, action_id: str
) -> None:
    await answer(redis_client)
    other = button(action_id, "U2") | {"response_url": slack.response_url}
    assert interact(room.url, other).status_code == 200
    assert await controls(redis_client) == []
    until(lambda: slack.called("response_url"), "the other person is told")
    for _ in range(2):
        assert interact(room.url, button(action_id, "U1")).status_code == 200
    assert len(await controls(redis_client)) == 1


async def test_a_stop_button_under_a_message_that_nobody_has_noted_yet_counts(
    redis_client: Redis, room: GatewayRoom
) -> None:
    interact(room.url, button("stop", "U1"))
    interact(room.url, button("delete", "U1"))
    assert [control.kind for control in await controls(redis_client)] == ["stop_requested"]


async def test_slash_stop_goes_to_the_askers_newest_running_turn_of_the_channel(
    redis_client: Redis, room: GatewayRoom
) -> None:
    older, newer = "slack:T1:C1:1.1", "slack:T1:C1:2.2"
    await run(redis_client, older, began=1)
    await run(redis_client, newer, began=2)
    await run(redis_client, "slack:T1:C1:3.3", began=3, user="U2")
    await run(redis_client, "slack:T1:C2:4.4", began=4, channel="C2")
    for _ in range(2):
        told = command(room.url, "/stop").json()
        assert told["response_type"] == "ephemeral"
        assert "正在停止" in told["text"]
    assert [control.kind for control in await controls(redis_client, newer)] == ["stop_requested"]
    assert await redis_client.zrange(DUE, 0, -1) == [newer]


async def test_slash_stop_where_nothing_runs_says_so_and_leaves_nothing(
    redis_client: Redis, room: GatewayRoom
) -> None:
    told = command(room.url, "/switchboard", text="stop").json()
    assert told["response_type"] == "ephemeral"
    assert "沒有" in told["text"]
    assert await redis_client.zcard(DUE) == 0


async def test_the_other_commands_are_events_of_the_channel(redis_client: Redis, room: GatewayRoom) -> None:
    command(room.url, "/new", "1.2.a")
    command(room.url, "/persona", "1.2.b", text="pirate")
    command(room.url, "/switchboard", "1.2.c", text="who are you?")
    stored = [
        EVENT.validate_json(text) for text in await redis_client.lrange(inbox_key("slack:T1:C1"), 0, -1)
    ]
    new, persona, question = stored
    assert isinstance(new, CommandGiven)
    assert isinstance(persona, CommandGiven)
    assert (new.name, persona.name, persona.text) == ("new", "persona", "pirate")
    assert isinstance(question, MessageSent)


def in_thread(text: str, ts: str = "1790000012.000100", **changes: Any) -> dict[str, Any]:
    """A plain message in the thread of the question, in a channel."""
    found = payload("slack-mention-as-message") | {"event_id": f"Ev{ts}"}
    inner = {"text": text, "ts": ts, "thread_ts": "1790000010.000200"} | changes
    return found | {"event": found["event"] | inner}


@pytest.mark.parametrize("word", ["stop", "Stop", "停止"])
async def test_stop_written_in_the_thread_stops_the_turn_that_runs_there(
    redis_client: Redis, room: GatewayRoom, word: str
) -> None:
    await run(redis_client, QUESTION)
    mention = in_thread(f"<@U0BOT> {word}", type="app_mention") | {"event_id": "Ev-mention"}
    for found in (in_thread(word), in_thread(word), mention):  # a resend, and the mention of the same message
        assert post_slack_event(room.url, found).status_code == 200
    assert [control.kind for control in await controls(redis_client)] == ["stop_requested"]
    assert await redis_client.exists(inbox_key(QUESTION)) == 0


@pytest.mark.parametrize("runs", ["nothing", "another person's turn", "a turn in another thread"])
async def test_stop_where_no_turn_of_that_person_runs_is_an_ordinary_word(
    redis_client: Redis, room: GatewayRoom, runs: str
) -> None:
    if runs == "another person's turn":
        await run(redis_client, QUESTION, user="U2")
    if runs == "a turn in another thread":
        await run(redis_client, "slack:T1:C1:1.1")
    post_slack_event(room.url, in_thread("stop"))
    assert await redis_client.zcard(DUE) == 0
    post_slack_event(room.url, in_thread("<@U0BOT> stop", ts="1790000013.000100", type="app_mention"))
    assert await redis_client.llen(inbox_key(QUESTION)) == 1
    assert await controls(redis_client) == []


async def test_stop_in_a_direct_message_stops_and_is_an_ordinary_word_otherwise(
    redis_client: Redis, room: GatewayRoom
) -> None:
    found = payload("slack-dm")
    post_slack_event(room.url, found | {"event": found["event"] | {"text": "stop", "ts": "1.1"}})
    assert await redis_client.llen(inbox_key("slack:T1:D1")) == 1
    await run(redis_client, "slack:T1:D1", channel="D1")
    later = found | {"event_id": "Ev9", "event": found["event"] | {"text": "stop", "ts": "2.2"}}
    post_slack_event(room.url, later)
    assert [control.kind for control in await controls(redis_client, "slack:T1:D1")] == ["stop_requested"]


async def test_what_people_say_among_themselves_in_a_thread_leaves_nothing(
    redis_client: Redis, room: GatewayRoom
) -> None:
    await run(redis_client, QUESTION)
    for text in ("we should stop", "<@U2> stop"):
        post_slack_event(room.url, in_thread(text))
    assert await redis_client.keys("seen:*") == []


async def test_an_opened_chat_is_a_control_event_once(redis_client: Redis, room: GatewayRoom) -> None:
    opened = {"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages"}
    for _ in range(2):
        post_slack_event(room.url, payload("slack-dm") | {"event": opened})
    (control,) = await controls(redis_client, "slack:T1:D1")
    assert control.kind == "chat_opened"
