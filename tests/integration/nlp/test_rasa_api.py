"""Clients written for Rasa's HTTP API find what they know."""

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import psutil
import pytest
from redis.asyncio import Redis

from contracts.reply import Reply
from services.nlp.errors import TrackerNewer
from services.nlp.live import LiveBot
from services.nlp.rasa_api.shapes import messages_of
from services.nlp.rasa_api.talks import Talks
from services.nlp.rasa_api.training import train_model
from services.nlp.store import Store
from services.nlp.training.shelf import Shelf
from tests.builders import message
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.waiting import auntil, until

TOKEN = "rasa-token-for-tests"
BOT = """
version: "3.1"
language: en
pipeline: [{name: WhitespaceTokenizer}, {name: DIETClassifier}, {name: FallbackClassifier, threshold: 0.3}]
intents: [greet, order, bye]
entities: [dish]
slots:
  dish: {type: text, mappings: [{type: from_entity, entity: dish}]}
responses:
  utter_greet: [{text: "hello", buttons: [{title: "order", payload: "/order"}], image: "http://127.0.0.1/a.png"}]
  utter_order: [{text: "{dish} it is"}]
  utter_bye: [{custom: {a: 1}}]
  utter_default: [{text: "what?"}]
nlu:
  - {intent: greet, examples: [hello there, good morning, hi]}
  - {intent: order, examples: ["a [pizza](dish) please", "bring me [soup](dish)"]}
  - {intent: bye, examples: [goodbye, see you later]}
rules:
  - {rule: greet, steps: [{intent: greet}, {action: utter_greet}]}
  - {rule: order, steps: [{intent: order}, {action: utter_order}]}
  - {rule: bye, steps: [{intent: bye}, {action: utter_bye}]}
"""


@pytest.fixture(scope="module")
def bots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rasa")
    (folder / "bots" / "small").mkdir(parents=True)
    (folder / "bots" / "small" / "bot.yml").write_text(BOT, "utf-8")
    return folder


@pytest.fixture(scope="module")
def open_room(bots: Path, redis_process: RedisProcess) -> Iterator[NlpRoom]:
    variables = {"NLP_BOTS_DIR": str(bots / "bots"), "NLP_BOT": "small", "NLP_RASA_TOKEN": TOKEN}
    with NlpRoom(bots, redis_process.url, **variables) as room:
        yield room


@pytest.fixture(scope="module")
def api(open_room: NlpRoom) -> Iterator[httpx.Client]:
    base = f"http://127.0.0.1:{open_room.port}"
    with httpx.Client(base_url=base, params={"token": TOKEN}, timeout=60, trust_env=False) as client:
        yield client


def _say(api: httpx.Client, sender: str, text: str) -> list[dict[str, Any]]:
    answer = api.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
    answer.raise_for_status()
    said: list[dict[str, Any]] = answer.json()
    return said


def test_a_message_over_the_rest_channel_is_answered_in_rasas_shape(api: httpx.Client) -> None:
    assert _say(api, "a", "good morning") == [
        {"recipient_id": "a", "text": "hello", "buttons": [{"title": "order", "payload": "/order"}]},
        {"recipient_id": "a", "image": "http://127.0.0.1/a.png"},
    ]
    assert _say(api, "a", "/bye") == [{"recipient_id": "a", "custom": {"a": 1}}]
    assert _say(api, "a", "bring me pizza") == [{"recipient_id": "a", "text": "pizza it is"}]


def test_a_streamed_answer_is_a_line_of_json_each(api: httpx.Client) -> None:
    body = {"sender": "s", "message": "/greet"}
    answer = api.post("/webhooks/rest/webhook", params={"stream": "true", "token": TOKEN}, json=body)
    assert [json.loads(line)["recipient_id"] for line in answer.text.splitlines()] == ["s", "s"]


