"""Budgets of the language model in the running room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from contracts.turn import TurnDelta, TurnDone
from tests.builders import OPEN_QUESTION, message
from tests.fakes.openai_server import METHOD, OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("redis_client")


@pytest.fixture(scope="module")
def frugal(folder: Path, redis_process: RedisProcess, model: OpenAIServer) -> Iterator[NlpRoom]:
    """nlp whose people may ask the model twice a day."""
    with NlpRoom(
        folder,
        redis_process.url,
        OPENAI_BASE_URL=model.url,
        OPENAI_MODEL="fake",
        NLP_BUDGET_USER_REQUESTS_DAY="2",
        NLP_PRICES='{"fake": {"prompt": 2, "completion": 3}}',
    ) as room:
        yield room


@pytest.fixture(autouse=True)
def _fresh_model(model: OpenAIServer) -> None:
    model.reset()
    model.script(["Hello", " you", "."])


def test_over_budget_a_clear_reply_comes_without_the_model_and_again_for_the_same_event(
    frugal: NlpRoom, model: OpenAIServer
) -> None:
    assert [frugal.says(message(OPEN_QUESTION)) for _ in range(2)] == [["Hello you."]] * 2
    third = message(OPEN_QUESTION)
    items = frugal.turn(third)
    assert isinstance(items[-1], TurnDone)
    assert not [item for item in items if isinstance(item, TurnDelta)]
    assert "used up your requests to the language model for today" in frugal.says(third)[0]
    assert frugal.turn(third) == items
    assert len(model.called(METHOD)) == 2


def test_the_reply_is_in_the_persons_language(frugal: NlpRoom) -> None:
    for _ in range(2):
        frugal.turn(message(OPEN_QUESTION))
    assert "您今天的語言模型用量已用完" in frugal.says(message(OPEN_QUESTION, locale="zh-Hant-TW"))[0]
    assert "您今天的语言模型用量已用完" in frugal.says(message(OPEN_QUESTION, locale="zh-Hans"))[0]


def test_what_a_rule_answers_costs_nothing(frugal: NlpRoom) -> None:
    for _ in range(4):
        assert "used up" not in frugal.says(message("thank you"))[0]
    assert frugal.says(message(OPEN_QUESTION)) == ["Hello you."]


def test_a_model_that_fails_costs_nothing(frugal: NlpRoom, model: OpenAIServer) -> None:
    model.fail(METHOD, times=9, status=401)
    for _ in range(4):
        frugal.turn(message(OPEN_QUESTION))
    model.reset()
    model.script(["Hello"])
    assert frugal.says(message(OPEN_QUESTION)) == ["Hello"]


async def test_an_answer_that_is_stopped_is_counted(
    frugal: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    model.script(["word "] * 200, pace_s=0.05)
    before = len(frugal.logged("nlp.model.used"))
    with frugal.stream(message(OPEN_QUESTION)) as items:
        assert isinstance(next(items), TurnDelta)
    until(lambda: len(frugal.logged("nlp.model.used")) > before, "the call is settled")
    assert frugal.logged("nlp.model.used")[-1]["completion_tokens"] > 1
    assert not await redis_client.hgetall(f"usage:held:{_today(frugal)}:web:user:p1")


def test_each_call_is_a_line_of_the_log_with_its_cost_and_nobodys_words(frugal: NlpRoom) -> None:
    asked = message(OPEN_QUESTION)
    frugal.turn(asked)
    line = frugal.logged("nlp.model.used")[-1]
    assert line["call_id"] == asked.event_id
    told = {name: line[name] for name in ("workspace", "model", "prompt_tokens", "completion_tokens", "cost")}
    assert told == {
        "workspace": "web",
        "model": "fake",
        "prompt_tokens": 1,
        "completion_tokens": 1,
        "cost": 0.000005,
    }
    log = frugal.log.read_text("utf-8")
    assert not [words for words in ("quarterly", "Hello you", "used up", '"p1"') if words in log]


def _today(room: NlpRoom) -> str:
    return str(room.logged("nlp.model.used")[-1]["at"])[:10]
