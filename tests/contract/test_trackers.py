"""Trackers that earlier versions have written are read; those of a later one wait."""

import json

import pytest
from redis.asyncio import Redis

from services.nlp.dialogue.tracker import Tracker
from services.nlp.errors import TrackerNewer
from services.nlp.formats.bot import Bot, Slot
from services.nlp.store import TRACKER_VERSION, Store

RECORDED_1 = [
    {"event": "session_started"},
    {"event": "user", "text": "hello", "intent": "greet", "entities": [{"entity": "name", "value": "Ada"}]},
    {"event": "slot", "name": "name", "value": "Ada"},
    {"event": "action", "name": "utter_greet"},
    {"event": "bot", "text": "Hello Ada!"},
]
"""As version 1 wrote a conversation."""
BOT = Bot("small", slots={"name": Slot("name", "text")})


async def test_a_tracker_of_version_1_is_read(redis_client: Redis) -> None:
    await redis_client.hset("tracker:web:c1", mapping={"version": 3, "tracker": json.dumps(RECORDED_1)})
    stored = await Store(redis_client, 1).read("web:c1", "e1")
    assert stored.version == 3
    tracker = Tracker.of(BOT, stored.events)
    assert (tracker.intent, tracker.slots) == ("greet", {"name": "Ada"})
    assert [entity["value"] for entity in tracker.entities] == ["Ada"]
    await Store(redis_client, 1).commit("web:c1", "e1", stored, tracker.trimmed(), (), None)
    again = await Store(redis_client, 1).read("web:c1", "e2")
    assert (again.version, again.events) == (4, tracker.events)


async def test_a_tracker_of_a_later_version_waits_for_a_later_room(redis_client: Redis) -> None:
    later = json.dumps({"v": TRACKER_VERSION + 1, "events": []})
    await redis_client.hset("tracker:web:c2", mapping={"version": 1, "tracker": later})
    with pytest.raises(TrackerNewer) as raised:
        await Store(redis_client, 1).read("web:c2", "e1")
    assert raised.value.retryable


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
async def test_a_tracker_of_this_version_is_read_however_it_is_spaced(
    redis_client: Redis, separators: tuple[str, str]
) -> None:
    events = [
        {"event": "bot", "text": "]}", "data": {}, "timestamp": 1.5},
        {"event": "pause", "timestamp": 2.0},
    ]
    text = json.dumps({"v": TRACKER_VERSION, "events": events}, separators=separators)
    await redis_client.hset("tracker:web:c3", mapping={"version": 1, "tracker": text})
    assert (await Store(redis_client, 1).read("web:c3", "e1")).events == events


async def test_a_tracker_is_kept_as_json_that_earlier_rooms_read(redis_client: Redis) -> None:
    store = Store(redis_client, 1)
    events = [{"event": "user", "text": "字 ]}", "timestamp": 1.5}, {"event": "pause", "timestamp": 2.0}]
    await store.commit("web:c4", "e1", await store.read("web:c4", "e1"), events[:1], (), None)
    stored = await store.read("web:c4", "e2")
    await store.commit("web:c4", "e2", stored, [*stored.events, *events[1:]], (), None)
    kept = await redis_client.hget("tracker:web:c4", "tracker")
    assert kept == json.dumps({"v": TRACKER_VERSION, "events": events}, ensure_ascii=False)
