"""What the language model may call: in nlp or by the worker, in bounded rounds, seen in the trace."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.asyncio import Redis

from contracts.event import PhotoRef
from contracts.turn import CallResult, TurnDelta, TurnDone, TurnNeed, TurnReply
from tests.builders import OPEN_QUESTION, message
from tests.fakes.openai_server import METHOD, RESPONSES, OpenAIServer, Play
from tests.fakes.search_server import METHOD as SEARCH
from tests.fakes.search_server import SearchServer
from tests.integration.nlp import tooled_bots
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")
LOOK_UP = Play(calls=[("web_search", '{"query": "how high is 臺北 101?"}')])
PICTURE = CallResult(value={"data_url": "data:image/png;base64,AAAA"})
NO_FACE = CallResult(value={"outcome": "no_face", "image": {"width": 640, "height": 480}, "faces_found": 0})


@pytest.fixture(scope="module")
def bots(folder: Path) -> Path:
    """The bots with forms."""
    return tooled_bots.write(folder / "tooled")


@pytest.fixture(scope="module")
def search_server() -> Iterator[SearchServer]:
    """Where the web is searched."""
    server = SearchServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def search(search_server: SearchServer) -> SearchServer:
    """The same, as if nobody had asked yet."""
    search_server.reset()
    return search_server


@pytest.fixture(scope="module")
def tooled_room(
    folder: Path, bots: Path, redis_process: RedisProcess, model: OpenAIServer, search_server: SearchServer
) -> Iterator[NlpRoom]:
    """nlp with every tool: rules first on the web, the model first on Telegram."""
    with NlpRoom(
        folder,
        redis_process.url,
        OPENAI_BASE_URL=model.url,
        OPENAI_VISION_MODEL="seer",
        NLP_BOTS_DIR=str(bots),
        NLP_BOT="behind",
        NLP_TELEGRAM_BOT="before",
        NLP_SEARCH_URL=f"{search_server.url}/search?q={{query}}&format=json",
        NLP_TOOL_ROUNDS="3",
        NLP_TOOL_S="0.5",
    ) as room:
        yield room


@pytest.fixture(scope="module")
def responses_room(
    folder: Path, bots: Path, redis_process: RedisProcess, model: OpenAIServer, search_server: SearchServer
) -> Iterator[NlpRoom]:
    """The same over the Responses API."""
    with NlpRoom(
        folder,
        redis_process.url,
        OPENAI_BASE_URL=model.url,
        OPENAI_API="responses",
        NLP_BOTS_DIR=str(bots),
        NLP_BOT="behind",
        NLP_SEARCH_URL=f"{search_server.url}/search?q={{query}}&format=json",
    ) as room:
        yield room


@pytest.fixture(autouse=True)
def _fresh(model: OpenAIServer, search: SearchServer) -> None:
    model.reset()
    model.script(["508", " m."])


def _results(asked: dict[str, Any]) -> list[Any]:
    """What a request tells the model of tools that were run."""
    return [json.loads(part["content"]) for part in asked["messages"] if part["role"] == "tool"]


def _offered(asked: dict[str, Any]) -> set[str]:
    return {tool["function"]["name"] for tool in asked.get("tools") or []}


def _tool_events(redis_process: RedisProcess) -> list[dict[str, Any]]:
    with redis.Redis.from_url(redis_process.url, decode_responses=True) as client:
        tracker = json.loads(str(client.hget("tracker:web:c1", "tracker")))
    return [event for event in tracker["events"] if event["event"] == "tool_called"]


def _traced(redis_process: RedisProcess) -> list[tuple[str, str]]:
    return [(event["name"], event["problem"]) for event in _tool_events(redis_process)]


def test_a_tool_is_run_and_the_model_answers_with_what_it_found(
    tooled_room: NlpRoom, model: OpenAIServer, search: SearchServer
) -> None:
    model.play(Play(["Let me look."], LOOK_UP.calls))
    items = tooled_room.turn(message(OPEN_QUESTION))
    first, *more = [item.text for item in items if isinstance(item, TurnDelta)]
    assert (first, "".join(more)) == ("Let me look.", "\n\n508 m.")
    assert [i.reply.text for i in items if isinstance(i, TurnReply)] == ["Let me look.\n\n508 m."]
    assert isinstance(items[-1], TurnDone)
    assert search.called(SEARCH) == [{"q": "how high is 臺北 101?", "format": "json"}]
    _, second = model.called(METHOD)
    assistant, result = second["messages"][-2:]
    (call,) = assistant["tool_calls"]
    assert (assistant["content"], call["function"]["name"]) == ("Let me look.", "web_search")
    assert result["tool_call_id"] == call["id"]
    (found,) = _results(second)
    assert found["results"][0] == {
        "title": "Taipei 101",
        "url": "https://example.org/101",
        "content": "508 m.",
    }
    assert len(found["results"]) == 5


def test_over_responses_a_tool_is_called_and_its_output_given_back(
    responses_room: NlpRoom, model: OpenAIServer
) -> None:
    model.play(Play(["Let me look."], LOOK_UP.calls))
    assert responses_room.says(message(OPEN_QUESTION)) == ["Let me look.\n\n508 m."]
    first, second = model.called(RESPONSES)
    assert "web_search" in {tool["name"] for tool in first["tools"]}
    said, call, output = second["input"][-3:]
    assert (said["content"], call["type"], call["name"]) == ("Let me look.", "function_call", "web_search")
    assert (output["type"], output["call_id"]) == ("function_call_output", call["call_id"])
    assert json.loads(output["output"])["results"]


def test_each_call_is_in_the_trace_and_none_in_the_text(
    redis_process: RedisProcess, tooled_room: NlpRoom, model: OpenAIServer
) -> None:
    model.play(Play(calls=[*LOOK_UP.calls, ("search_mail", "{}")]))
    assert tooled_room.says(message(OPEN_QUESTION)) == ["508 m."]
    assert _traced(redis_process) == [("web_search", ""), ("unknown", "unknown_tool")]
    keys = {"event", "name", "ms", "ok", "problem", "timestamp"}
    assert all(set(event) == keys for event in _tool_events(redis_process))
    counted = tooled_room.client.get("/metrics").text
    assert 'switchboard_tool_calls_total{outcome="ok",tool="web_search"}' in counted
    assert re.search(r'switchboard_model_tokens_total\{kind="completion",model="[\w.-]+"\} [1-9]', counted)
    assert re.search(r'switchboard_nlp_turn_seconds_count\{outcome="done"\} [1-9]', counted)


@pytest.mark.parametrize(
    ("call", "problem", "told"),
    [
        (("search_mail", "{}"), "unknown_tool", "no tool of this name"),
        (("web_search", '{"query": "half'), "bad_arguments", "no JSON"),
        (("web_search", "[]"), "bad_arguments", "JSON object"),
        (("web_search", "{}"), "bad_arguments", "lacks query"),
        (("web_search", '{"query": 7}'), "bad_arguments", "of type string"),
        (("web_search", '{"query": "a", "page": 2}'), "bad_arguments", "nothing of the name page"),
    ],
)
def test_a_call_that_cannot_be_run_is_told_to_the_model_and_the_turn_goes_on(
    redis_process: RedisProcess,
    tooled_room: NlpRoom,
    model: OpenAIServer,
    search: SearchServer,
    call: tuple[str, str],
    problem: str,
    told: str,
) -> None:
    model.play(Play(calls=[call]))
    assert tooled_room.says(message(OPEN_QUESTION)) == ["508 m."]
    (result,) = _results(model.called(METHOD)[1])
    assert told in result["error"]
    assert [code for _, code in _traced(redis_process)] == [problem]
    assert search.calls == []
    for sent in model.called(METHOD)[1]["messages"]:
        for made in sent.get("tool_calls") or []:
            assert isinstance(json.loads(made["function"]["arguments"]), dict)  # servers read them back


@pytest.mark.parametrize(
    ("failure", "problem"),
    [({"status": 500}, "failed"), ({"drop": True}, "failed"), ({"stall_s": 1.2}, "timeout")],
)
def test_a_tool_that_fails_or_hangs_is_told_to_the_model(
    redis_process: RedisProcess,
    tooled_room: NlpRoom,
    model: OpenAIServer,
    search: SearchServer,
    failure: dict[str, Any],
    problem: str,
) -> None:
    search.fail(SEARCH, **failure)
    model.play(LOOK_UP)
    assert tooled_room.says(message(OPEN_QUESTION)) == ["508 m."]
    assert _traced(redis_process) == [("web_search", problem)]


@pytest.mark.parametrize("answer", [{}, [], {"results": [1]}, {"results": {"a": 1}}])
def test_a_search_that_answers_something_else_has_failed(
    redis_process: RedisProcess, tooled_room: NlpRoom, model: OpenAIServer, search: SearchServer, answer: Any
) -> None:
    search.answer = answer
    model.play(LOOK_UP)
    assert tooled_room.says(message(OPEN_QUESTION)) == ["508 m."]
    assert _traced(redis_process) == [("web_search", "failed")]


def test_rounds_are_bounded_and_the_last_one_offers_no_tools(
    redis_process: RedisProcess, tooled_room: NlpRoom, model: OpenAIServer
) -> None:
    model.play(LOOK_UP, LOOK_UP, Play(["Enough."], LOOK_UP.calls))
    assert tooled_room.says(message(OPEN_QUESTION)) == ["Enough."]
    assert ["tools" in asked for asked in model.called(METHOD)] == [True, True, False]
    assert len(_traced(redis_process)) == 2


def test_more_calls_at_once_than_allowed_are_turned_away(
    redis_process: RedisProcess, tooled_room: NlpRoom, model: OpenAIServer, search: SearchServer
) -> None:
    model.play(Play(calls=LOOK_UP.calls * 9))
    assert tooled_room.says(message(OPEN_QUESTION)) == ["508 m."]
    assert len(search.calls) == 8
    assert _traced(redis_process)[-1] == ("web_search", "too_many_calls")


def test_every_round_is_counted(tooled_room: NlpRoom, model: OpenAIServer) -> None:
    before = len(tooled_room.logged("nlp.model.used"))
    model.play(LOOK_UP, LOOK_UP)
    event = message(OPEN_QUESTION)
    tooled_room.turn(event)
    counted = [line["call_id"] for line in tooled_room.logged("nlp.model.used")[before:]]
    assert counted == [event.event_id, f"{event.event_id}:round1", f"{event.event_id}:round2"]


def test_a_server_that_takes_no_tools_is_asked_without_once_and_that_is_remembered(
    folder: Path, redis_process: RedisProcess, model: OpenAIServer, bots: Path
) -> None:
    variables = {"OPENAI_BASE_URL": model.url, "NLP_BOTS_DIR": str(bots), "NLP_BOT": "behind"}
    with NlpRoom(folder, redis_process.url, NLP_SEARCH_URL="http://127.0.0.1:9/{query}", **variables) as room:
        model.takes_no_tools = (400, "llama2 does not support tools")
        assert room.says(message(OPEN_QUESTION)) == ["508 m."]
        assert [bool(_offered(asked)) for asked in model.called(METHOD)] == [True, False]
        assert room.says(message(OPEN_QUESTION)) == ["508 m."]
        assert [bool(_offered(asked)) for asked in model.called(METHOD)] == [True, False, False]
        assert len(room.logged("nlp.tools.refused")) == 1
        prompts = [asked["messages"][0]["content"] for asked in model.called(METHOD)]
        assert ["Look things up." in prompt for prompt in prompts] == [True, True, False]


def test_what_a_server_refuses_for_another_reason_is_not_tried_without_tools(
    tooled_room: NlpRoom, model: OpenAIServer
) -> None:
    model.fail(METHOD, status=400, body={"error": {"message": "the prompt is too long"}})
    tooled_room.turn(message(OPEN_QUESTION))
    assert len(model.calls) == 1


def test_words_about_a_search_are_told_only_where_there_is_one(
    tooled_room: NlpRoom, responses_room: NlpRoom, model: OpenAIServer, folder: Path
) -> None:
    tooled_room.turn(message(OPEN_QUESTION))
    asked = model.called(METHOD)[0]
    assert asked["messages"][0]["content"] == "You are plain.\nLook things up."
    assert "web_search" in _offered(asked)
    assert "look_alike" not in _offered(asked)  # there is no photo


async def test_what_only_the_worker_can_do_is_asked_of_it_and_nothing_is_said_twice(
    redis_process: RedisProcess, tooled_room: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    event = message(OPEN_QUESTION, photo=PhotoRef(source="upload", id="u1"))
    model.play(Play(["I look."], [("look_alike", "{}"), *LOOK_UP.calls]))
    first = tooled_room.turn(event, results={"photo": PICTURE})
    assert [item.text for item in first if isinstance(item, TurnDelta)] == ["I look."]
    need = first[-1]
    assert isinstance(need, TurnNeed)
    assert (need.kind, need.args) == ("face.identify", {"gallery": "default", "limit": 3})
    assert await redis_client.exists("tracker:web:c1") == 0
    again = tooled_room.turn(event, results={"photo": PICTURE, need.call_id: NO_FACE})
    assert "".join(item.text for item in again if isinstance(item, TurnDelta)) == "\n\n508 m."
    assert [i.reply.text for i in again if isinstance(i, TurnReply)] == ["I look.\n\n508 m."]
    first_asked, second_asked = model.called(METHOD)  # not a third time: the round was remembered
    assert first_asked["model"] == second_asked["model"] == "seer"
    assert {len(result) for result in _results(second_asked)} == {1, 2}
    assert sorted(_traced(redis_process)) == [("look_alike", ""), ("web_search", "")]
    assert 0 < await redis_client.ttl(f"rounds:{event.event_id}") <= 15 * 60
    assert "base64" not in str(await redis_client.get(f"rounds:{event.event_id}"))


def test_a_turn_whose_rounds_are_gone_begins_anew(tooled_room: NlpRoom, model: OpenAIServer) -> None:
    event = message(OPEN_QUESTION, photo=PhotoRef(source="upload", id="u1"))
    results = {"photo": PICTURE, "tool:c010100000": NO_FACE}
    assert tooled_room.says(event, results) == ["508 m."]
