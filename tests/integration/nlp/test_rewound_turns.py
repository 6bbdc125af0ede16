"""Another answer, more of one, other words, a stop, a new conversation: what nlp makes of them."""

import json
from typing import Any

import pytest
from redis.asyncio import Redis

from contracts.event import (
    CommandGiven,
    ContinuationRequested,
    MessageEdited,
    Person,
    PhotoRef,
    RegenerationRequested,
)
from contracts.inbox import lease_key
from contracts.problem import Problem
from contracts.turn import CallResult, TurnDone, TurnNeed, TurnProblem
from foundation.words import catalogue
from services.nlp.engines.llm.engine import GO_ON
from services.nlp.engines.llm.memory import Memory, Summary
from tests.builders import NOON, OPEN_QUESTION, message
from tests.fakes.openai_server import METHOD, OpenAIServer
from tests.integration.nlp.room import NlpRoom

pytestmark = pytest.mark.usefixtures("redis_client")
FACTS: dict[str, Any] = {"conversation_id": "web:c1", "at": NOON, "user": Person(id="p1")}
WORDS = catalogue("en")
AGAIN = RegenerationRequested(event_id="r1", target="m1", **FACTS)


@pytest.fixture(autouse=True)
def _fresh_model(model: OpenAIServer) -> None:
    model.reset()
    model.script(["Hello", " you."])


def shown(model: OpenAIServer) -> list[str]:
    """What the model was shown last, its prompt left out."""
    return [part["content"] for part in model.called(METHOD)[-1]["messages"][1:]]


async def kinds(redis: Redis, place: str) -> list[str]:
    """The events of the conversation's tracker."""
    stored = json.loads(str(await redis.hget(f"tracker:{place}", "tracker")))
    return [event["event"] for event in stored["events"]]


def answer(room: NlpRoom, model: OpenAIServer, event: Any, text: str) -> None:
    model.script([text])
    assert room.says(event) == [text]


