"""Nothing of one conversation ever reaches the model in another's request, however turns interleave."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from contracts.event import CommandGiven, ContinuationRequested, Event, Person, PhotoRef
from contracts.turn import CallResult, TurnNeed
from services.nlp.engines.llm.summarizer import PROMPT
from tests.builders import NOON, message
from tests.fakes.openai_server import METHOD, OpenAIServer, Play
from tests.integration.nlp import tooled_bots
from tests.integration.nlp.room import NlpRoom
from tests.redis_process import RedisProcess
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("redis_client")
_numbers = itertools.count(1)
TAG = re.compile(r"tag\d+x")
KINDS = ("text", "text", "text", "tool", "photo", "go on", "restart")
TURNS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(KINDS)), min_size=4, max_size=8)
LONG = [(number % 2, "text") for number in range(12)]
CALL = "call your tools"
PICTURE = "data:image/png;base64,AAAA"


@pytest.fixture(scope="module")
def small_room(
    folder: Path, redis_process: RedisProcess, model: OpenAIServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NlpRoom]:
    """nlp whose model is shown little, so that much is summarized."""
    with NlpRoom(
        folder,
        redis_process.url,
        OPENAI_BASE_URL=model.url,
        OPENAI_VISION_MODEL="seer",
        NLP_BOTS_DIR=str(tooled_bots.write(tmp_path_factory.mktemp("tooled"))),
        NLP_BOT="before",
        NLP_HISTORY_TOKENS="300",
    ) as room:
        yield room


def _conversation(run: int, place: int) -> str:
    """Two on the web, two threads of one Slack channel that the bot joins late."""
    if place < 2:
        return f"web:e{run}p{place}"
    return f"slack:T1:C1:{run}.{place}00000"


def _event(kind: str, conversation_id: str, tag: str, last: str = "") -> Event:
    number = next(_numbers)
    event_id = f"{conversation_id}:{NOON}.{number}"
    facts = {"event_id": event_id, "conversation_id": conversation_id, "at": NOON, "user": Person(id="p1")}
    if kind == "go on":
        return ContinuationRequested(**facts, target=last)
    if kind == "restart":
        return CommandGiven(**facts, name="restart")
    told = CALL if kind in ("tool", "photo") else "thanks"
    words = f"{tag} quarterly revenue of {tag} exceeded what anybody expected of {number}: {told}, {tag}"
    photo = PhotoRef(source="upload", id=tag) if kind == "photo" else None
    return message(words, conversation_id, event_id, photo=photo)


def _result(need: TurnNeed, tag: str) -> CallResult:
    if need.kind == "photo":
        return CallResult(value={"data_url": f"{PICTURE}{tag}"})
    if need.kind == "slack.replies":
        return CallResult(value={"messages": [{"role": "user", "text": f"said before by {tag}"}]})
    return CallResult(
        value={"outcome": "no_face", "image": {"width": 1, "height": 1}, "faces_found": 0, "tag": tag}
    )


def _run(room: NlpRoom, event: Event, tag: str) -> None:
    """The turn to its end, as the worker does it."""
    results: dict[str, CallResult] = {}
    while isinstance(end := room.turn(event, results=results)[-1], TurnNeed):
        results[end.call_id] = _result(end, tag)


def _answer(asked: dict[str, Any]) -> Play:
    """Repeats the tag that the request is about, summaries included; calls tools where it is told to."""
    messages = json.dumps(asked["messages"])
    tag = next(iter(TAG.findall(messages)), "nobody")
    if CALL in str(asked["messages"][-1]["content"]) and asked.get("tools"):
        calls = [("bird", json.dumps({"name": f"{tag} owl"})), ("look_alike", "{}")]
        return Play([f"I look for {tag}. "], calls)
    return Play([f"An answer for {tag}."])


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
    phases=(Phase.explicit, Phase.generate),  # each turn takes a room's time: a failure is not made smaller
)
@example(turns=LONG)
@given(turns=TURNS)
def test_no_words_of_one_conversation_are_in_anothers_request(
    small_room: NlpRoom, model: OpenAIServer, turns: list[tuple[int, str]]
) -> None:
    run = next(_numbers)
    model.reset()
    model.script([])
    model.made = _answer
    newest: dict[int, str] = {}
    for place, kind in turns:
        tag = f"tag{run}{place}x"
        event = _event(kind, _conversation(run, place), tag, newest.get(place, ""))
        _run(small_room, event, tag)
        newest[place] = event.event_id
    if turns == LONG:
        until(lambda: _summaries(model), "what is old is summarized")
        for place in (0, 1):
            tag = f"tag{run}{place}x"
            _run(small_room, _event("text", _conversation(run, place), tag), tag)
    for asked in model.called(METHOD):
        found = set(TAG.findall(json.dumps(asked["messages"])))
        assert len(found) <= 1, found


def _summaries(model: OpenAIServer) -> list[Any]:
    return [asked for asked in model.called(METHOD) if asked["messages"][0]["content"] == PROMPT]
