"""Turns over HTTP and Redis: once each, fenced, in rounds, in the person's language."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis.asyncio import Redis

from contracts.event import ButtonPressed, CommandGiven, ConversationOverflowed, Person, PhotoRef
from contracts.face import Box, FoundFace, Identification, Identity, ImageSize, Match
from contracts.inbox import lease_key
from contracts.problem import Problem
from contracts.turn import CallResult, TurnDone, TurnNeed, TurnProblem, TurnReply
from tests.builders import NOON, message
from tests.integration.nlp.room import NlpRoom

pytestmark = pytest.mark.usefixtures("redis_client")
SIZE = ImageSize(width=100, height=100)
BOX = Box(left=1, top=2, width=30, height=30)
PHOTO = PhotoRef(source="upload", id="p1")


async def _tracker(redis: Redis, conversation_id: str) -> tuple[int, list[dict[str, object]]]:
    version, events = await redis.hmget(f"tracker:{conversation_id}", ["version", "tracker"])
    return int(version or 0), json.loads(events)["events"] if events else []


def _command(name: str, text: str = "", conversation_id: str = "web:c1") -> CommandGiven:
    return CommandGiven(
        event_id=f"{conversation_id}:{name}",
        conversation_id=conversation_id,
        at=NOON,
        user=Person(id="p1"),
        name=name,
        text=text,
    )


def _face(**fields: object) -> dict[str, CallResult]:
    found = {"outcome": "no_face", "image": SIZE, "faces_found": 0} | fields
    return {"face": CallResult(value=Identification.model_validate(found).model_dump())}


def test_no_token_no_turn(room: NlpRoom) -> None:
    answer = room.client.post("/turns", headers={"Authorization": "Bearer wrong"}, json={})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


async def test_a_repeated_event_replays_its_replies_and_runs_nothing(
    room: NlpRoom, redis_client: Redis
) -> None:
    event = message("bye")  # its response has variations: a second run could say something else
    first = room.turn(event)
    before = await _tracker(redis_client, event.conversation_id)
    assert [room.turn(event) for _ in range(5)] == [first] * 5
    assert before[0] == 1
    assert await _tracker(redis_client, event.conversation_id) == before


async def test_an_older_event_is_replayed_too(room: NlpRoom, redis_client: Redis) -> None:
    events = [message("bye") for _ in range(20)]
    first = room.turn(events[0])
    for event in events[1:]:
        room.turn(event)
    assert room.turn(events[0]) == first
    assert (await _tracker(redis_client, "web:c1"))[0] == 20


async def test_two_posts_of_one_event_at_once_change_the_tracker_once(
    room: NlpRoom, redis_client: Redis
) -> None:
    event = message("hello")
    with ThreadPoolExecutor(2) as pool:
        posts = [asyncio.wrap_future(pool.submit(room.turn, event)) for _ in range(2)]
        ends = [items[-1] for items in await asyncio.gather(*posts)]
    assert any(isinstance(end, TurnDone) for end in ends)
    assert {end.problem.code for end in ends if isinstance(end, TurnProblem)} <= {"tracker_conflict"}
    version, events = await _tracker(redis_client, event.conversation_id)
    assert (version, [e["event"] for e in events].count("user")) == (1, 1)


async def test_who_lost_the_lease_commits_nothing(room: NlpRoom, redis_client: Redis) -> None:
    await redis_client.set(lease_key("web:c1"), "another")
    end = room.turn(message("hello"), lease="mine")[-1]
    assert isinstance(end, TurnProblem)
    assert (end.problem.code, end.problem.status, end.problem.retryable) == ("lease_lost", 409, False)
    assert await _tracker(redis_client, "web:c1") == (0, [])


async def test_who_holds_the_lease_commits(room: NlpRoom, redis_client: Redis) -> None:
    await redis_client.set(lease_key("web:c1"), "mine")
    assert isinstance(room.turn(message("hello"), lease="mine")[-1], TurnDone)
    assert (await _tracker(redis_client, "web:c1"))[0] == 1


async def test_a_tracker_stays_small_however_long_the_conversation(
    room: NlpRoom, redis_client: Redis
) -> None:
    for number in range(30):
        room.turn(message(f"{number} " + "x" * 3000, "slack:T1:D1"))
    _, events = await _tracker(redis_client, "slack:T1:D1")
    assert len(json.dumps(events)) < 40_000
    assert room.says(message("still there?", "slack:T1:D1")) == ["still there?"]


def test_each_channel_has_the_bot_that_the_settings_name(room: NlpRoom) -> None:
    assert room.says(message("echo this", "slack:T1:D1")) == ["echo this"]
    assert "您" in room.says(message("你會什麼", "telegram:default:1"))[0]
    assert "find your look-alike" in room.says(message("what can you do?"))[0]


def test_simplified_is_answered_in_simplified_and_traditional_in_traditional(room: NlpRoom) -> None:
    assert "机器" in room.says(message("你是谁？自我介绍一下", "telegram:default:2"))[0]
    assert "機器" in room.says(message("你是誰？自我介紹一下", "telegram:default:3"))[0]


@pytest.mark.parametrize(
    ("text", "part"),
    [("asdkjh qwoeiu zxmnc", "did not understand"), ("книга на столе", "did not understand")],
)
def test_what_no_rule_is_about_gets_the_last_resort(room: NlpRoom, text: str, part: str) -> None:
    assert part in room.says(message(text))[0]


def test_a_typed_intent_with_a_made_up_confidence_is_a_text(room: NlpRoom) -> None:
    assert "did not understand" in room.says(message("/zxqv@1.2.3"))[0]


def test_a_button_says_its_payload(room: NlpRoom) -> None:
    pressed = ButtonPressed(
        event_id="web:c1:b1", conversation_id="web:c1", at=NOON, user=Person(id="p1"), payload="/mood_great"
    )
    assert room.says(pressed) == ["That is good to hear."]


def test_commands_are_answered_and_an_unknown_one_is_a_text(room: NlpRoom) -> None:
    assert "Switchboard" in room.says(_command("start"))[0]
    assert "I can" in room.says(_command("help"))[0]
    assert room.says(_command("say", "it again", "slack:T1:D1")) == ["say it again"]


async def test_restart_forgets_what_was_remembered(room: NlpRoom, redis_client: Redis) -> None:
    room.turn(message('/greet{"name": "Ada"}'))
    assert room.says(message("hello")) == ["Hello Ada! How are you today?"]
    assert room.says(_command("restart")) == ["All forgotten: we begin anew."]
    assert room.says(message("hello")) == ["Hello! How are you today?"]


def test_a_flood_is_told_so(room: NlpRoom) -> None:
    flood = ConversationOverflowed(
        event_id="web:c1:o1", conversation_id="web:c1", at=NOON, user=Person(id="p1")
    )
    assert "Too many messages" in room.says(flood)[0]


async def test_a_photo_needs_the_face_room_first_and_commits_nothing_yet(
    room: NlpRoom, redis_client: Redis
) -> None:
    items = room.turn(message(photo=PHOTO))
    assert items == [TurnNeed(call_id="face", kind="face.identify", args={"gallery": "default", "limit": 3})]
    assert (await _tracker(redis_client, "web:c1"))[0] == 0


def test_a_match_is_told_with_name_percent_photo_and_the_other_faces(room: NlpRoom) -> None:
    identity = Identity(id="i1", name="Eileen Collins", photo=SIZE, box=BOX)
    results = _face(
        outcome="matched",
        faces_found=2,
        face=FoundFace(box=BOX, score=2.0),
        matches=[Match(identity=identity, distance=0.5, percent=61, same_person=False)],
    )
    reply = room.turn(message(photo=PHOTO), results=results)[0]
    assert isinstance(reply, TurnReply)
    assert "61" in reply.reply.text
    assert "Eileen Collins" in reply.reply.text
    assert "2 faces" in reply.reply.text
    assert reply.reply.look_alike
    assert reply.reply.look_alike.photo_url == "/api/v1/galleries/default/identities/i1/photo"


def test_a_match_without_a_stored_photo_has_no_address(room: NlpRoom) -> None:
    results = _face(
        outcome="matched",
        faces_found=1,
        face=FoundFace(box=BOX, score=2.0),
        matches=[Match(identity=Identity(id="i1", name="A"), distance=0.5, percent=61, same_person=False)],
    )
    reply = room.turn(message(photo=PHOTO), results=results)[0]
    assert isinstance(reply, TurnReply)
    assert reply.reply.look_alike
    assert reply.reply.look_alike.photo_url is None


@pytest.mark.parametrize("conversation_id", ["web:c1", "telegram:default:1"])
def test_everything_that_a_photo_can_meet_has_a_reply_of_its_own(room: NlpRoom, conversation_id: str) -> None:
    codes = [
        "photo_unreadable",
        "photo_too_large",
        "photo_unsupported",
        "photo_gone",
        "busy",
        "room_unavailable",
    ]
    met = [_face(), _face(outcome="gallery_empty", faces_found=1)]
    met += [{"face": CallResult(problem=Problem(title=c, status=422, code=c))} for c in codes]
    said = [room.says(message(photo=PHOTO, conversation_id=conversation_id), results) for results in met]
    assert all(len(replies) == 1 for replies in said)
    assert len({replies[0] for replies in said}) == len(met)


def test_no_words_of_a_person_are_logged(room: NlpRoom) -> None:
    room.turn(message("my secret is marzipan"))
    room.turn(message("/greet@1.2.3 marzipan"))
    assert "marzipan" not in room.log.read_text("utf-8")