def test_another_answer_is_asked_of_the_model_anew_and_what_came_after_is_forgotten(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    answer(room_with_model, model, message(f"{OPEN_QUESTION} 0"), "zero")
    answer(room_with_model, model, message(OPEN_QUESTION, event_id="m1"), "first")
    answer(room_with_model, model, message(f"{OPEN_QUESTION} 2"), "later")
    answer(room_with_model, model, AGAIN, "second")
    assert shown(model) == [f"{OPEN_QUESTION} 0", "zero", OPEN_QUESTION]
    assert room_with_model.says(AGAIN) == ["second"]  # told again: replayed
    assert len(model.called(METHOD)) == 4
    answer(room_with_model, model, message(f"{OPEN_QUESTION} 3"), "third")
    assert shown(model)[2:] == [OPEN_QUESTION, "second", f"{OPEN_QUESTION} 3"]


def test_an_edited_message_is_answered_on_a_branch_of_its_own(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    answer(room_with_model, model, message(OPEN_QUESTION, event_id="m1"), "first")
    edited = MessageEdited(event_id="e1", target="m1", text=f"{OPEN_QUESTION} now", **FACTS)
    answer(room_with_model, model, edited, "second")
    assert shown(model) == [f"{OPEN_QUESTION} now"]


async def test_what_a_message_did_to_the_dialogue_is_undone_with_it(
    room: NlpRoom, redis_client: Redis
) -> None:
    place = "telegram:default:1"
    room.says(message("天氣", place, event_id="m1"))
    assert "active_loop" in await kinds(redis_client, place)
    edited = MessageEdited(event_id="e1", target="m1", text="謝謝", **{**FACTS, "conversation_id": place})
    assert room.says(edited)
    now = await kinds(redis_client, place)
    assert "active_loop" not in now
    assert now.count("user") == 1


def test_a_message_that_is_too_far_back_is_said_to_be_so_and_nothing_is_forgotten(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    assert room_with_model.says(AGAIN) == [WORDS["target_unknown"]]
    answer(room_with_model, model, message(OPEN_QUESTION), "first")
    gone = MessageEdited(event_id="e1", target="m9", text="x", **FACTS)
    assert room_with_model.says(gone) == [WORDS["target_unknown"]]
    answer(room_with_model, model, message(f"{OPEN_QUESTION} 2"), "second")
    assert shown(model)[:2] == [OPEN_QUESTION, "first"]


def test_nobody_reaches_into_another_conversation(room_with_model: NlpRoom, model: OpenAIServer) -> None:
    answer(room_with_model, model, message(OPEN_QUESTION, "web:c2", event_id="m1"), "theirs")
    assert room_with_model.says(AGAIN) == [WORDS["target_unknown"]]


def test_an_answer_that_was_stopped_is_known_and_goes_on_where_it_broke_off(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    event = message(OPEN_QUESTION, event_id="m1")
    told = room_with_model.turn(event, v=2, shown=("Once upon",))
    assert isinstance(told[-1], TurnDone)
    assert model.called(METHOD) == []
    more = ContinuationRequested(event_id="c1", target="m1", **FACTS)
    answer(room_with_model, model, more, "a time.")
    assert shown(model) == [OPEN_QUESTION, "Once upon", GO_ON]


def test_a_stop_is_noted_once_and_only_by_the_holder_of_the_lease(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    event = message(OPEN_QUESTION, event_id="m1")
    end = room_with_model.turn(event, v=2, shown=("Once",), lease="lost")[-1]
    assert isinstance(end, TurnProblem)
    assert end.problem.code == "lease_lost"
    for _ in range(2):
        room_with_model.turn(event, v=2, shown=("Once",))
    answer(room_with_model, model, message(f"{OPEN_QUESTION} 2"), "ok")
    assert shown(model)[:-1] == [OPEN_QUESTION, "Once"]


async def test_a_stop_of_another_answer_forgets_the_first_one(
    room_with_model: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    await redis_client.set(lease_key("web:c1"), "mine")
    answer(room_with_model, model, message(OPEN_QUESTION, event_id="m1"), "first")
    room_with_model.turn(AGAIN, v=2, shown=("sec",), lease="mine")
    answer(room_with_model, model, message(f"{OPEN_QUESTION} 2"), "ok")
    assert shown(model)[:-1] == [OPEN_QUESTION, "sec"]


def test_without_a_model_no_answer_goes_on(room: NlpRoom) -> None:
    room.says(message("hello", event_id="m1"))
    more = ContinuationRequested(event_id="c1", target="m1", **FACTS)
    assert room.says(more) == [WORDS["cannot_go_on"]]


def test_a_photo_that_is_gone_has_to_be_sent_again(room: NlpRoom) -> None:
    photo = PhotoRef(source="upload", id="u1")
    found = CallResult(value={"outcome": "no_face", "image": {"width": 9, "height": 9}, "faces_found": 0})
    room.says(message("", event_id="m1", photo=photo), {"face": found})
    [need] = room.turn(AGAIN)
    assert isinstance(need, TurnNeed)
    assert (need.kind, need.args["photo"]) == ("face.identify", photo.model_dump())
    gone = CallResult(problem=Problem(title="gone", status=410, code="photo_gone"))
    [said] = room.says(AGAIN, {"face": gone})
    assert "again" in said


async def test_no_summary_holds_what_was_forgotten(
    room_with_model: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    answer(room_with_model, model, message(OPEN_QUESTION, event_id="m1"), "first")
    seconds, microseconds = await redis_client.time()
    written = float(seconds) + microseconds / 1e6
    memory = Memory(redis_client, 1)
    await memory.remember("web:c1", Summary(), Summary("They said SECRET.", "gone", written))
    answer(room_with_model, model, AGAIN, "second")
    prompt = model.called(METHOD)[-1]["messages"][0]["content"]
    assert "SECRET" not in prompt
    assert await redis_client.exists("memory:web:c1") == 0


def test_a_new_conversation_knows_nothing_of_the_old_one(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    answer(room_with_model, model, message(OPEN_QUESTION, event_id="m1"), "first")
    new = CommandGiven(event_id="n1", name="new", **FACTS)
    assert room_with_model.says(new)[-1] == WORDS["new_conversation"]
    answer(room_with_model, model, message(f"{OPEN_QUESTION} 2"), "second")
    assert shown(model) == [f"{OPEN_QUESTION} 2"]


def test_a_new_conversation_is_said_in_the_language_of_the_bot_and_the_person(room: NlpRoom) -> None:
    facts = {**FACTS, "conversation_id": "telegram:default:7"}
    for number, (locale, language) in enumerate((("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant"))):
        person = Person(id="p1", locale=locale)
        new = CommandGiven(event_id=f"n{number}", name="new", **{**facts, "user": person})
        assert room.says(new)[-1] == catalogue(language)["new_conversation"]  # type: ignore[arg-type]
