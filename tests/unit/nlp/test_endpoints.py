"""endpoints.yml names a bot's servers; what is not ours is told, once."""

from pathlib import Path

from tests.unit.nlp.folders import load, mistakes

BOT = "responses: {utter_a: [{text: a}]}\n"


def test_the_servers_of_a_bot_are_known(tmp_path: Path) -> None:
    endpoints = """
action_endpoint: {url: "http://127.0.0.1:5055/webhook"}
nlg: {url: "http://127.0.0.1:5056/nlg"}
tracker_store: {type: redis, url: localhost, port: 6379, record_exp: 3600}
lock_store: {type: redis}
event_broker: {type: pika}
"""
    bot = load(tmp_path, domain=BOT, endpoints=endpoints)
    assert set(bot.endpoints) == {"action_endpoint", "nlg", "tracker_store"}
    assert bot.tracker_life_s == 3600
    assert [line.split(": ", 1)[1].split()[0] for line in bot.warnings] == [
        "tracker_store:",
        "lock_store",
        "event_broker",
    ]


def test_another_store_is_run_as_redis_with_a_warning(tmp_path: Path) -> None:
    bot = load(tmp_path, domain=BOT, endpoints="tracker_store: {type: SQL, dialect: sqlite}\n")
    assert bot.tracker_life_s is None
    [warning] = bot.warnings
    assert "'SQL' is run as the room's own Redis" in warning


def test_a_server_without_an_address_is_a_mistake(tmp_path: Path) -> None:
    [mistake] = mistakes(tmp_path, domain=BOT, endpoints="nlg: {url: somewhere}\n")
    assert mistake == "endpoints.yml:1: nlg: url 'somewhere'; allowed: an http address"
