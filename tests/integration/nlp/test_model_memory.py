"""What the language model is shown of a conversation, and the summary of the rest."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from contracts.event import CommandGiven, Person
from contracts.turn import TurnDone
from services.nlp.engines.llm.memory import MAX_CHARS, Memory, Summary
from services.nlp.engines.llm.summarizer import PROMPT
from tests.builders import NOON, message
from tests.fakes.openai_server import METHOD, OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.waiting import auntil, until

pytestmark = pytest.mark.usefixtures("redis_client")
BUDGET = 200
SUMMARY = "They spoke of forecasts."
KEY = "memory:web:c1"


@pytest.fixture(scope="module")
def small_room(folder: Path, redis_process: RedisProcess, model: OpenAIServer) -> Iterator[NlpRoom]:
    """nlp that shows the model little."""
    with NlpRoom(
        folder, redis_process.url, OPENAI_BASE_URL=model.url, NLP_HISTORY_TOKENS=str(BUDGET)
    ) as room:
        yield room


@pytest.fixture(autouse=True)
def _fresh_model(small_room: NlpRoom, model: OpenAIServer) -> Iterator[None]:
    """The next test begins when no summary of this one runs: it would be written with the other's script."""
    model.reset()
    model.script(["Noted."])
    model.answers = {PROMPT: SUMMARY}
    yield
    model.silent_to = ""
    _until_settled(small_room)


def _question(number: int) -> str:
    return f"number {number}: quarterly revenue forecasts of our branch exceeded all expectations once more"


def _shown(model: OpenAIServer) -> list[list[dict[str, str]]]:
    """The messages of each answer's request, summaries left out."""
    return [args["messages"] for args in model.called(METHOD) if args["messages"][0]["content"] != PROMPT]


def _summaries(model: OpenAIServer) -> list[str]:
    asked = (args["messages"] for args in model.called(METHOD))
    return [messages[1]["content"] for messages in asked if messages[0]["content"] == PROMPT]


def _until_settled(room: NlpRoom) -> None:
    """No summary runs: as many have ended as have begun."""
    ends = [f"nlp.summary.{end}" for end in ("written", "failed", "unneeded", "refused")]
    until(
        lambda: len(room.logged("nlp.summary.begun")) == sum(len(room.logged(end)) for end in ends),
        "no summary runs any more",
    )


async def _until_summarized(redis: Redis) -> None:
    await auntil(lambda: redis.hget(KEY, "summary"), "the summary is kept")  # type: ignore[arg-type]


async def test_what_the_budget_has_no_room_for_is_summarized_and_shown_as_that(
    small_room: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    for number in range(6):
        small_room.turn(message(_question(number)))
    await _until_summarized(redis_client)
    small_room.turn(message(_question(6)))
    system, *said = _shown(model)[-1]
    assert SUMMARY in system["content"]
    assert said[-1]["content"] == _question(6)
    assert _question(0) in _summaries(model)[0]
    assert all(_question(0) != part["content"] for part in said)
    assert said[0]["role"] == "user"  # whole turns only


async def test_every_turn_is_shown_or_summarized_and_none_is_both(
    small_room: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    for number in range(14):
        small_room.turn(message(_question(number)))
        _until_settled(small_room)
    shown = [part["content"] for part in _shown(model)[-1]]
    for number in range(14):
        told = sum(_question(number) in text for text in _summaries(model))
        assert told + (_question(number) in shown) == 1, number
    assert 0 < await redis_client.ttl(KEY) <= 90 * 24 * 3600


def test_a_summary_delays_no_answer(small_room: NlpRoom, model: OpenAIServer) -> None:
    model.silent_to = PROMPT
    for number in range(6):
        event = message(_question(number), conversation_id="web:slow")
        assert isinstance(small_room.turn(event)[-1], TurnDone)
    until(lambda: _summaries(model), "a summary is asked for")


async def test_a_summary_that_fails_is_only_logged_and_written_after_the_next_answer(
    small_room: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    before = len(small_room.logged("nlp.summary.failed"))
    model.answers = {PROMPT: " "}
    for number in range(6):
        small_room.turn(message(_question(number)))
    _until_settled(small_room)
    assert len(small_room.logged("nlp.summary.failed")) > before
    assert await redis_client.exists(KEY) == 0
    model.answers = {PROMPT: SUMMARY}
    small_room.turn(message(_question(6)))
    await _until_summarized(redis_client)
    assert _question(0) in _summaries(model)[-1]


async def test_who_restarts_is_told_nothing_from_before(
    small_room: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    for number in range(6):
        small_room.turn(message(_question(number)))
    await _until_summarized(redis_client)
    facts = {"event_id": "r1", "conversation_id": "web:c1", "at": NOON, "user": Person(id="p1")}
    small_room.turn(CommandGiven(**facts, name="restart"))
    small_room.turn(message(_question(6)))
    system, *said = _shown(model)[-1]
    assert SUMMARY not in system["content"]
    assert [part["content"] for part in said] == [_question(6)]
    assert await redis_client.exists(KEY) == 0


async def test_conversations_never_mix(small_room: NlpRoom, model: OpenAIServer, redis_client: Redis) -> None:
    for number in range(12):
        small_room.turn(message(_question(number), conversation_id=f"web:c{1 + number % 2}"))
    await _until_summarized(redis_client)
    for number in (12, 13):
        small_room.turn(message(_question(number), conversation_id=f"web:c{1 + number % 2}"))
    for messages in (args["messages"] for args in model.called(METHOD)):
        text = " ".join(part["content"] for part in messages)
        numbers = {number % 2 for number in range(14) if f"number {number}:" in text}
        assert len(numbers) == 1


async def test_of_two_summaries_that_build_on_the_same_one_is_kept(redis_client: Redis) -> None:
    memory = Memory(redis_client, days=1)
    first, second = Summary("first", "e5", 5.0), Summary("second", "e4", 4.0)
    assert await memory.remember("web:c1", Summary(), first)
    assert not await memory.remember("web:c1", Summary(), second)
    assert await memory.recall("web:c1", []) == first
    assert await memory.remember("web:c1", first, Summary("third", "e9", 9.0))


async def test_a_summary_is_capped_and_a_newer_versions_is_left_alone(redis_client: Redis) -> None:
    memory = Memory(redis_client, days=1)
    assert await memory.remember("web:c1", Summary(), Summary("x" * 99_999, "e1", 1.0))
    assert len((await memory.recall("web:c1", [])).text) == MAX_CHARS
    await redis_client.hset(KEY, "v", "99")
    assert await memory.recall("web:c1", []) == Summary()
    assert not await memory.remember("web:c1", Summary(), Summary("older", "e2", 2.0))


def _delete(room: NlpRoom, event_id: str) -> None:
    deleted = {"conversation_id": "web:c1", "event_id": event_id}
    assert room.client.post("/deletions", json=deleted).status_code == 204


async def test_a_deleted_answer_takes_the_summary_with_it_that_may_tell_of_it(
    small_room: NlpRoom, redis_client: Redis
) -> None:
    events = [message(_question(number)) for number in range(6)]
    for event in events:
        small_room.turn(event)
    await _until_summarized(redis_client)
    _until_settled(small_room)
    _delete(small_room, events[-1].event_id)
    assert await redis_client.exists(KEY)
    _delete(small_room, events[0].event_id)
    assert not await redis_client.exists(KEY)


def test_a_deletion_in_a_conversation_that_nobody_knows_changes_nothing(small_room: NlpRoom) -> None:
    _delete(small_room, "web:c1:e1")