def test_a_channels_conversation_can_be_looked_at_and_stays_the_channels(
    open_room: NlpRoom, api: httpx.Client
) -> None:
    place = "telegram:default:42"
    open_room.says(message("bring me soup", place))
    state = api.get(f"/conversations/{place}/tracker").json()
    assert (state["sender_id"], state["slots"]["dish"]) == (place, "soup")
    assert "order" in api.get(f"/conversations/{place}/story").text
    slot = {"event": "slot", "name": "dish", "value": "cake"}
    api.post(f"/conversations/{place}/tracker/events", json=slot).raise_for_status()
    assert open_room.says(message("/order", place)) == ["soup it is"]


def test_a_sentence_is_parsed(api: httpx.Client) -> None:
    parsed = api.post("/model/parse", json={"text": "bring me pizza"}).json()
    assert parsed["intent"]["name"] == "order"
    assert [(e["entity"], e["value"], e["start"], e["end"]) for e in parsed["entities"]] == [
        ("dish", "pizza", 9, 14)
    ]
    assert {guess["name"] for guess in parsed["intent_ranking"]} == {"greet", "order", "bye"}


def test_the_tracker_shows_what_was_said_and_set(api: httpx.Client) -> None:
    _say(api, "t", '/order{"dish": "soup"}')
    state = api.get("/conversations/t/tracker").json()
    assert (state["sender_id"], state["slots"]["dish"]) == ("t", "soup")
    assert state["latest_message"]["intent"]["name"] == "order"
    assert state["latest_action_name"] == "action_listen"
    names = [event["event"] for event in state["events"]]
    assert names[:3] == ["action", "session_started", "action"]
    params = {"token": TOKEN, "include_events": "NONE"}
    assert api.get("/conversations/t/tracker", params=params).json()["events"] is None


def test_events_are_added_and_replaced(api: httpx.Client) -> None:
    slot = {"event": "slot", "name": "dish", "value": "cake"}
    assert api.post("/conversations/e/tracker/events", json=slot).json()["slots"]["dish"] == "cake"
    user = {"event": "user", "text": "x", "parse_data": {"intent": {"name": "bye"}, "entities": []}}
    replaced = api.put("/conversations/e/tracker/events", json=[user]).json()
    assert replaced["slots"]["dish"] is None
    assert replaced["latest_message"]["intent"]["name"] == "bye"


@pytest.mark.parametrize(
    "body",
    [
        {"event": 5},
        {},
        [5],
        {"event": "slot"},
        {"event": "user", "parse_data": 5},
        {"event": "user", "parse_data": {"intent": 5}},
        {"event": "action", "name": ["a"]},
        {"event": "slot", "name": "dish", "value": 1, "timestamp": "now"},
        {"event": "slot", "name": "dish", "value": "\ud800"},
        "text",
    ],
    ids=ascii,
)
def test_events_that_are_none_are_refused_and_change_nothing(api: httpx.Client, body: object) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.post("/conversations/odd/tracker/events", content=json.dumps(body), headers=headers)
    assert answer.status_code in (400, 422)
    assert api.get("/conversations/odd/tracker").json()["events"] == []


def test_a_message_is_added_predicted_and_executed_step_by_step(api: httpx.Client) -> None:
    api.post("/conversations/p/messages", json={"text": "/greet", "sender": "user"}).raise_for_status()
    predicted = api.post("/conversations/p/predict").json()
    assert predicted["scores"][0]["action"] == "utter_greet"
    done = api.post("/conversations/p/execute", json={"name": "utter_greet"}).json()
    assert done["messages"][0]["text"] == "hello"
    assert api.post("/conversations/p/predict").json()["scores"][0]["action"] == "action_listen"


def test_an_intent_is_triggered_from_outside(api: httpx.Client) -> None:
    body = {"name": "order", "entities": {"dish": "soup"}}
    answer = api.post("/conversations/x/trigger_intent", json=body).json()
    assert [message["text"] for message in answer["messages"]] == ["soup it is"]


def test_a_conversation_is_told_as_a_story(api: httpx.Client) -> None:
    _say(api, "story", '/order{"dish": "soup"}')
    text = api.get("/conversations/story/story").text
    assert "intent: order" in text
    assert "action: utter_order" in text


