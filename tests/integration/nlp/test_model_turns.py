"""The model beside the rest of a turn: forms, rules, skills, threads joined late, answers gone on with."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from contracts.event import ContinuationRequested, Person, RegenerationRequested
from contracts.problem import Problem
from contracts.turn import CallResult, TurnNeed, TurnProblem, TurnReply
from services.nlp.engines.llm.engine import GO_ON
from tests.builders import NOON, OPEN_QUESTION, message
from tests.fakes.openai_server import METHOD, OpenAIServer, Play
from tests.integration.nlp import tooled_bots
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess

pytestmark = pytest.mark.usefixtures("redis_client")
BEFORE = "telegram:default:1"
"""Where the model is asked before the rules."""
THREAD = "slack:T1:C1:100.000001"
LATER = f"{THREAD[:-10]}100.000009"
EARLIER = {
    "messages": [
        {"role": "assistant", "text": "Deployed."},
        {"role": "user", "text": "It is slow."},
        {"role": "user", "text": "Since noon."},
        {"role": "assistant", "text": "I see."},
    ]
}


@pytest.fixture(scope="module")
def room_of_both(
    folder: Path, redis_process: RedisProcess, model: OpenAIServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NlpRoom]:
    """nlp with rules first on the web and Slack, the model first on Telegram."""
    with NlpRoom(
        folder,
        redis_process.url,
        OPENAI_BASE_URL=model.url,
        NLP_BOTS_DIR=str(tooled_bots.write(tmp_path_factory.mktemp("tooled"))),
        NLP_BOT="behind",
        NLP_TELEGRAM_BOT="before",
        NLP_MODEL_RETRIES="0",
    ) as room:
        yield room


@pytest.fixture(autouse=True)
def _fresh_model(model: OpenAIServer) -> None:
    model.reset()
    model.script(["The model."])


def _calls(*names: str, **arguments: Any) -> Play:
    return Play(calls=[(name, json.dumps(arguments)) for name in names])


def _said(asked: dict[str, Any]) -> list[tuple[str, str]]:
    return [(part["role"], part["content"]) for part in asked["messages"][1:]]


def test_a_list_that_a_tool_has_found_is_shown_behind_the_answer_and_chosen_from(
    room_of_both: NlpRoom, model: OpenAIServer
) -> None:
    model.play(_calls("bird", name="any owl"))
    items = room_of_both.turn(message(OPEN_QUESTION))
    answer, owls = [item.reply for item in items if isinstance(item, TurnReply)]
    assert answer.text == "The model."
    assert owls.text.startswith("Which owl?\n\n1. Barn owl\n2. Snowy owl")
    assert [button.title for button in owls.buttons] == ["1. Barn owl", "2. Snowy owl"]
    told = json.loads(model.called(METHOD)[1]["messages"][-1]["content"])
    assert told["choices"] == ["Barn owl", "Snowy owl"]
    [chosen] = [i.reply for i in room_of_both.turn(message("2")) if isinstance(i, TurnReply)]
    assert (chosen.text, chosen.image) == ("It has two legs.", "https://example.org/Snowy.png")
    assert len(model.calls) == 2


@pytest.mark.parametrize("conversation_id", ["web:c1", BEFORE])
def test_a_form_that_the_model_begins_asks_and_goes_on_without_the_model(
    room_of_both: NlpRoom, model: OpenAIServer, conversation_id: str
) -> None:
    model.play(_calls("start_booking_form"))
    assert room_of_both.says(message(OPEN_QUESTION, conversation_id)) == ["Which city?"]
    assert room_of_both.says(message("Taipei", conversation_id)) == ["Booked in Taipei."]
    assert len(model.calls) == 1
    room_of_both.says(message(OPEN_QUESTION, conversation_id))
    told = _said(model.called(METHOD)[1])
    assert told == [
        ("user", OPEN_QUESTION),
        ("assistant", "Which city?"),
        ("user", "Taipei"),
        ("assistant", "Booked in Taipei."),
        ("user", OPEN_QUESTION),
    ]


@pytest.mark.parametrize("nothing", ["{}", "", "null"])
def test_what_the_model_says_before_a_form_stays_however_it_writes_no_arguments(
    room_of_both: NlpRoom, model: OpenAIServer, nothing: str
) -> None:
    model.play(Play(["Sure."], [("start_booking_form", nothing)]))
    assert room_of_both.says(message(OPEN_QUESTION)) == ["Sure.", "Which city?"]


def test_a_model_in_front_of_the_rules_may_leave_a_turn_to_them(
    room_of_both: NlpRoom, model: OpenAIServer
) -> None:
    assert room_of_both.says(message("hello", BEFORE)) == ["The model."]
    model.play(_calls("hand_over"))
    assert room_of_both.says(message("hello", BEFORE)) == ["Hello from a rule."]


@pytest.mark.parametrize(("text", "words"), [(OPEN_QUESTION, []), ("hello", ["I think"])])
def test_a_turn_that_no_rule_is_about_or_that_has_begun_is_not_left(
    room_of_both: NlpRoom, model: OpenAIServer, text: str, words: list[str]
) -> None:
    model.play(Play(words, [("hand_over", "{}")]))
    assert room_of_both.says(message(text, BEFORE)) == ["\n\n".join([*words, "The model."])]
    refused = json.loads(model.called(METHOD)[1]["messages"][-1]["content"])
    assert "yourself" in refused["error"]


@pytest.mark.parametrize("failure", [{"status": 401}, {"status": 500}, {"drop": True}])
def test_rules_answer_where_a_model_in_front_of_them_fails_before_its_first_word(
    room_of_both: NlpRoom, model: OpenAIServer, failure: dict[str, Any]
) -> None:
    model.fail(METHOD, **failure)
    assert room_of_both.says(message("hello", BEFORE)) == ["Hello from a rule."]
    model.fail(METHOD, **failure)
    end = room_of_both.turn(message(OPEN_QUESTION, "web:c1"))[-1]
    assert isinstance(end, TurnProblem)  # behind the rules nobody is left to ask


def test_what_a_model_in_front_of_the_rules_has_begun_they_do_not_finish(
    room_of_both: NlpRoom, model: OpenAIServer
) -> None:
    model.breaks_after = 1
    model.words = ["Half", " of it"]
    assert isinstance(room_of_both.turn(message("hello", BEFORE))[-1], TurnProblem)


def test_a_skill_tells_the_model_facts_and_shows_people_its_picture(
    room_of_both: NlpRoom, model: OpenAIServer
) -> None:
    model.play(_calls("bird", name="owl"))
    items = room_of_both.turn(message(OPEN_QUESTION))
    (reply,) = [item.reply for item in items if isinstance(item, TurnReply)]
    assert (reply.text, reply.image) == ("The model.", "https://example.org/owl.png")
    first, second = model.called(METHOD)
    (offered,) = [tool["function"] for tool in first["tools"] if tool["function"]["name"] == "bird"]
    assert offered["description"] == "Tells of a bird."
    assert json.loads(second["messages"][-1]["content"]) == {"legs": 2}


def test_a_skill_that_declines_or_breaks_is_told_to_the_model(
    room_of_both: NlpRoom, model: OpenAIServer
) -> None:
    model.play(_calls("bird", name="dodo"), _calls("bird", name="phoenix"))
    assert room_of_both.says(message(OPEN_QUESTION)) == ["The model."]
    told = [json.loads(p["content"]) for p in model.called(METHOD)[-1]["messages"] if p["role"] == "tool"]
    assert len(told) == 2
    assert all(set(result) == {"error"} for result in told)


def test_what_a_skill_needs_of_the_worker_is_asked_under_its_own_call(
    room_of_both: NlpRoom, model: OpenAIServer
) -> None:
    event = message(OPEN_QUESTION)
    model.play(Play(calls=[("bird", '{"name": "heard"}'), ("bird", '{"name": "owl"}')]))
    (need,) = room_of_both.turn(event)
    assert isinstance(need, TurnNeed)
    assert need.kind == "slack.replies"
    result = CallResult(value={"messages": [{"role": "user", "text": "tweet"}]})
    assert room_of_both.says(event, {need.call_id: result}) == ["The model."]
    told = [json.loads(p["content"]) for p in model.called(METHOD)[-1]["messages"] if p["role"] == "tool"]
    assert sorted(map(str, told)) == ["{'heard': 'tweet'}", "{'legs': 2}"]
    assert len(model.calls) == 2


def test_a_thread_that_is_joined_late_is_read_once_and_remembered(
    room_of_both: NlpRoom, model: OpenAIServer
) -> None:
    event = message(OPEN_QUESTION, THREAD, LATER)
    need = TurnNeed(call_id="thread", kind="slack.replies", args={"limit": 50})
    assert room_of_both.turn(event) == [need]
    assert room_of_both.says(event, {"thread": CallResult(value=EARLIER)}) == ["The model."]
    earlier = [
        ("assistant", "Deployed."),
        ("user", "It is slow.\n\nSince noon."),
        ("assistant", "I see."),
    ]
    assert _said(model.called(METHOD)[0]) == [*earlier, ("user", OPEN_QUESTION)]
    room_of_both.says(message("and quarterly revenue", THREAD, f"{LATER}5"))
    assert _said(model.called(METHOD)[1])[: len(earlier)] == earlier


def test_another_answer_to_the_first_message_knows_the_thread_still(
    room_of_both: NlpRoom, model: OpenAIServer
) -> None:
    event = message(OPEN_QUESTION, THREAD, LATER)
    room_of_both.says(event, {"thread": CallResult(value=EARLIER)})
    again = RegenerationRequested(
        event_id="slack:T1:C1:click", target=LATER, conversation_id=THREAD, at=NOON, user=event.user
    )
    assert room_of_both.says(again) == ["The model."]
    first, second = model.called(METHOD)
    assert _said(second) == _said(first)


async def test_a_thread_that_cannot_be_read_costs_no_answer(
    room_of_both: NlpRoom, model: OpenAIServer, redis_client: Redis
) -> None:
    refused = CallResult(problem=Problem(title="no", status=403, code="missing_scope"))
    event = message(OPEN_QUESTION, THREAD, LATER)
    assert room_of_both.says(event, {"thread": refused}) == ["The model."]
    assert room_of_both.says(message(OPEN_QUESTION, THREAD, f"{LATER}5")) == ["The model."]
    assert room_of_both.logged("nlp.thread.unreadable")[-1]["code"] == "missing_scope"


@pytest.mark.parametrize(
    ("conversation_id", "event_id"),
    [
        (THREAD, THREAD),  # the thread's first message
        ("slack:T1:D1", "slack:T1:D1:100.000009"),  # no thread
        ("web:c9", "web:c9:100.000009"),
    ],
)
def test_what_begins_a_thread_or_is_in_none_has_no_history_elsewhere(
    room_of_both: NlpRoom, conversation_id: str, event_id: str
) -> None:
    assert room_of_both.says(message(OPEN_QUESTION, conversation_id, event_id)) == ["The model."]


def test_an_answer_that_broke_off_is_gone_on_with(room_of_both: NlpRoom, model: OpenAIServer) -> None:
    model.script(["It is 508"])
    first = message(OPEN_QUESTION)
    room_of_both.turn(first)
    model.script([" metres high."])
    event = ContinuationRequested(
        event_id="k1", conversation_id="web:c1", at=NOON, user=Person(id="p1"), target=first.event_id
    )
    assert room_of_both.says(event) == [" metres high."]
    assert _said(model.called(METHOD)[1]) == [
        ("user", OPEN_QUESTION),
        ("assistant", "It is 508"),
        ("user", GO_ON),
    ]
