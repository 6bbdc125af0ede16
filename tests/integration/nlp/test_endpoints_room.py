"""A bot whose actions and words are on servers of its own: the room speaks to both, and outlives them."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from redis.asyncio import Redis

from tests.builders import message
from tests.integration.nlp.action_server import ActionServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

BOT = """
version: "3.1"
language: en
pipeline: [{name: WhitespaceTokenizer}, {name: DIETClassifier}]
intents: [order, book]
entities: [dish]
slots:
  dish: {type: text, mappings: [{type: from_entity, entity: dish}]}
  people:
    type: any
    mappings: [{type: from_text, conditions: [{active_loop: table, requested_slot: people}]}]
responses: {utter_ask_people: [{text: here}], utter_done: [{text: here}]}
actions: [action_price, validate_table]
forms: {table: {required_slots: [people]}}
rules:
  - {rule: order, steps: [{intent: order}, {action: action_price}]}
  - {rule: book, steps: [{intent: book}, {action: table}, {active_loop: table}]}
  - rule: done
    condition: [{active_loop: table}]
    steps: [{action: table}, {active_loop: null}, {action: utter_done}]
"""
ACTIONS = """
from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.forms import FormValidationAction


class Price(Action):
    def name(self):
        return "action_price"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text=f"{tracker.get_slot('dish')} costs 5")
        return [SlotSet("dish", "paid")]


class Table(FormValidationAction):
    def name(self):
        return "validate_table"

    def validate_people(self, value, dispatcher, tracker, domain):
        return {"people": int(value) if value.isdigit() else None}
"""


class Words(BaseHTTPRequestHandler):
    """An NLG server: it says which response it was asked for, and a slot."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = f"{asked['response']} on {asked['channel']['name']}: {asked['tracker']['slots']['people']}"
        body = json.dumps({"text": text}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def words() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Words) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def actions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActionServer]:
    folder = tmp_path_factory.mktemp("actions")
    (folder / "actions.py").write_text(ACTIONS, "utf-8")
    server = ActionServer(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def own_room(
    tmp_path_factory: pytest.TempPathFactory,
    redis_process: RedisProcess,
    actions: ActionServer,
    words: ThreadingHTTPServer,
) -> Iterator[NlpRoom]:
    folder = tmp_path_factory.mktemp("room")
    bot = folder / "bots" / "own"
    bot.mkdir(parents=True)
    (bot / "bot.yml").write_text(BOT, "utf-8")
    endpoints = {
        "action_endpoint": {"url": actions.url},
        "nlg": {"url": f"http://127.0.0.1:{words.server_port}/nlg"},
        "tracker_store": {"type": "redis", "record_exp": 3600},
    }
    (bot / "endpoints.yml").write_text(json.dumps(endpoints), "utf-8")
    with NlpRoom(folder, redis_process.url, NLP_BOTS_DIR=str(folder / "bots"), NLP_BOT="own") as room:
        yield room


async def test_an_action_on_the_server_speaks_and_sets_slots(own_room: NlpRoom, redis_client: Redis) -> None:
    assert own_room.says(message('/order{"dish": "soup"}')) == ["soup costs 5"]
    tracker = json.loads(await redis_client.hget("tracker:web:c1", "tracker"))
    slots = [event["value"] for event in tracker["events"] if event["event"] == "slot"]
    assert slots[-1] == "paid"
    assert 3500 < await redis_client.ttl("tracker:web:c1") <= 3600


def test_a_form_is_checked_there_and_its_words_come_from_the_other(own_room: NlpRoom) -> None:
    assert own_room.says(message("/book", "web:c2")) == ["utter_ask_people on web: None"]
    assert own_room.says(message("many", "web:c2")) == ["utter_ask_people on web: None"]
    assert own_room.says(message("4", "web:c2")) == ["utter_done on web: 4"]


def test_without_its_servers_the_bot_says_so_and_goes_on(
    own_room: NlpRoom, actions: ActionServer, words: ThreadingHTTPServer
) -> None:
    actions.stop()
    for number in range(2):
        [apology] = own_room.says(message(f'/order{{"dish": "soup{number}"}}', "web:c3"))
        assert "did not work" in apology
