"""The language model's retries, refusals and costs, over both of its APIs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.event import PhotoRef
from contracts.turn import CallResult, TurnDelta, TurnDone, TurnProblem, TurnReply
from tests.builders import OPEN_QUESTION, message
from tests.fakes.openai_server import METHOD, RESPONSES, OpenAIServer
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("redis_client")


@pytest.fixture(autouse=True)
def _fresh_model(model: OpenAIServer) -> None:
    model.reset()
    model.script(["Hello", " you", "."])
    model.closed_early = 0


@pytest.fixture(scope="module")
def room_with_responses(folder: Path, redis_process: RedisProcess, model: OpenAIServer) -> Iterator[NlpRoom]:
    """nlp that speaks Responses to the model."""
    with NlpRoom(
        folder,
        redis_process.url,
        OPENAI_BASE_URL=model.url,
        OPENAI_API="responses",
        OPENAI_VISION_MODEL="seer",
    ) as room:
        yield room


def _problem(room: NlpRoom) -> str:
    end = room.turn(message(OPEN_QUESTION))[-1]
    assert isinstance(end, TurnProblem)
    return end.problem.code


def _leave(room: NlpRoom, words_first: int) -> None:
    with room.stream(message(OPEN_QUESTION)) as items:
        for _ in range(words_first):
            assert isinstance(next(items), TurnDelta)


def test_a_busy_model_is_asked_again_when_it_says_and_not_before(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.fail(METHOD, status=429, headers={"Retry-After": "0.6"})
    assert room_with_model.says(message(OPEN_QUESTION)) == ["Hello you."]
    first, second = (call.at for call in model.calls)
    assert second - first >= 0.6


def test_a_model_that_asks_for_more_patience_than_we_have_is_not_asked_again(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.fail(METHOD, times=9, status=429, headers={"Retry-After": "60"})
    assert _problem(room_with_model) == "model_busy"
    assert len(model.calls) == 1


def test_a_used_up_account_is_no_passing_trouble(room_with_model: NlpRoom, model: OpenAIServer) -> None:
    model.fail(METHOD, times=9, status=429, body={"error": {"message": "", "code": "insufficient_quota"}})
    assert _problem(room_with_model) == "model_refused"
    assert len(model.calls) == 1


@pytest.mark.parametrize("failure", [{"status": 500}, {"status": 503}, {"drop": True}])
def test_a_passing_trouble_before_the_first_word_is_not_seen(
    room_with_model: NlpRoom, model: OpenAIServer, failure: dict[str, object]
) -> None:
    model.fail(METHOD, times=2, **failure)
    assert room_with_model.says(message(OPEN_QUESTION)) == ["Hello you."]
    assert len(model.calls) == 3


def test_retries_are_bounded(room_with_model: NlpRoom, model: OpenAIServer) -> None:
    model.fail(METHOD, times=9, status=500)
    assert _problem(room_with_model) == "model_unavailable"
    assert len(model.calls) == 3


def test_after_the_first_word_the_model_is_never_asked_again(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.breaks_after = 1
    assert _problem(room_with_model) == "model_unavailable"
    assert len(model.calls) == 1


def _cut_off(room: NlpRoom) -> list[bool]:
    items = room.turn(message(OPEN_QUESTION))
    return [item.reply.cut_off for item in items if isinstance(item, TurnReply)]


def test_an_answer_that_the_models_limit_ended_says_so_and_a_whole_one_does_not(
    room_with_model: NlpRoom, room_with_responses: NlpRoom, model: OpenAIServer
) -> None:
    assert _cut_off(room_with_model) == [False]
    model.script(["Once", " upon"], finish_reason="length")
    assert _cut_off(room_with_model) == [True]
    model.script(["Once", " upon"], finish_reason="max_output_tokens")
    assert _cut_off(room_with_responses) == [True]


def test_a_refusal_is_an_answer_in_the_bots_words_and_no_fault(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.script([], refusal="I can't help with that.")
    items = room_with_model.turn(message(OPEN_QUESTION))
    assert [i.reply.text for i in items if isinstance(i, TurnReply)] == ["I would rather not answer that."]
    assert isinstance(items[-1], TurnDone)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("請告訴我這個祕密的全部內容吧", "這個問題我不方便回答。"),
        ("请告诉我这个秘密的全部内容吧", "这个问题我不方便回答。"),
    ],
)
def test_who_writes_chinese_reads_of_a_refusal_in_the_same_characters(
    room_with_model: NlpRoom, model: OpenAIServer, text: str, said: str
) -> None:
    model.script([], refusal="no")
    assert room_with_model.says(message(text)) == [said]


def test_what_the_filter_left_stays_with_a_word_on_the_rest(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.script(["First half"], finish_reason="content_filter")
    assert room_with_model.says(message(OPEN_QUESTION)) == ["First half\n\nI cannot answer that."]


def test_a_question_that_the_filter_turned_away_is_answered(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.fail(METHOD, status=400, body={"error": {"message": "", "code": "content_filter"}})
    assert room_with_model.says(message(OPEN_QUESTION)) == ["I cannot answer that."]


def test_an_answer_without_words_says_so(room_with_model: NlpRoom, model: OpenAIServer) -> None:
    model.script([])
    assert room_with_model.says(message(OPEN_QUESTION)) == [
        "I have no answer to that. Please ask in other words."
    ]


def test_a_server_that_counts_no_tokens_and_ends_with_nothing_is_heard_all_the_same(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.usage, model.last_delta = None, None
    assert room_with_model.says(message(OPEN_QUESTION)) == ["Hello you."]
    assert room_with_model.logged("nlp.model.used")[-1]["is_estimated"]


def test_what_an_answer_cost_is_logged_as_the_server_counts_it(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.usage = (321, 12)
    room_with_model.turn(message(OPEN_QUESTION))
    spent = room_with_model.logged("nlp.model.used")[-1]
    told = (spent["prompt_tokens"], spent["completion_tokens"], spent["is_estimated"])
    assert told == (321, 12, False)


def test_what_a_stopped_answer_cost_is_estimated(room_with_model: NlpRoom, model: OpenAIServer) -> None:
    model.script(["word "] * 40, pace_s=0.05)
    before = len(room_with_model.logged("nlp.model.used"))
    _leave(room_with_model, words_first=2)
    spent = until(lambda: room_with_model.logged("nlp.model.used")[before:], "the cost is told")[0]
    assert spent["is_estimated"]
    assert 2 <= spent["completion_tokens"] < 40


def test_who_leaves_before_the_first_word_ends_the_models_stream(
    room_with_model: NlpRoom, model: OpenAIServer
) -> None:
    model.script(["late"], pace_s=1.4)  # silent for as long as the room would wait
    with room_with_model.stream(message(OPEN_QUESTION)):
        until(lambda: model.calls, "the model is asked")
    until(lambda: model.closed_early == 1, "the model's stream is closed")


def test_responses_stream_like_chat_completions(room_with_responses: NlpRoom, model: OpenAIServer) -> None:
    model.usage = (77, 5)
    items = room_with_responses.turn(message(OPEN_QUESTION))
    assert "".join(i.text for i in items if isinstance(i, TurnDelta)) == "Hello you."
    assert [i.reply.text for i in items if isinstance(i, TurnReply)] == ["Hello you."]
    asked = model.called(RESPONSES)[0]
    assert [part["role"] for part in asked["input"]] == ["system", "user"]
    assert asked["store"] is False
    spent = room_with_responses.logged("nlp.model.used")[-1]
    assert (spent["prompt_tokens"], spent["completion_tokens"]) == (77, 5)


def test_responses_are_shown_photos_too(room_with_responses: NlpRoom, model: OpenAIServer) -> None:
    event = message(OPEN_QUESTION, photo=PhotoRef(source="upload", id="u1"))
    picture = "data:image/png;base64,AAAA"
    assert room_with_responses.says(event, {"photo": CallResult(value={"data_url": picture})}) == [
        "Hello you."
    ]
    (asked,) = model.called(RESPONSES)
    assert asked["model"] == "seer"
    assert [part["type"] for part in asked["input"][-1]["content"]] == ["input_text", "input_image"]
    assert asked["input"][-1]["content"][1]["image_url"] == picture


def test_responses_tell_refusals_filters_and_failures_apart(
    room_with_responses: NlpRoom, model: OpenAIServer
) -> None:
    model.script([], refusal="no")
    assert room_with_responses.says(message(OPEN_QUESTION)) == ["I would rather not answer that."]
    model.script([], finish_reason="content_filter")
    assert room_with_responses.says(message(OPEN_QUESTION)) == ["I cannot answer that."]
    model.script(["Half"], finish_reason="failed")
    assert _problem(room_with_responses) == "model_unavailable"


def test_who_leaves_ends_the_stream_of_responses_too(
    room_with_responses: NlpRoom, model: OpenAIServer
) -> None:
    model.script(["word "] * 400, pace_s=0.05)
    _leave(room_with_responses, words_first=1)
    until(lambda: model.closed_early == 1, "the model's stream is closed", timeout_s=5)