def test_who_is_there_and_what_it_knows(api: httpx.Client) -> None:
    assert api.get("/").text.startswith("Hello from Rasa")
    assert api.get("/version").json()["version"].startswith("3.")
    assert api.get("/status").json()["model_file"].endswith(".model")
    assert "greet" in api.get("/domain").json()["intents"]
    assert "utter_greet:" in api.get("/domain", headers={"Accept": "application/yaml"}).text
    assert api.get("/webhooks/rest/").json() == {"status": "ok"}


def test_a_bot_in_the_body_is_trained_and_not_served(api: httpx.Client) -> None:
    trained = api.post("/model/train", content=BOT.replace("hello", "other"))
    assert trained.headers["filename"].endswith(".model")
    assert trained.content.startswith(b"switchboard ")
    assert _say(api, "z", "/greet")[0]["text"] == "hello"
    broken = api.post("/model/train", content="slots: {a: {type: colour}}\n")
    assert broken.status_code == 422
    assert "slot type 'colour'" in broken.text


def test_one_training_runs_at_a_time_and_a_second_is_told_so(api: httpx.Client) -> None:
    def jobs() -> int:
        count: int = api.get("/status").json()["num_active_training_jobs"]
        return count

    assert jobs() == 0
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(api.post, "/model/train", content=BOT)
        until(jobs, "the first training runs")
        second = api.post("/model/train", content=BOT)
        assert (second.status_code, second.json()["reason"]) == (409, "training_in_progress")
        assert second.headers["retry-after"]
        assert first.result().status_code == 200
    assert api.post("/model/train", content=BOT).status_code == 200
    assert api.post("/model/train", content="slots: {a: {type: colour}}\n").status_code == 422
    assert jobs() == 0


async def test_a_training_that_is_cut_off_leaves_no_process(bots: Path) -> None:
    others = set(psutil.Process().children())
    training = asyncio.create_task(train_model(bots / "bots", bots / "unfinished", "small", b""))

    async def begun() -> set[psutil.Process]:
        return set(psutil.Process().children()) - others

    [process] = await auntil(begun, "the training runs")
    training.cancel()
    await asyncio.wait([training])
    assert training.cancelled()
    assert not process.is_running()


def test_what_a_client_sends_along_is_in_the_message_and_its_event(api: httpx.Client) -> None:
    body = {"sender": "meta", "message": "/greet", "metadata": {"shop": 7, "basket": ["soup"]}}
    api.post("/webhooks/rest/webhook", json=body).raise_for_status()
    state = api.get("/conversations/meta/tracker").json()
    assert state["latest_message"]["metadata"] == body["metadata"]
    assert [e["metadata"] for e in state["events"] if e["event"] == "user"] == [body["metadata"]]
    _say(api, "meta", "/bye")
    assert api.get("/conversations/meta/tracker").json()["latest_message"]["metadata"] == {}


@pytest.mark.parametrize(
    "metadata",
    ['"text"', "[1]", '{"a": "\\ud800"}', '{"a": NaN}', '{"a": ' + "[" * 400 + "]" * 400 + "}"],
    ids=["a text", "a list", "half a character", "no number", "too deep"],
)
def test_metadata_that_cannot_be_kept_is_refused(api: httpx.Client, metadata: str) -> None:
    content = f'{{"sender": "odd", "message": "/greet", "metadata": {metadata}}}'
    headers = {"Content-Type": "application/json"}
    answer = api.post("/webhooks/rest/webhook", content=content, headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (422, "invalid")
    assert api.get("/conversations/odd/tracker").json()["events"] == []


def test_metadata_has_a_limit(api: httpx.Client) -> None:
    body = {"message": "/greet", "metadata": {"a": "x" * 100_000}}
    assert api.post("/webhooks/rest/webhook", json=body).status_code == 422


def test_stories_are_tested_over_http(api: httpx.Client) -> None:
    stories = """
stories:
  - story: right
    steps: [{user: good morning, intent: greet}, {action: utter_greet}]
  - story: wrong
    steps: [{user: good morning, intent: greet}, {action: utter_bye}]
"""
    report = api.post("/model/test/stories", content=stories).json()
    assert report["report"]["conversation_accuracy"] == {"accuracy": 0.5, "correct": 1, "total": 2}
    assert api.post("/model/test/stories", content="[").status_code == 422


def test_two_messages_of_one_sender_at_once_are_both_kept(api: httpx.Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: _say(api, "many", "/greet"), range(16)))
    assert all(answer[0]["text"] == "hello" for answer in said)
    events = api.get("/conversations/many/tracker").json()["events"]
    assert [event["event"] for event in events].count("user") == 16


