"""The language model: streamed where no rule fits, ended with the turn, its troubles told apart."""

from typing import Any

import pytest
from redis.asyncio import Redis

from contracts.turn import TurnDelta, TurnDone, TurnProblem, TurnReply
from tests.builders import OPEN_QUESTION, message
from tests.fakes.openai_server import METHOD, OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("redis_client")


@pytest.fixture(autouse=True)
def _fresh_model(model: OpenAIServer) -> None:
    model.reset()
    model.script(["Hello", " you", "."])
    model.closed_early = 0


def test_what_no_rule_is_about_is_streamed_from_the_model(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    items = room_with_model.turn(message(OPEN_QUESTION))
    assert "".join(i.text for i in items if isinstance(i, TurnDelta)) == "Hello you."
    assert [i.reply.text for i in items if isinstance(i, TurnReply)] == ["Hello you."]
    assert isinstance(items[-1], TurnDone)
    assert len(model.called(METHOD)) == 1


def test_what_a_rule_is_about_never_reaches_the_model(room_with_model: NlpRoom, model: OpenAIServer) -> None:
    assert room_with_model.says(message("thank you")) != ["Hello you."]
    assert model.called(METHOD) == []


def test_without_a_model_the_last_resort_answers(room: NlpRoom) -> None:
    assert "did not understand" in room.says(message(OPEN_QUESTION))[0]


def test_the_model_is_told_the_bots_prompt_and_what_was_said(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    room_with_model.turn(message("thank you"))
    room_with_model.turn(message(OPEN_QUESTION))
    said = model.called(METHOD)[0]["messages"]
    assert [part["role"] for part in said] == ["system", "user", "assistant", "user"]
    assert "demo bot" in said[0]["content"]
    assert said[-1]["content"] == OPEN_QUESTION


def test_an_event_told_again_does_not_ask_the_model_again(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    event = message(OPEN_QUESTION)
    first = room_with_model.turn(event)
    again = room_with_model.turn(event)
    assert again == [item for item in first if not isinstance(item, TurnDelta)]
    assert len(model.called(METHOD)) == 1


async def test_who_leaves_the_stream_ends_the_models_stream_and_commits_nothing(
    room_with_model: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    model.script(["word "] * 400, pace_s=0.05)
    with room_with_model.stream(message(OPEN_QUESTION)) as items:
        assert isinstance(next(items), TurnDelta)
    until(lambda: model.closed_early == 1, "the model's stream is closed, not told to its end")
    assert await redis_client.exists("tracker:web:c1") == 0


@pytest.mark.parametrize(
    ("failure", "code", "retryable"),
    [
        ({"status": 429}, "model_busy", True),
        ({"status": 500}, "model_unavailable", True),
        ({"drop": True}, "model_unavailable", True),
        ({"stall_s": 3}, "model_timeout", True),
        ({"status": 401}, "model_refused", False),
    ],
)
def test_each_trouble_of_the_model_is_a_problem_that_says_whether_again_helps(
    room_with_model: NlpRoom, model: OpenAIServer, failure: dict[str, Any], code: str, retryable: bool
) -> None:
    model.fail(METHOD, times=9, **failure)
    end = room_with_model.turn(message(OPEN_QUESTION))[-1]
    assert isinstance(end, TurnProblem)
    assert (end.problem.code, end.problem.retryable) == (code, retryable)


async def test_a_model_that_falls_silent_is_a_timeout_and_commits_nothing(
    room_with_model: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    model.script(["Hello", " you"], pace_s=1.3)  # in time for a first word, too late for a next one
    items = room_with_model.turn(message(OPEN_QUESTION))
    assert [i.text for i in items if isinstance(i, TurnDelta)] == ["Hello"]
    assert isinstance(items[-1], TurnProblem)
    assert items[-1].problem.code == "model_timeout"
    assert await redis_client.exists("tracker:web:c1") == 0


def test_a_stream_that_breaks_is_a_problem_that_may_be_tried_again(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.breaks_after = 2
    end = room_with_model.turn(message(OPEN_QUESTION))[-1]
    assert isinstance(end, TurnProblem)
    assert (end.problem.code, end.problem.retryable) == ("model_unavailable", True)


def test_an_answer_that_the_filter_took_is_said_to_be_refused(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.script([], finish_reason="content_filter")
    assert room_with_model.says(message(OPEN_QUESTION)) == ["I cannot answer that."]


async def test_an_answer_that_was_deleted_is_shown_to_the_model_no_more_and_leaves_the_store(
    room_with_model: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    events = [message(f"{OPEN_QUESTION} {number}") for number in range(3)]
    for event, answer in zip(events, ("a secret", "Noted.", "Well."), strict=True):
        model.script([answer])
        room_with_model.turn(event)
        if answer == "a secret":
            deleted = {"conversation_id": event.conversation_id, "event_id": event.event_id}
            assert room_with_model.client.post("/deletions", json=deleted).status_code == 204
    shown = [part["content"] for part in model.called(METHOD)[-1]["messages"] if part["role"] != "system"]
    unanswered = f"{events[0].text}\n\n{events[1].text}"
    assert shown == [unanswered, "Noted.", events[2].text]
    assert "a secret" not in str(await redis_client.hgetall("tracker:web:c1"))  # type: ignore[misc]