def test_without_its_token_nobody_gets_in(api: httpx.Client) -> None:
    for token in ("", "another", "é"):
        answer = api.get("/version", params={"token": token})
        assert answer.status_code == 401
        assert TOKEN not in answer.text
    header = {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.get(f"{api.base_url}/version", headers=header, trust_env=False).status_code == 200


def test_where_no_token_is_set_the_api_is_off(room: NlpRoom) -> None:
    assert room.client.get("/version").status_code == 404
    assert room.client.post("/model/parse", json={"text": "hi"}).status_code == 404


def test_an_action_that_the_bot_lacks_is_refused_and_not_said(api: httpx.Client) -> None:
    answer = api.post("/conversations/lacks/execute", json={"name": "action_nope"})
    assert (answer.status_code, answer.json()["reason"]) == (409, "action_failed")
    assert "action_nope" in answer.json()["message"]
    assert api.get("/conversations/lacks/tracker").json()["events"] == []


def test_an_intent_that_the_bot_lacks_is_not_triggered(api: httpx.Client) -> None:
    answer = api.post("/conversations/lacks/trigger_intent", json={"name": "nope"})
    assert (answer.status_code, answer.json()["code"]) == (404, "intent_unknown")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_served_model_is_not_changed_by_hand(api: httpx.Client, method: str) -> None:
    assert api.request(method, "/model").status_code == 501


def test_a_malformed_body_is_told_in_rasas_keys(api: httpx.Client) -> None:
    answer = api.post("/model/parse", content="{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["reason"] == "invalid"
    assert "JSON" in answer.json()["message"]


async def test_a_request_that_is_cut_off_frees_its_sender_and_writes_nothing(
    bots: Path, redis_process: RedisProcess
) -> None:
    model = Shelf(bots / "bots", bots / "cut").train("small")
    async with Redis.from_url(redis_process.url, decode_responses=True) as redis:
        talks = Talks(redis, Store(redis, 1))
        with anyio.CancelScope() as request:
            async with talks.open(LiveBot(model), "cut") as talk:
                talk.tracker.update({"event": "pause"})
                request.cancel()
                await anyio.lowlevel.checkpoint()
        async with asyncio.timeout(5), talks.open(LiveBot(model), "cut") as talk:
            assert talk.tracker.events == []


async def test_a_conversation_that_cannot_be_read_frees_its_sender(
    bots: Path, redis_process: RedisProcess
) -> None:
    model = Shelf(bots / "bots", bots / "newer").train("small")
    async with Redis.from_url(redis_process.url, decode_responses=True) as redis:
        await redis.hset("tracker:rasa:small:newer", mapping={"version": 1, "tracker": '{"v": 99}'})
        with pytest.raises(TrackerNewer):
            async with Talks(redis, Store(redis, 1)).open(LiveBot(model), "newer"):
                pass
        assert not await redis.exists("lock:rasa:small:newer")


async def test_a_written_conversation_frees_its_sender(bots: Path, redis_process: RedisProcess) -> None:
    model = Shelf(bots / "bots", bots / "written").train("small")
    async with Redis.from_url(redis_process.url, decode_responses=True) as redis:
        async with Talks(redis, Store(redis, 1)).open(LiveBot(model), "written"):
            assert await redis.exists("lock:rasa:small:written")
        assert not await redis.exists("lock:rasa:small:written")


def test_an_attachment_is_a_part_of_its_own() -> None:
    reply = Reply(custom={"attachment": {"type": "video"}, "a": 1})
    assert messages_of("r", [reply]) == [
        {"recipient_id": "r", "attachment": {"type": "video"}},
        {"recipient_id": "r", "custom": {"a": 1}},
    ]
